"""A stack's JSON, read as Terraform reads it: its resources, and what their arguments come to."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from keyless_ecs.config.regions import partition_of

Content = Mapping[str, Any]

_REFERENCE = re.compile(r"(?<![\w.-])((?:aws|github)_\w+\.[\w-]+)\.(\w+)")
_LOCAL = re.compile(r"(?<![\w.-])local\.([\w-]+)")
_DEPTH = 20
"""Of locals in locals and references to references: more is a circle, which Terraform refuses."""


class StackJson:
    """The JSON of a stack.

    Raises:
        ValueError: It has not the form of a stack.
    """

    def __init__(self, content: Content) -> None:
        self.content = content
        for kind in ("resource", "locals", "provider"):
            _require(content.get(kind, {}), Mapping)
        for named in content.get("resource", {}).values():
            _require(named, Mapping)
            for arguments in named.values():
                _require(arguments, Mapping)
        for kind, keys in (("moved", ("from", "to")), ("removed", ("from",))):
            _require(content.get(kind, []), list)
            for block in content.get(kind, []):
                _require(block, Mapping)
                for key in keys:
                    _require(block.get(key), str)

    @cached_property
    def resources(self) -> dict[str, Content]:
        """The arguments of every resource, by its address."""
        return {
            f"{type_}.{name}": arguments
            for type_, named in self.content.get("resource", {}).items()
            for name, arguments in named.items()
        }

    def provider(self, name: str) -> Content:
        """Return the settings of the provider *name*, none where the stack has no such provider."""
        return _block(self.content.get("provider", {}).get(name))

    @property
    def region(self) -> str | None:
        """The region that the stack's AWS provider works in."""
        return self.provider("aws").get("region")

    @property
    def account_id(self) -> str:
        """The account that the stack's AWS provider works in."""
        return ", ".join(self.provider("aws").get("allowed_account_ids", ()))

    def value_of(self, argument: Any) -> Any:
        """Return what an *argument* comes to, as far as the JSON says it.

        References to arguments of other resources and to locals are followed; what AWS computes
        stays a reference. A block may stand as a list of one. Lists have no order: that of most is
        none to AWS, and another order alone replaces nothing that matters.
        """
        return self._value(argument, _DEPTH)

    def computed(self, argument: Any) -> set[str]:
        """Return the addresses whose computed attributes an *argument* names."""
        return {
            address
            for address, attribute in _REFERENCE.findall(json.dumps(argument))
            if attribute not in self.resources.get(address, {})
        }

    def _value(self, value: Any, depth: int) -> Any:
        if isinstance(value, Mapping):
            return {key: self._value(below, depth) for key, below in value.items()}
        if isinstance(value, list):
            if len(value) == 1 and isinstance(value[0], Mapping):
                return self._value(value[0], depth)
            return sorted((self._value(below, depth) for below in value), key=repr)
        if not (isinstance(value, str) and "${" in value and depth):
            return value
        whole = _REFERENCE.fullmatch(value.removeprefix("${").removesuffix("}"))
        if whole and (known := self._attribute(whole[1], whole[2])) is not None:
            return self._value(known, depth - 1)

        def local(match: re.Match[str]) -> str:
            known = self.content.get("locals", {}).get(match[1])
            if known is None:
                return match[0]
            return json.dumps(self._value(known, depth - 1), sort_keys=True)

        def reference(match: re.Match[str]) -> str:
            known = self._attribute(match[1], match[2])
            return match[0] if known is None else str(self._value(known, depth - 1))

        return _REFERENCE.sub(reference, _LOCAL.sub(local, value))

    def _attribute(self, address: str, attribute: str) -> Any:
        """Return an attribute that the JSON says, or that follows from what it says; else None."""
        arguments = self.resources.get(address, {})
        if attribute in arguments:
            return arguments[attribute]
        compute = _COMPUTED.get((type_of(address), attribute))
        return compute(arguments, self) if compute and "name" in arguments else None


def type_of(address: str) -> str:
    """Return the type of the resource at *address*."""
    return address.partition(".")[0]


def lifecycle(arguments: Content) -> Content:
    """Return the ``lifecycle`` block of a resource, be it empty."""
    return _block(arguments.get("lifecycle"))


def argument(arguments: Content, path: str) -> Any:
    """Return an argument, or with ``block.argument`` one of a block; None where it is not there."""
    block, _, name = path.partition(".")
    value = arguments.get(block)
    return _block(value).get(name) if name else value


def _block(value: Any) -> Content:
    """Return a block, which JSON may write as a list of one."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, Mapping) else {}


def _require(value: Any, kind: type) -> None:
    if not isinstance(value, kind):
        raise ValueError(f"is no {kind.__name__}")


def _cluster_arn(cluster: Content, stack: StackJson) -> str:
    region = stack.region or ""
    where = f"arn:{partition_of(region)}:ecs:{region}:{stack.account_id}"
    return f"{where}:cluster/{cluster['name']}"


_COMPUTED: Mapping[tuple[str, str], Callable[[Content, StackJson], str]] = {
    ("aws_ecs_cluster", "arn"): _cluster_arn,
}
"""ARNs that follow from a name: one environment may name by its ARN what another one makes."""
