"""Print who gets into each role of the pipeline, and the tokens that were tried.

Exits 1 where one fares otherwise than it should.
"""

import argparse
import fnmatch
from collections.abc import Iterator
from typing import TYPE_CHECKING

from keyless_ecs.commands import DIFFERENT, DONE, delivery, flags
from keyless_ecs.errors import UserError

if TYPE_CHECKING:
    from keyless_ecs.config import Delivery
    from keyless_ecs.config.problems import Found

HELP = "print who gets into each role, tried with tokens that must and must not"
EXAMPLE = "--only 'papyrus-*'"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.config(parser)
    flags.only(parser, "only the roles of the stacks whose names match")


def run(options: argparse.Namespace) -> int:
    """Print the report.

    Raises:
        UserError: The file cannot be used, IAM would not take a role, or ``--only`` names none.
    """
    file = delivery.load(options)
    from keyless_ecs.config import located
    from keyless_ecs.trust import report

    deliveries = list(file.deliveries())
    if options.only:
        deliveries = [d for d in deliveries if fnmatch.fnmatchcase(d.stack, options.only)]
        if not deliveries:
            raise UserError(f"--only {options.only}: no such stack has a role of the pipeline")
    refused = [found for each in deliveries for found in _refused(each)]
    if refused:
        raise located(options.config, refused)
    text, as_expected = report.report(deliveries, file.deliveries())
    print(text, end="")
    return DONE if as_expected else DIFFERENT


def _refused(delivery: "Delivery") -> "Iterator[Found]":
    """Yield what IAM refuses of the roles: nobody gets into one that cannot be made."""
    from keyless_ecs.stacks import limits
    from keyless_ecs.trust.job_role import roles_of
    from keyless_ecs.trust.policy import trust_policy

    policies = {role.name: trust_policy(role) for role in roles_of(delivery)}
    yield from limits.of_trust_policies(delivery, policies)
