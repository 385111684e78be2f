"""The picture of a stack in Mermaid, which GitHub draws: what runs, and who may touch it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
    shown = [each for each in found if each.type in _SHOWN and not each.is_data]
    if len(shown) < 2:
        return []
    return ["flowchart LR", *map(_node, shown), *_lines(found, {each.address for each in shown})]


def _node(resource: Resource) -> str:
    begin, end = _SHAPES.get(resource.type, ("[", "]"))
    return f'  {_id(resource.address)}{begin}"{fact(resource.type).what}<br>{resource.name}"{end}'


def _lines(found: Sequence[Resource], shown: set[str]) -> Iterator[str]:
    """Yield what takes something from what: itself, or by what belongs to it."""
    lines: dict[tuple[str, str], str] = {}
    for resource in found:
        ends = [each for each in resource.references if each in shown]
        if resource.address in shown:
            for end in ends:
                lines[resource.address, end] = "-->"
        elif ends:
            # A variable is the environment's, and tells it of what it names.
            owner = next((each for each in ends if each.startswith("github_")), ends[0])
            for end in ends:
                if end != owner and not end.startswith("github_"):
                    lines.setdefault((owner, end), "-.->")
    yield from (f"  {_id(one)} {line} {_id(other)}" for (one, other), line in sorted(lines.items()))


def _id(address: str) -> str:
    return address.replace(".", "_").replace("-", "_")
