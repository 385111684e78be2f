"""Stops that no resource's replacement shows: two values that do not follow each other.

A rule is a function of its own; it says what would happen, and where that is documented.
"""

from collections.abc import Callable, Iterator

from keyless_ecs.config.shown import shown
from keyless_ecs.plans.content import StackJson
from keyless_ecs.plans.stop import Stop

Rule = Callable[[str, StackJson, StackJson], Iterator[Stop]]
"""Takes the name of a stack, the JSON that stands there and the one that would."""


def _family(stack: str, old: StackJson, new: StackJson) -> Iterator[Stop]:
    """A family cannot be renamed: its revisions stay where they are, and a roll-back needs them.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
    """
    address = "aws_ecs_task_definition.task"
    was, now = (it.resources.get(address, {}).get("family") for it in (old, new))
    if was and now and was != now:
        yield Stop(
            stack,
            address,
            f"family of {address} changes from {shown(was)} to {shown(now)}",
            "begin another family: the pipeline may register and run revisions of that one alone, "
            "and no roll-back reaches those of the old one",
            f"keep it with task: {{family: {was}}}",
        )


RULES: tuple[Rule, ...] = (_family,)
