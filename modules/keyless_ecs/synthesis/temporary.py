"""A temporary folder that the next run removes where its process could not."""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = re.compile(r"keyless-ecs-(\d+)-\w+")


@contextmanager
def folder() -> Iterator[Path]:
    """Make a folder, which goes at the end, and sweep those of processes that were killed.

    The number of its process is in its name, and a lock on it that goes with the process: where
    containers share the folder for temporary files, the number alone says little.
    """
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=f"keyless-ecs-{os.getpid()}-") as name:
        handle = os.open(name, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            yield Path(name)
        finally:
            os.close(handle)


def _sweep(temporary: Path) -> None:
    """Remove this user's folders without a process. What cannot be removed is no reason to stop."""
    with suppress(OSError), os.scandir(temporary) as entries:
        for entry in entries:
            match = _NAME.fullmatch(entry.name)
            if match and not _runs(int(match[1])):
                _remove(entry.path)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True


def _remove(path: str) -> None:
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(handle).st_uid == os.getuid():
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(handle)
