"""Flags that several commands have."""

import argparse
import os
from pathlib import Path


def config(parser: argparse.ArgumentParser) -> None:
    """Add ``--config``."""
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("delivery.yaml"),
        metavar="FILE",
        help="the delivery file (default: delivery.yaml)",
    )


def out(parser: argparse.ArgumentParser, what: str) -> None:
    """Add ``--out``, which is *what* to the command."""
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(os.environ.get("CDKTF_OUTDIR") or "generated"),
        metavar="DIR",
        help=f"{what} (default: $CDKTF_OUTDIR, else generated)",
    )


def force(parser: argparse.ArgumentParser) -> None:
    """Add ``--force``."""
    parser.add_argument(
        "--force",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="overwrite this file, though it is not this program's; for each such file",
    )


def accept(parser: argparse.ArgumentParser) -> None:
    """Add ``--accept``."""
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="let the next plan destroy or replace this resource, which else stops the run; for "
        "each such address, as STACK:ADDRESS where several stacks have it",
    )


def json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def only(parser: argparse.ArgumentParser, what: str) -> None:
    """Add ``--only``, which is *what* to the command."""
    parser.add_argument("--only", metavar="GLOB", help=what)
