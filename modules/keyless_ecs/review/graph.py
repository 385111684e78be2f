"""What a stack's Terraform JSON holds, and what refers to what."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# An escaped interpolation is text; one pair of braces may stand inside an expression.
_INTERPOLATION = re.compile(r"\$\$\{|%%\{|[$%]\{((?:[^{}]|\{[^{}]*\})*)\}")
_REFERENCE = re.compile(r"(?<![\w.])(?:data\.)?[a-z]\w*\.[A-Za-z_][\w-]*")
_BARE = ("depends_on", "replace_triggered_by")
"""Arguments whose texts are references without ``${``."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource or data source of a stack.

    *references* are the addresses in the same stack whose values it takes, in the order in which
    its JSON names them.
    """

    address: str
    type: str
    references: list[str]

    @property
    def name(self) -> str:
        """The last part of the address."""
        return self.address.rpartition(".")[2]

    @property
    def is_data(self) -> bool:
        """Whether Terraform only looks it up."""
        return self.address.startswith("data.")


def resources(stack: Mapping[str, Any]) -> list[Resource]:
    """Return every resource and data source of a stack, sorted by address.

    What a resource takes from a local counts as its own reference. A data source that is read for
    its postcondition alone is left out: nothing takes anything of it.

    Args:
        stack: The content of a ``cdk.tf.json``.
    """
    bodies = {
        f"{prefix}{type_}.{name}": (type_, body)
        for block, prefix in (("resource", ""), ("data", "data."))
        for type_, named in stack.get(block, {}).items()
        for name, body in named.items()
    }
    locals_ = stack.get("locals", {})
    found = [
        Resource(
            address,
            type_,
            [
                reference
                for reference in dict.fromkeys(_references(body, locals_, frozenset()))
                if reference in bodies and reference != address
            ],
        )
        for address, (type_, body) in sorted(bodies.items())
    ]
    taken = {reference for resource in found for reference in resource.references}
    return [
        r
        for r in found
        if r.address in taken or "lifecycle" not in bodies[r.address][1] or not r.is_data
    ]


def _references(value: Any, locals_: Mapping[str, Any], inside: frozenset[str]) -> Iterator[str]:
    """Yield what looks like a reference, with those of the locals that *value* takes."""
    for expression in _expressions(value, bare=False):
        for reference in _REFERENCE.findall(expression):
            kind, _, name = reference.partition(".")
            if kind != "local":
                yield reference
            elif name in locals_ and name not in inside:
                yield from _references(locals_[name], locals_, inside | {name})


def _expressions(value: Any, *, bare: bool) -> Iterator[str]:
    if isinstance(value, str):
        yield from [value] if bare else _INTERPOLATION.findall(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _expressions(key, bare=False)
            yield from _expressions(item, bare=key in _BARE)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item, bare=bare)
