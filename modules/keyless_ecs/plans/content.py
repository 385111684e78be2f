"""A stack's JSON, read as Terraform reads it: its resources, and what their arguments come to."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from keyless_ecs.config.aws import partition_of

Content = Mapping[str, Any]

_REFERENCE = re.compile(r"(?<![\w.-])((?:aws|github)_\w+\.[\w-]+)\.(\w+)")
_LOCAL = re.compile(r"(?<![\w.-])local\.([\w-]+)")
_DEPTH = 20
"""Of locals in locals and references to references: more is a circle, which Terraform refuses."""


def resources(content: Content) -> dict[str, Content]:
    """Return the arguments of every resource, by its address."""
    return {
        f"{type_}.{name}": arguments
        for type_, named in content.get("resource", {}).items()
        for name, arguments in named.items()
    }


def provider(content: Content, name: str) -> Content:
    """Return the settings of the provider *name*, none where the stack has no such provider."""
    settings = content.get("provider", {}).get(name, {})
    first: Content = settings[0] if isinstance(settings, list) and settings else settings or {}
    return first


def account_id(content: Content) -> str:
    """Return the account that the stack's AWS provider works in."""
    return ", ".join(provider(content, "aws").get("allowed_account_ids", ()))


def type_of(address: str) -> str:
    """Return the type of the resource at *address*."""
    return address.partition(".")[0]


def value_of(argument: Any, content: Content) -> Any:
    """Return what an *argument* comes to, as far as the JSON says it.

    References to arguments of other resources and to locals are followed; what AWS computes stays
    a reference. A block may stand as a list of one, and lists have no order: that of most is none,
    and a change of order alone replaces nothing that runs.
    """
    return _value(argument, content, _DEPTH)


def computed(argument: Any, content: Content) -> set[str]:
    """Return the addresses whose computed attributes an *argument* names."""
    made = resources(content)
    return {
        address
        for address, attribute in _REFERENCE.findall(json.dumps(argument))
        if attribute not in made.get(address, {})
    }


def _value(value: Any, content: Content, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {key: _value(below, content, depth) for key, below in value.items()}
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], Mapping):
            return _value(value[0], content, depth)
        return sorted((_value(below, content, depth) for below in value), key=repr)
    if not (isinstance(value, str) and "${" in value and depth):
        return value
    whole = _REFERENCE.fullmatch(value.removeprefix("${").removesuffix("}"))
    if whole and (known := _attribute(whole[1], whole[2], content)) is not None:
        return _value(known, content, depth - 1)

    def local(match: re.Match[str]) -> str:
        known = content.get("locals", {}).get(match[1])
        if known is None:
            return match[0]
        return json.dumps(_value(known, content, depth - 1), sort_keys=True)

    def reference(match: re.Match[str]) -> str:
        known = _attribute(match[1], match[2], content)
        return match[0] if known is None else str(_value(known, content, depth - 1))

    return _REFERENCE.sub(reference, _LOCAL.sub(local, value))


def _attribute(address: str, attribute: str, content: Content) -> Any:
    """Return an attribute that the JSON says, or that follows from what it says; else None."""
    arguments = resources(content).get(address, {})
    if attribute in arguments:
        return arguments[attribute]
    compute = _COMPUTED.get((type_of(address), attribute))
    return compute(arguments, content) if compute and "name" in arguments else None


def _cluster_arn(cluster: Content, content: Content) -> str:
    region = provider(content, "aws").get("region", "")
    name = cluster["name"]
    return f"arn:{partition_of(region)}:ecs:{region}:{account_id(content)}:cluster/{name}"


_COMPUTED: Mapping[tuple[str, str], Callable[[Content, Content], str]] = {
    ("aws_ecs_cluster", "arn"): _cluster_arn,
}
"""ARNs that follow from a name: one environment may name by its ARN what another one makes."""
