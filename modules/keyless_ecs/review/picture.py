"""The picture of a stack in Mermaid, which GitHub draws: what runs, and who may touch it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from keyless_ecs.review import parts
from keyless_ecs.review.facts import fact
from keyless_ecs.review.graph import Resource, resources

_SHAPES = {
    "aws_ecr_repository": ("[(", ")]"),
    "aws_iam_role": ("([", "])"),
    "github_repository_environment": ("{{", "}}"),
}
_SHOWN = {
    *_SHAPES,
    "aws_cloudwatch_log_group",
    "aws_ecs_cluster",
    "aws_ecs_service",
    "aws_ecs_task_definition",
    "aws_iam_openid_connect_provider",
    "aws_lb",
    "aws_lb_target_group",
    "aws_security_group",
    "aws_vpc",
}
"""What is a thing of its own. Rules, policies and variables belong to one, and are its lines."""


def mermaid(stack: Mapping[str, Any]) -> list[str]:
    """Return the lines of the picture; none for a stack of which there is nothing to see.

    Args:
        stack: The content of a ``cdk.tf.json``.
    """
    found = resources(stack)
    owners = parts.owners(found)
    shown = {each.address for each in found if each.type in _SHOWN and not each.is_data}
    if len(shown) < 2:
        return []
    lines = ["flowchart LR"]
    for part in parts.PARTS:
        members = [each for each in found if each.address in shown and part == _part(each, owners)]
        if members:
            lines += [
                f'  subgraph {_id(part.title)}["{part.title}"]',
                *map(_node, members),
                "  end",
            ]
    return [*lines, *_lines(found, shown, owners)]


def _part(resource: Resource, owners: Mapping[str, str]) -> parts.Part:
    return parts.part(resource.address, owners)


def _node(resource: Resource) -> str:
    begin, end = _SHAPES.get(resource.type, ("[", "]"))
    return f'    {_id(resource.address)}{begin}"{fact(resource.type).what}<br>{resource.name}"{end}'


def _lines(found: Sequence[Resource], shown: set[str], owners: Mapping[str, str]) -> Iterator[str]:
    """Yield what takes something from what: itself, or by what belongs to it."""
    lines: dict[tuple[str, str], str] = {}
    for resource in found:
        taker: str | None = resource.address
        while taker is not None and taker not in shown:
            taker = owners.get(taker)
        line = "-->" if taker == resource.address else "-.->"
        for end in resource.references:
            if taker is not None and end in shown - {taker} and lines.get((taker, end)) != "-->":
                lines[taker, end] = line
    yield from (f"  {_id(one)} {line} {_id(other)}" for (one, other), line in sorted(lines.items()))


def _id(text: str) -> str:
    return re.sub(r"\W", "_", text)
