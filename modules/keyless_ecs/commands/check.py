"""Compare the folder with what the delivery file yields; write nothing.

Exits 1 with a diff where they differ.
"""

import argparse
import json
import shlex
import sys
from typing import TYPE_CHECKING

from keyless_ecs.commands import DIFFERENT, DONE, delivery, flags, program, voice
from keyless_ecs.commands.written import written

if TYPE_CHECKING:
    from keyless_ecs.output import Change

HELP = "exit 1 with a diff where generated/ is not what the delivery file yields"
EXAMPLE = "--config delivery.yaml --out generated"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.config(parser)
    flags.out(parser, "the folder to look at")
    flags.only(parser, "only the stacks whose names match")
    flags.force(parser)
    flags.json(parser)
    flags.accept(parser)


def run(options: argparse.Namespace) -> int:
    """Print each difference, what is at risk, and the command that writes what is missing.

    Raises:
        UserError: The file or the folder cannot be used.
    """
    file = delivery.load(options)
    change = delivery.compared(options, file, delivery.synthesized(options, file))
    if not change:
        if options.json:
            print(json.dumps(written(change).data()))
        return DONE
    print(f"{options.out} is not what {options.config} yields:", file=sys.stderr)
    for line in change.summary():
        print(f"  {line}", file=sys.stderr)
    if options.json:
        print(json.dumps(written(change).data()))
    else:
        for line in change.diff():
            print(voice.coloured(line, sys.stdout))
    sys.stdout.flush()  # a log shows both streams in the order in which they come
    for line in change.risks(move_state=False, accept=options.accept):
        print(line, file=sys.stderr)
    first = "then " if list(change.risks(move_state=True, accept=options.accept)) else ""
    print(f"{first}mend it with: {_mend(change, options)}", file=sys.stderr)
    return DIFFERENT


def _mend(change: "Change", options: argparse.Namespace) -> str:
    """Return the command line that writes what was found missing, fit for a shell."""
    command = [*program.called(), "--config", options.config, "--out", options.out]
    if options.only:
        command += ["--only", options.only]
    if change.moves:
        command.append("--move-state")
    for address in options.accept:
        command += ["--accept", address]
    return shlex.join(map(str, command))
