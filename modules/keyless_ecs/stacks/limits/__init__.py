"""What AWS and GitHub refuse of one value or of one document, looked for in the finished JSON.

So it finds what was typed and what was derived, and what is built later as well.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from keyless_ecs.config.account import Account
from keyless_ecs.config.checks.rule import at
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.problems import Found, Location
from keyless_ecs.stacks.limits.arguments import unfit_arguments
from keyless_ecs.stacks.limits.arns import unfit_arns
from keyless_ecs.stacks.limits.counts import unfit_counts
from keyless_ecs.stacks.limits.documents import unfit_documents
from keyless_ecs.stacks.limits.finished import Finished
from keyless_ecs.stacks.limits.origin import Origin
from keyless_ecs.stacks.limits.tags import unfit_tags

__all__ = ["of_account", "of_delivery", "of_trust_policies"]


def of_delivery(stack: Mapping[str, Any], delivery: Delivery) -> Iterator[Found]:
    """Yield what is refused of a delivery's finished *stack*."""
    account: Location = ("accounts", str(delivery.environment.account))
    origin = Origin(
        at(delivery),
        [*delivery.levels, (account, delivery.account), (("github",), delivery.github)],
    )
    yield from _refused(stack, delivery.account, origin)


def of_account(stack: Mapping[str, Any], key: str, account: Account) -> Iterator[Found]:
    """Yield what is refused of the finished *stack* of the account under *key*."""
    here: Location = ("accounts", key)
    yield from _refused(stack, account, Origin(here, [(here, account)]))


def of_trust_policies(
    delivery: Delivery, policies: Mapping[str, Mapping[str, Any]]
) -> Iterator[Found]:
    """Yield what is refused of the trust *policies* of a delivery's roles, before there is a stack.

    The policies stand by the names of the roles.
    """
    names = {name: f"role_{position}" for position, name in enumerate(policies, 1)}
    roles = {
        names[name]: {"name": name, "assume_role_policy": f"${{jsonencode(local.{names[name]})}}"}
        for name in policies
    }
    stack = {
        "provider": {
            "aws": [{"region": delivery.region, "allowed_account_ids": [delivery.account.id]}]
        },
        "locals": {names[name]: policy for name, policy in policies.items()},
        "resource": {"aws_iam_role": roles},
    }
    for location, message in of_delivery(stack, delivery):
        for name, stand_in in names.items():
            message = message.replace(f"aws_iam_role.{stand_in}", f"the role {name}")
        yield location, message


def _refused(content: Mapping[str, Any], account: Account, origin: Origin) -> Iterator[Found]:
    stack = Finished(content)
    for unfit in (
        *unfit_arguments(stack),
        *unfit_documents(stack, account.quotas),
        *unfit_arns(stack),
        *unfit_tags(stack, account.tag_keys),
        *unfit_counts(stack),
    ):
        yield origin.of(unfit.values), unfit.message
