"""Print the projects for atlantis.yaml, or merge them into one that is there."""

import argparse
import sys
from pathlib import Path

from keyless_ecs.commands import DONE, delivery, flags

HELP = "print the stacks as projects for atlantis.yaml, or merge them into one"
EXAMPLE = "--into ../infra/atlantis.yaml"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.config(parser)
    parser.add_argument(
        "--into",
        type=Path,
        metavar="FILE",
        help="the atlantis.yaml that takes the projects; the rest of it stays",
    )


def run(options: argparse.Namespace) -> int:
    """Print or merge the projects.

    Raises:
        UserError: One of the two files cannot be used; nothing was written.
    """
    file = delivery.load(options)
    from keyless_ecs import output
    from keyless_ecs.atlantis import merge, projects

    if options.into is None:
        print(projects.text(file), end="")
        return DONE
    merged = merge.merge(options.into, file)
    into = options.into.resolve()  # the file behind a link, which stays one
    output.Change(into.parent, {Path(into.name): merged.text} if merged else {}).apply()
    for done in ("added", "changed", "removed"):
        for name in getattr(merged, done):
            print(f"{done:7}  {name}")
    if merged.moved and not merged.added:
        print("moved    between the marks")
    if not merged:
        print(f"{options.into} has every project as it should be")
    for warning in merge.warnings(into, file):
        print(f"{options.into}: warning\n  {warning}", file=sys.stderr)
    return DONE
