"""Print who gets into each role of the pipeline, and the tokens that were tried.

Exits 1 where one fares otherwise than it should.
"""

import argparse
import fnmatch

from keyless_ecs.commands import DIFFERENT, DONE, delivery, flags
from keyless_ecs.errors import UserError

HELP = "print who gets into each role, tried with tokens that must and must not"
EXAMPLE = "--only 'papyrus-*'"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.config(parser)
    flags.only(parser, "only the roles of the stacks whose names match")


def run(options: argparse.Namespace) -> int:
    """Print the report.

    Raises:
        UserError: The file cannot be used, or ``--only`` names no role.
    """
    file = delivery.load(options)
    from keyless_ecs.trust import report

    deliveries = list(file.deliveries())
    if options.only:
        deliveries = [d for d in deliveries if fnmatch.fnmatchcase(d.stack, options.only)]
        if not deliveries:
            raise UserError(f"--only {options.only}: no such stack has a role of the pipeline")
    text, as_expected = report.report(deliveries, file.deliveries())
    print(text, end="")
    return DONE if as_expected else DIFFERENT
