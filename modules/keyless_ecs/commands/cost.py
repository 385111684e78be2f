"""Say what the stacks bill: in words, for prices differ by region and contract."""

import argparse
import json

from keyless_ecs.commands import DONE, delivery, flags

HELP = "say what the stacks bill, in words"
EXAMPLE = "--config delivery.yaml --only 'papyrus-*'"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.config(parser)
    flags.only(parser, "only the stacks whose names match")
    flags.json(parser)


def run(options: argparse.Namespace) -> int:
    """Print a line for each resource that bills something.

    Raises:
        UserError: The file cannot be used, or ``--only`` names no stack.
    """
    stacks = delivery.synthesized(options, delivery.load(options))
    from keyless_ecs.review.cost import bills
    from keyless_ecs.review.facts import NOT_IN_A_STACK

    billed = {stack.name: dict(bills(json.loads(stack.text))) for stack in stacks}
    if options.json:
        print(json.dumps(billed))
        return DONE
    for name, found in billed.items():
        print(name if found else f"{name}: nothing")
        for address, said in found.items():
            print(f"  {address}: {said}")
    print(NOT_IN_A_STACK)
    return DONE
