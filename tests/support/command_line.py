"""What a run of the command line leaves behind."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Result:
    """What a run of the command line left behind."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Result]
"""Runs the command line with these arguments, and with variables by keyword."""


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below *folder* with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
