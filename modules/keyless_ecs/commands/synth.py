"""Write the stacks, the workflows and what stands beside them: whole or not at all."""

import argparse
import sys

from keyless_ecs.commands import DONE, delivery, flags

HELP = "write generated/ from the delivery file (the default)"
EXAMPLE = "--config delivery.yaml --only 'papyrus-*'"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.config(parser)
    flags.out(parser, "where to write")
    flags.only(parser, "only the stacks whose names match; the others stay as they are")
    flags.force(parser)
    flags.accept(parser)
    parser.add_argument(
        "--move-state",
        action="store_true",
        help="write even where a stack's state would be in another place than before",
    )


def run(options: argparse.Namespace) -> int:
    """Write, and say what was written where.

    Raises:
        UserError: The file, the folder or a state is not fit for it; nothing was written.
    """
    file = delivery.load(options)
    stacks = delivery.synthesized(options, file)
    change = delivery.compared(options, file, stacks)
    stays = change.apply(move_state=options.move_state, accept=options.accept)
    width = max(len(stack.name) for stack in stacks)
    for stack in stacks:
        counted = "1 resource" if stack.resources == 1 else f"{stack.resources} resources"
        print(f"{stack.name:{width}}  {counted:>13}  {options.out / stack.path}")
    formers = {move.former for move in change.moves}
    for path in change.leaving:
        if path not in stays and path not in formers:
            print(f"removed {options.out / path}: it left {options.config}", file=sys.stderr)
    for line in stays.values():
        print(line, file=sys.stderr)
    for move in change.moves:
        for step in move.steps(options.out):
            print(f"next: {step}", file=sys.stderr)
    return DONE
