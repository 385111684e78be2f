"""Play the delivery with real Terraform and a local AWS, and write a report.

Exits 1 where a step fails.
"""

import argparse
import fnmatch
import gc
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import keyless_ecs
from keyless_ecs.commands import DIFFERENT, DONE, delivery, flags, surroundings
from keyless_ecs.errors import UserError

if TYPE_CHECKING:
    from keyless_ecs.config import Delivery, DeliveryFile

HELP = "play the delivery with real Terraform and a local AWS, and write a report"
EXAMPLE = "--only 'papyrus-*'"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.config(parser)
    flags.only(parser, "only the repositories of the stacks whose names match")
    parser.add_argument(
        "--mirror",
        type=Path,
        metavar="DIR",
        help="a Terraform filesystem mirror with the AWS provider "
        "(default: the public registry, else the provider of a package)",
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help="where the report is written (default: rehearsal/report in a checkout of this "
        "program, where git ignores it, else a temporary folder)",
    )


def run(options: argparse.Namespace) -> int:
    """Play, print each step, and say where the report is.

    Raises:
        UserError: What it takes is not there; nothing was played.
    """
    file = delivery.load(options)
    gc.enable()  # this one takes minutes
    try:
        with warnings.catch_warnings(action="ignore"):  # of moto, before what is missing is named
            from keyless_ecs.rehearsal import rehearse
            from keyless_ecs.rehearsal.report import page
    except ModuleNotFoundError as error:
        raise UserError(
            f"{error.name} is not installed; in a checkout make rehearse installs it, and for a "
            "command pipx install --force '.[rehearse]' or uv tool install '.[rehearse]' does"
        ) from error

    deliveries = selected(file, options.only)
    if not deliveries:
        raise UserError(f"--only {options.only}: no such stack delivers a service")
    surroundings.check()
    report = options.report or _place(page.REPORT)
    record = rehearse.rehearse(
        options.config, file, deliveries, mirror=options.mirror, report=report
    )
    print(f"{record.verdict}: {page.proven(record)}\nThe report: {report / 'index.html'}")
    return DONE if record.verdict == "passed" else DIFFERENT


def _place(ignored: Path) -> Path:
    """Return *ignored* in a checkout of this program, and for all else a folder in no tree."""
    if Path("modules/keyless_ecs").resolve() == Path(keyless_ecs.__file__).parent:
        return ignored
    return Path(tempfile.mkdtemp(prefix="rehearsal-"))


def selected(file: "DeliveryFile", only: str | None) -> "Sequence[Delivery]":
    """Return the environments to play: all of each repository of which a stack matches *only*.

    They share the workflow files, and a push reaches each of them.
    """
    deliveries = list(file.deliveries())
    names = [delivery.stack for delivery in deliveries]
    matching = set(fnmatch.filter(names, only)) if only else set(names)
    repositories = {d.service.repository for d in deliveries if d.stack in matching}
    return [d for d in deliveries if d.service.repository in repositories]
