"""A program for :mod:`keyless_ecs.rehearsal.preloaded`: it says who calls it, or waits for ever."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from keyless_ecs.rehearsal.preloaded import Main


def load() -> Main:
    """Return what a call runs."""
    return _say


def _say(arguments: Sequence[str]) -> int:
    said = (str(os.getpid()), str(Path.cwd()), os.environ["CALLER"], *arguments)
    sys.stdout.write(" ".join(said) + "\n")
    sys.stdout.flush()
    if "wait" in arguments:
        time.sleep(600)
    return 3
