"""One run at a time writes to a folder."""

import fcntl
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from keyless_ecs.output.errors import OutputFolderError

WAIT = 10.0
"""How many seconds a run waits for another one, which writes for far less."""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock file at *path*, which is there no longer than the lock.

    The kernel lets go of it when its process ends, however that ends: what a killed run leaves is
    a file that nobody holds. It has the number of its process in it, for people.

    Raises:
        OutputFolderError: Another run holds it, and goes on doing so.
        OSError: The file cannot be made.
    """
    handle = _acquire(path)
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()} since {time.strftime('%H:%M:%S')}\n".encode(), 0)
        yield
    finally:
        try:
            # While it is held: a file without a name is nobody's lock.
            with suppress(OSError):
                os.unlink(path)  # noqa: PTH108 - beside its file descriptor
        finally:
            os.close(handle)


def _acquire(path: Path) -> int:
    until, said = time.monotonic() + WAIT, False
    while True:
        handle = _open(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(path, handle):
                return handle
        except BlockingIOError:
            other = os.pread(handle, 100, 0).decode(errors="replace").strip() or "just started"
            if time.monotonic() > until:
                os.close(handle)
                raise OutputFolderError(
                    f"{path.parent.parent}: another run is writing here (process {other}); "
                    "wait until it is done, or end it, and run again"
                ) from None
            if not said:
                print(f"waiting for another run (process {other})", file=sys.stderr)  # noqa: T201
                said = True
            time.sleep(0.05)
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _open(path: Path) -> int:
    while True:
        with suppress(FileNotFoundError):  # whoever is done removes the folder, too
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except FileExistsError as error:
                # It may have been there for one of the two looks alone.
                if not stat.S_ISDIR(os.lstat(error.filename).st_mode):
                    raise
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)


def _is_still(path: Path, handle: int) -> bool:
    """Tell whether *handle* is the file at *path*, which its last holder may have removed."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))  # noqa: PTH116
    except FileNotFoundError:
        return False
