"""Stops that no resource's replacement shows: two values that do not follow each other.

A rule is a function of its own; it says what would happen, and where that is documented.
"""

from collections.abc import Callable, Iterator

from keyless_ecs.config.shown import shown
from keyless_ecs.plans import serving
from keyless_ecs.plans.content import StackJson, lifecycle
from keyless_ecs.plans.stop import Stop

Rule = Callable[[str, StackJson, StackJson], Iterator[Stop]]
"""Takes the name of a stack, the JSON that stands there and the one that would."""


def _family(stack: str, old: StackJson, new: StackJson) -> Iterator[Stop]:
    """A family cannot be renamed: its revisions stay where they are, and a roll-back needs them.

    Which one the pipeline deploys is what it is told, whoever registers its revisions.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
    """
    (_, was), (address, now) = (_told(it, "ECS_TASK_FAMILY") for it in (old, new))
    if was and now and was != now:
        yield Stop(
            stack,
            address,
            f"the family of task definitions changes from {shown(was)} to {shown(now)}",
            "have the pipeline register and run revisions of that one alone: no roll-back reaches "
            "those of the old one",
            f"keep it with task: {{family: {was}}} in the environment",
        )


def _told(stack: StackJson, variable: str) -> tuple[str, str | None]:
    """Return the address of what tells the pipeline a *variable*, and its value."""
    for address, arguments in stack.resources.items():
        if arguments.get("variable_name", arguments.get("secret_name")) == variable:
            value = arguments.get("value", arguments.get("plaintext_value"))
            return address, stack.value_of(value)
    return "", None


def _audiences(stack: str, old: StackJson, new: StackJson) -> Iterator[Stop]:
    """While a provider is adopted its audiences are let alone; afterwards they are what is said.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html
    """
    address, argument = "aws_iam_openid_connect_provider.github_oidc", "client_id_list"
    was, now = (it.resources.get(address, {}) for it in (old, new))
    before, after = (argument in lifecycle(it).get("ignore_changes", ()) for it in (was, now))
    if before and not after and argument in now:
        yield Stop(
            stack,
            address,
            f"{argument} of {address} is no longer left as it is",
            f"remove every audience but {', '.join(now[argument])}: jobs that ask for another "
            "one get in no more",
            "name the others in audiences of the account: aws iam "
            "get-open-id-connect-provider lists them; or leave it at oidc_provider: adopt",
        )


RULES: tuple[Rule, ...] = (
    _audiences,
    _family,
    serving.back_to_rolling,
    serving.bounds_of_schedules,
    serving.capacity_unforced,
    serving.first_port,
    serving.port,
    serving.scaling_off,
)
