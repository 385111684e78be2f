"""A finished stack, with the values that its expressions will have, as far as they are known."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from keyless_ecs.config.regions import Partition, partition_of

UNKNOWN = "0123456789"
"""Stands for what Terraform looks up or AWS chooses. GitHub's ids have ten digits by now, and with
them a document is counted no shorter than it will be."""

_EXPRESSION = re.compile(r"(?<!\$)\$\{((?:[^{}]|\{[^{}]*\})*)\}")
_DOCUMENT = re.compile(r"\$\{jsonencode\(local\.([\w-]+)\)\}")
_ARGUMENT = re.compile(r"([\w-]+)\.([\w-]+)\.(\w+)")
_AS_GO_WRITES = str.maketrans({"&": "\\u0026", "<": "\\u003c", ">": "\\u003e"})


class Finished:
    """The JSON of a stack, *content*, as Terraform will read it."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content
        self._documents: dict[str, str] = {}
        (provider,) = content["provider"]["aws"]
        self.region: str = provider["region"]
        (self.account_id,) = provider["allowed_account_ids"]
        (default,) = provider.get("default_tags", [{}])
        self.default_tags: Mapping[str, str] = {
            self.read(key): self.read(value) for key, value in default.get("tags", {}).items()
        }

    @property
    def partition(self) -> Partition:
        """The partition of the stack's region."""
        return partition_of(self.region)

    def resources(self, *types: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the address and the arguments of each resource of these types, or of all."""
        resources = self._content.get("resource", {})
        for type_ in types or sorted(resources):
            for name, arguments in resources.get(type_, {}).items():
                yield f"{type_}.{name}", arguments

    def values(self, arguments: Any, path: str) -> Iterator[Any]:
        """Yield what stands at *path* of a resource's arguments, with dots between the keys.

        Blocks are looked into whether they stand in a list or alone. ``[]`` at the end stands for
        each entry of a list. What is not known yet is left out.
        """
        key, _, below = path.partition(".")
        each = key.endswith("[]")
        value = arguments.get(key.removesuffix("[]")) if isinstance(arguments, Mapping) else None
        if below:
            for block in value if isinstance(value, list) else [value]:
                yield from self.values(block, below)
            return
        for found in value if each and isinstance(value, list) else [value]:
            known = self.read(found)
            if known is not None:
                yield known

    def read(self, value: Any) -> Any:
        """Return *value* as it will be, None where nothing of it is known.

        A document becomes the text in which Terraform sends it.
        """
        if not isinstance(value, str):
            return value
        if document := _DOCUMENT.fullmatch(value):
            if document[1] not in self._documents:
                self._documents[document[1]] = self._text(self._content["locals"][document[1]])
            return self._documents[document[1]]
        alone = _EXPRESSION.fullmatch(value)
        if alone and self._evaluated(alone[1]) is None:
            return None
        text = _EXPRESSION.sub(lambda found: str(self._evaluated(found[1]) or UNKNOWN), value)
        return text.replace("$${", "${").replace("%%{", "%{")

    def strings(self, arguments: Mapping[str, Any], path: str) -> Iterator[str]:
        """Yield each text of the document that stands at *path* of a resource's arguments."""
        document = _DOCUMENT.fullmatch(str(arguments.get(path)))
        if document:
            yield from _leaves(self._read_all(self._content["locals"][document[1]]))

    def _text(self, document: Any) -> str:
        text = json.dumps(self._read_all(document), separators=(",", ":"), ensure_ascii=False)
        return text.translate(_AS_GO_WRITES)

    def _read_all(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._read_all(below) for key, below in value.items()}
        if isinstance(value, list):
            return [self._read_all(below) for below in value]
        known = self.read(value)
        return UNKNOWN if known is None and value is not None else known

    def _evaluated(self, code: str) -> Any:
        """Return what an expression stands for, where another argument of the stack says it."""
        argument = _ARGUMENT.fullmatch(code)
        if argument is None:
            return None
        type_, name, key = argument.groups()
        resource = self._content.get("resource", {}).get(type_, {}).get(name, {})
        return self.read(resource.get(key))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for below in value:
            yield from _leaves(below)
    elif isinstance(value, str):
        yield value
