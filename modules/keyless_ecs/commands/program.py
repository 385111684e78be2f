"""How this program was called, for texts that name a command to type."""

import sys
from collections.abc import Sequence
from os.path import basename

REPOSITORY = "https://github.com/acme/keyless-ecs"
"""Where this program is kept."""


def shown() -> Sequence[str]:
    """Return the program as help shows it, without the folders that it stands in."""
    return [basename(word) for word in called()]  # noqa: PTH119


def typed() -> Sequence[str]:
    """Return what to type for the next command: any Python will do, main.py finds its own."""
    first, *others = called()
    return [basename(first), *others]  # noqa: PTH119


def called() -> Sequence[str]:
    """Return the words that start this program from the folder that it was started in."""
    path = sys.argv[0]
    name = basename(path)  # noqa: PTH119 -- pathlib would take longer than the rest of --help
    if name == "__main__.py":
        return [sys.orig_argv[0], "-m", "keyless_ecs"]
    if name == "main.py":
        return [sys.orig_argv[0], path]
    if name == "keyless-ecs":
        from shutil import which

        return [name if which(name) == path else path]
    return ["python", "main.py"]
