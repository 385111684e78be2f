"""Show what is imported, by which id, and what the first apply would change of what there is.

With ``--from`` it compares with the output of AWS's command line, in files, and exits 1 where
something would change; without, it prints the commands that make those files.
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from keyless_ecs.commands import DIFFERENT, DONE, delivery, flags, program

if TYPE_CHECKING:
    from keyless_ecs.config import DeliveryFile
    from keyless_ecs.synthesis.stack import SynthesizedStack

HELP = "print import ids, and what the first apply would change of what is adopted"
EXAMPLE = "--from papyrus-production.service.json papyrus-production.task.json"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.config(parser)
    flags.only(parser, "only the stacks whose names match")
    parser.add_argument(
        "--from",
        dest="found",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="compare with what aws printed: ecs describe-clusters, describe-services and "
        "describe-task-definition, iam get-role and get-open-id-connect-provider",
    )


def run(options: argparse.Namespace) -> int:
    """Print the table and the commands, or with ``--from`` what would change.

    Raises:
        UserError: A file cannot be used.
    """
    # Who asks is about to find out what it must say.
    file = delivery.load(options, lenient=True)
    stacks = delivery.synthesized(options, file)
    if options.found:
        return _compare(options.found, file, stacks)
    from keyless_ecs import adoption
    from keyless_ecs.stacks import imports

    print(imports.table((stack.name, stack.text) for stack in stacks), end="")
    if commands := adoption.commands(file, {stack.name for stack in stacks}, program.called()):
        print("\nWhat the first apply would change of what there is:")
        for line in commands:
            print(f"  {line}")
    return DONE


def _compare(paths: list[Path], file: "DeliveryFile", stacks: "list[SynthesizedStack]") -> int:
    from keyless_ecs import adoption
    from keyless_ecs.errors import UserError
    from keyless_ecs.plans import StackJson

    found = adoption.read(paths)
    contents = {stack.name: StackJson(json.loads(stack.text)) for stack in stacks}
    compared = list(adoption.compared(found, file, contents))
    if not compared:
        raise UserError(
            "nothing in these files is what the delivery file describes: look at the names and "
            "regions in the table that python main.py adopt prints"
        )
    print("\n\n".join(adoption.report(compared)))
    return DIFFERENT if any(it.differences for it in compared) else DONE
