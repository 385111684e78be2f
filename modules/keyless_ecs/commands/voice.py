"""How much a command says, and in which colour: what ``--quiet`` and ``--verbose`` set.

Problems are no matter of this: they are always told, and without colour, for they are copied.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from enum import Enum
from typing import Any, TextIO


class Loudness(Enum):
    """How much a command says."""

    QUIET = 0
    NORMAL = 1
    VERBOSE = 2


_ADDED, _REMOVED, _CHANGED = "32", "31", "33"
_COLOURS: Mapping[str, str] = {"+": _ADDED, "-": _REMOVED, "~": _CHANGED, "@": "36"}
"""Of lines that begin so, as in ``git diff`` and in Terraform's plans."""

_loudness = Loudness.NORMAL


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add ``--quiet`` and ``--verbose``."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-q", "--quiet", action="store_true", help="say only what is wrong")
    group.add_argument("-v", "--verbose", action="store_true", help="say each thing that is done")


def listen(options: argparse.Namespace) -> None:
    """Speak from now on as the flags say."""
    global _loudness
    _loudness = Loudness.NORMAL
    if options.quiet or options.verbose:
        _loudness = Loudness.QUIET if options.quiet else Loudness.VERBOSE


def is_verbose() -> bool:
    """Tell whether each thing is said."""
    return _loudness is Loudness.VERBOSE


def say(text: str) -> None:
    """Print a result that a quiet run leaves out: whoever needs it reads the files."""
    if _loudness is not Loudness.QUIET:
        print(coloured(text, sys.stdout))


def note(text: str, **how: Any) -> None:
    """Print beside the results what a quiet run leaves out: warnings, progress, what is next."""
    if _loudness is not Loudness.QUIET:
        print(text, file=sys.stderr, **how)


def coloured(line: str, stream: TextIO) -> str:
    """Return *line* in the colour of its first mark, where *stream* is a terminal that takes it.

    https://no-color.org
    """
    colour = _COLOURS.get(line.lstrip()[:1])
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty()
    return line if plain or not colour else f"\033[{colour}m{line}\033[0m"
