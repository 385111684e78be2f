"""Say what a plan does: what it destroys, who gains access, what begins and ends to cost.

Reads what terraform show -json prints, from a file or, for -, from standard input. Prints Markdown,
as a pull request takes it. Exits 1 where the plan does what --fail-on names.
"""

import argparse
import sys
from pathlib import Path

from keyless_ecs.commands import DIFFERENT, DONE
from keyless_ecs.errors import UserError

HELP = "say what a plan does: what it destroys, who gains access, what it costs"
EXAMPLE = "plan.json --fail-on loss --fail-on access"

CONCERNS = ("loss", "access", "cost")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    parser.add_argument("plan", type=Path, metavar="PLAN.json", help="the plan, or - for stdin")
    parser.add_argument(
        "--fail-on",
        action="append",
        choices=[*CONCERNS, "nothing"],
        metavar="CONCERN",
        help="exit 1 where something that matters is destroyed or replaced (loss), somebody gains "
        "access, or something begins to cost; for each concern (default: loss)",
    )


def run(options: argparse.Namespace) -> int:
    """Print the review, and tell by the exit status whether it holds what was named.

    Raises:
        UserError: There is no such file, or it is no plan.
    """
    from keyless_ecs.review import plan, report

    path: Path = options.plan
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError(
            f"{path} is a plan as Terraform keeps it; show it first: "
            f"terraform show -json {path} >plan.json"
        ) from None
    found = report.review(plan.read(text, path))
    print(found.text, end="")
    named = set(options.fail_on or ["loss"])
    return DIFFERENT if named & {each.value for each in found.concerns} else DONE
