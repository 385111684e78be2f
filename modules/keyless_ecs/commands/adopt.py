"""Print the import id of everything that the delivery file describes, and what is imported."""

import argparse

from keyless_ecs.commands import DONE, delivery, flags

HELP = "print the import id of everything that the delivery file describes"
EXAMPLE = "--only papyrus-production"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.config(parser)
    flags.only(parser, "only the stacks whose names match")


def run(options: argparse.Namespace) -> int:
    """Print the table.

    Raises:
        UserError: The file cannot be used.
    """
    stacks = delivery.synthesized(options, delivery.load(options))
    from keyless_ecs.stacks import imports

    print(imports.table((stack.name, stack.text) for stack in stacks), end="")
    return DONE
