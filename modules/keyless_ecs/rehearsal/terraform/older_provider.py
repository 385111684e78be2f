"""Fits a stack to a provider older than the one it was written for.

What the older schema lacks is mapped to what did the same before, or removed; each is listed, so
that a rehearsal says what it did not exercise.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Content = dict[str, Any]
Schema = Mapping[str, Any]
Convert = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes the arguments that it understands out of an element, and returns those of the other."""
META = frozenset({"count", "depends_on", "for_each", "lifecycle", "provider"})
"""Arguments of Terraform itself, which no provider's schema lists."""


class CannotFitError(Exception):
    """A stack refers to what the older provider lacks."""


@dataclass(frozen=True)
class Difference:
    """What the working copy has otherwise than the generated stack.

    Args:
        address: The resource, data source or output.
        what: The argument, or empty where all of it.
        why: What became of it.
    """

    address: str
    what: str
    why: str


def fit(
    content: Mapping[str, Any], schema: Schema, version: str
) -> tuple[Content, list[Difference]]:
    """Return a stack that the provider of *schema* takes, and how it differs from *content*.

    Args:
        content: A stack's ``cdk.tf.json``.
        schema: What ``terraform providers schema -json`` says of the provider.
        version: The provider's version, for the words.

    Raises:
        CannotFitError: What must go is referred to by what stays.
    """
    fitted, found = copy.deepcopy(dict(content)), list[Difference]()
    known = {"resource": schema["resource_schemas"], "data": schema["data_source_schemas"]}
    for kind, prefix, type_ in _types(fitted):
        if type_ in known[kind] or not type_.startswith("aws_"):
            continue
        elements = fitted[kind].pop(type_)
        if mapping := _MAPPINGS.get((kind, type_)):
            new_type, convert = mapping
            there = fitted[kind].setdefault(new_type, {})
            for name, element in elements.items():
                if name in there:
                    raise CannotFitError(f"{type_}.{name} cannot be {new_type}.{name} as well")
                there[name] = _converted(element, convert, f"{type_}.{name}")
            fitted = _renamed(fitted, f"{prefix}{type_}.", f"{prefix}{new_type}.")
            why = f"as {prefix}{new_type}: {version} has no {type_}"
        else:
            why = f"left out: {version} has none"
        found += [Difference(f"{prefix}{type_}.{name}", "", why) for name in elements]
        if not mapping:
            for name in elements:
                fitted, dropped = _without(fitted, f"{prefix}{type_}.{name}")
                found += [Difference(address, "", f"needs {type_}") for address in dropped]
    for kind, prefix, type_ in _types(fitted):
        if type_ not in known[kind]:
            continue
        block = known[kind][type_]["block"]
        for name, element in fitted[kind][type_].items():
            address = f"{prefix}{type_}.{name}"
            for path in _strip(element, block, META):
                found.append(Difference(address, path, f"left out: {version} has none"))
                for argument, value in _WITHOUT.get((type_, path), {}).items():
                    element[argument] = value
                    found.append(Difference(address, argument, f"{value}: it goes by {path}"))
            for argument, value in _REQUIRED.get(type_, {}).items():
                asked = block.get("attributes", {}).get(argument, {})
                if asked.get("required") and argument not in element:
                    element[argument] = value
                    found.append(Difference(address, argument, f"added: {version} requires it"))
            ignored = element.get("lifecycle", {}).get("ignore_changes", [])
            if ignored != "all":
                arguments = {**block.get("attributes", {}), **_blocks(block)}
                ignored[:] = [argument for argument in ignored if _root(argument) in arguments]
    return {key: value for key, value in fitted.items() if value}, found


def _converted(element: Mapping[str, Any], convert: Convert, address: str) -> dict[str, Any]:
    """Return what *convert* makes of an element, if it makes something of each argument."""
    rest = dict(element)
    meta = {argument: rest.pop(argument) for argument in META & set(rest)}
    try:
        made = convert(rest)
    except (LookupError, ValueError) as error:
        raise CannotFitError(f"{address} has no counterpart: {error!r}") from None
    if rest:
        raise CannotFitError(f"{address} has no counterpart for {', '.join(sorted(rest))}")
    return {**made, **meta}


def _root(path: str) -> str:
    """Return the argument at which a path such as ``network[0].subnets`` begins."""
    return re.split(r"[.\[]", path)[0]


