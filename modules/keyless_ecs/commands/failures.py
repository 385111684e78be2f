"""What is said of an error: one line with the place and the mend, or where to report it."""

import contextlib
import errno
import os
import re
import sys
import tempfile

from keyless_ecs.commands import program
from keyless_ecs.errors import UserError

ISSUES = f"{program.REPOSITORY}/issues"
TRACEBACK = "KEYLESS_ECS_TRACEBACK"
"""The environment variable that shows where in the program an error came from."""

_MENDS = {
    errno.EACCES: "give this user the right to it",
    errno.EAGAIN: "raise the limit of processes (ulimit -u)",
    errno.EFBIG: "raise the limit of a file's size (ulimit -f)",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "close some programs: the system has no file descriptors left",
    errno.ENOMEM: "give it more memory, or fewer stacks at once with --only",
    errno.ENOSPC: "make room there, or name another place",
    errno.EDQUOT: "make room there, or name another place",
    errno.EROFS: "name another place: this one is read-only",
}
_OF_NODE = re.compile(r"\b(E[A-Z0-9]{2,}): [a-z][^,'\n]*, \w+(?: '([^']*)')?")
"""How Node tells an error of the system: the code, what it means, the call and the path.

Node writes into the folder for temporary files alone.
"""


def tell(error: Exception) -> None:
    """Print what *error* means to the user, as far as stderr takes it."""
    with contextlib.suppress(OSError):  # then the exit status tells
        if os.environ.get(TRACEBACK):
            import traceback

            traceback.print_exception(error)
        print(message(error), file=sys.stderr)


def message(error: Exception) -> str:
    """Return what is wrong, where, and the mend. No text of an unforeseen error is shown.

    It may hold a value of the delivery file, and that a secret.
    """
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        return (
            f"{error.name} is not installed for {sys.executable}; "
            "run make synth once, then .venv/bin/python main.py; "
            "where it was installed as keyless-ecs, install it again"
        )
    if isinstance(error, MemoryError):
        return f"there is not enough memory; {_MENDS[errno.ENOMEM]}"
    if isinstance(error, OSError):
        return _of_system(error.filename, error.errno, error.strerror or str(error))
    if of_node := _OF_NODE.search(str(error)):
        number = getattr(errno, of_node[1], 0)
        said = os.strerror(number) if number else of_node[0]
        return _of_system(of_node[2] or tempfile.gettempdir(), number, said)
    return (
        f"{type(error).__name__} at {_place(error)}, which nobody foresaw; "
        f"please report it at {ISSUES} (the same command with {TRACEBACK}=1 shows more)"
    )


def _of_system(place: str | bytes | int | None, number: int | None, said: str) -> str:
    parts = (
        [] if place is None else [os.fsdecode(place) if isinstance(place, bytes) else str(place)]
    )
    mend = _MENDS.get(number or 0)
    return ": ".join([*parts, f"{said}; {mend}" if mend else said])


def _place(error: Exception) -> str:
    """Return the line of this program that it came from."""
    trace, place = error.__traceback__, "an unknown place"
    while trace:
        path = trace.tb_frame.f_code.co_filename
        if "keyless_ecs" in path:
            place = f"{path.rpartition('/modules/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