def _blocks(block: Schema) -> Mapping[str, Any]:
    found: Mapping[str, Any] = block.get("block_types", {})
    return found


def _types(content: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return every type: resource or data, what stands before it in an address, its name."""
    return [
        (kind, prefix, type_)
        for kind, prefix in (("resource", ""), ("data", "data."))
        for type_ in sorted(content.get(kind, {}))
    ]


def _strip(
    element: dict[str, Any], block: Schema, also: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Remove the arguments that *block* does not know, and yield their paths."""
    blocks = _blocks(block)
    for argument in sorted(element):
        if argument in also or argument in block.get("attributes", {}):
            continue
        if argument not in blocks:
            del element[argument]
            yield argument
            continue
        value = element[argument]
        for inner in value if isinstance(value, list) else [value]:
            for path in _strip(inner, blocks[argument]["block"]):
                yield f"{argument}.{path}"


def _renamed(content: Content, old: str, new: str) -> Content:
    """Return *content* with what refers to *old* referring to *new*."""
    text = re.sub(rf"(?<![\w.]){re.escape(old)}", new, json.dumps(content))
    return dict(json.loads(text))


def _without(content: Content, address: str) -> tuple[Content, list[str]]:
    """Return *content* without what waits for *address* or shows it, and the outputs that went."""
    refers = re.compile(rf"(?<![\w.]){re.escape(address)}(?![\w-])")
    for kind, _, type_ in _types(content):
        for element in content[kind][type_].values():
            waits = [other for other in element.pop("depends_on", []) if other != address]
            if waits:
                element["depends_on"] = waits
    for kind in {"import", "moved"} & set(content):
        content[kind] = [block for block in content[kind] if block["to"] != address]
    outputs = content.get("output", {})
    dropped = [name for name, output in outputs.items() if refers.search(json.dumps(output))]
    for name in dropped:
        del outputs[name]
    for part in ("data", "locals", "resource"):
        if refers.search(json.dumps(content.get(part, {}))):
            raise CannotFitError(f"{address} cannot be left out: {part} refers to it")
    return content, [f"output.{name}" for name in dropped]


def _subnet_ids(element: dict[str, Any]) -> dict[str, Any]:
    """``aws_subnet_ids`` wants the VPC as an argument of its own."""
    filters = element.pop("filter")
    (vpc,) = [f["values"][0] for f in filters if f["name"] == "vpc-id"]
    return {"vpc_id": vpc, "filter": [f for f in filters if f["name"] != "vpc-id"]}


def _rule(type_: str) -> Convert:
    """Return what makes an ``aws_security_group_rule`` of one direction."""

    def convert(element: dict[str, Any]) -> dict[str, Any]:
        every = element["ip_protocol"] == "-1"
        ports = {port: element.pop(port, 0) for port in ("from_port", "to_port")}
        group = element.pop("referenced_security_group_id", None)
        blocks = {
            "cidr_blocks": element.pop("cidr_ipv4", None),
            "ipv6_cidr_blocks": element.pop("cidr_ipv6", None),
        }
        return {
            "type": type_,
            "security_group_id": element.pop("security_group_id"),
            "description": element.pop("description"),
            "protocol": element.pop("ip_protocol"),
            **(dict.fromkeys(ports, 0) if every else ports),
            **({"source_security_group_id": group} if group else {}),
            **{argument: [block] for argument, block in blocks.items() if block},
        }

    return convert


_RULE = "aws_security_group_rule"
_MAPPINGS: Mapping[tuple[str, str], tuple[str, Convert]] = {
    ("data", "aws_subnets"): ("aws_subnet_ids", _subnet_ids),
    ("resource", "aws_vpc_security_group_egress_rule"): (_RULE, _rule("egress")),
    ("resource", "aws_vpc_security_group_ingress_rule"): (_RULE, _rule("ingress")),
}
"""What did the same before: its type, and how the arguments become its own."""

_WITHOUT: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("aws_ecr_repository", "image_tag_mutability_exclusion_filter"): {
        "image_tag_mutability": "MUTABLE"
    },
}
"""What else is otherwise where an argument is left out."""

_REQUIRED: Mapping[str, Mapping[str, Any]] = {
    # AWS itself has not needed a thumbprint of GitHub since 2023.
    "aws_iam_openid_connect_provider": {"thumbprint_list": ["0" * 40]},
}
"""What an older provider requires and the stacks leave out."""
