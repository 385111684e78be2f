"""Changes many files of a folder as one: all of them, or none.

New contents are written aside, in a hidden folder on the same file system, with a journal of which
belongs where and what goes. The journal's appearance is the moment at which the change is made:
without it the next run throws away what it finds, with it the next run finishes what it says. So
nothing between two names is ever seen for longer than until the next run, and the rest of the
folder, which holds the lock files and states of Terraform, is not even looked at.

The hidden folder ignores itself in git: committed, a journal would be finished elsewhere.
"""

import errno
import json
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from keyless_ecs.output import lock
from keyless_ecs.output.errors import OutputFolderError
from keyless_ecs.output.removal import remove

ASIDE = Path(".keyless-ecs")
"""The hidden folder, which is there only while a run writes, or was killed while it did."""
_JOURNAL = ASIDE / "journal.json"
_LOCK = ASIDE / "lock"
_IGNORED = ASIDE / ".gitignore"


def is_open(folder: Path) -> bool:
    """Tell whether a change to *folder* is under way, or stopped halfway."""
    return os.path.lexists(folder / _JOURNAL)


def is_clean(folder: Path) -> bool:
    """Tell whether no run has left anything in *folder*, or works in it."""
    return not os.path.lexists(folder / ASIDE)


@contextmanager
def opened(folder: Path) -> Iterator[dict[Path, str]]:
    """Have *folder* for oneself, with what an earlier run left there finished or thrown away.

    The folder is made, and goes again where it stays empty.

    Returns:
        What the earlier run was to remove and cannot be, each with why.

    Raises:
        OutputFolderError: Another run writes there, or what a run left cannot be cleared up.
    """
    try:
        new = [place for place in (folder, *folder.parents) if not place.exists()]
        if (folder / ASIDE).is_symlink():
            raise OutputFolderError(f"{folder / ASIDE}: is a link; remove it, then run again")
        try:
            with lock.held(folder / _LOCK):
                try:
                    stay: dict[Path, str] = {}
                    if is_open(folder):
                        with _signals_wait():
                            stay = _finish(folder)
                    yield stay
                finally:
                    if not is_open(folder):
                        with suppress(OSError):  # the next run tries again
                            _sweep(folder)
        finally:
            for place in (folder / ASIDE, *new):
                with suppress(OSError):  # not empty
                    place.rmdir()
    except OSError as error:
        raise OutputFolderError(
            f"{error.filename or folder}: cannot be written: {error.strerror}; nothing was changed"
        ) from None


def change(folder: Path, files: Mapping[Path, str], leaving: Iterable[Path]) -> dict[Path, str]:
    """Write *files* and remove what is *leaving*, whole or not at all, in a folder that is opened.

    A file that is there keeps its mode and, as far as this user may say so, its owner.

    Returns:
        What cannot be removed, each with why.

    Raises:
        OutputFolderError: The change was begun and something is in its way: the journal stays,
            and the next run goes on.
        OSError: Something cannot be written; nothing has changed.
    """
    _sweep(folder)
    _write(folder / _IGNORED, "*\n")
    written = []
    for number, (path, text) in enumerate(sorted(files.items())):
        _look_at(folder, path)
        _write(folder / ASIDE / str(number), text, like=folder / path)
        written.append([str(number), path.as_posix()])
    journal = {"write": written, "remove": [path.as_posix() for path in leaving]}
    _write(folder / ASIDE / "journal", json.dumps(journal))
    with _signals_wait():
        os.replace(folder / ASIDE / "journal", folder / _JOURNAL)  # noqa: PTH105
        return _finish(folder)


def _finish(folder: Path) -> dict[Path, str]:
    """Do what the journal says, as far as it is not done, and close it."""
    try:
        journal = json.loads((folder / _JOURNAL).read_bytes())
        written = [(folder / ASIDE / _plain(name), _below(path)) for name, path in journal["write"]]
        leaving = [_below(path) for path in journal["remove"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputFolderError(
            f"{folder / _JOURNAL}: is not what a run left ({error}); "
            f"remove {folder / ASIDE}, then run again"
        ) from None
    try:
        _sync(folder / ASIDE)  # the journal is on the disk before anything that it says
        for aside, path in written:
            if os.path.lexists(aside):
                _look_at(folder, path)
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                aside.replace(target)
        stay = {path: why for path in leaving if (why := remove(folder, path))}
        # A file system forgets names in the order in which they changed, if at all: what is
        # before this on the disk needs no waiting for.
        (folder / _JOURNAL).unlink()
    except OSError as error:
        raise OutputFolderError(
            f"{error.filename2 or error.filename}: cannot be written: {error.strerror}; the "
            "change is begun: clear this away and run again, which does the rest"
        ) from None
    return stay


def _sweep(folder: Path) -> None:
    """Throw away what was written aside. What makes git blind to it goes last."""
    for path in sorted((folder / ASIDE).iterdir()):
        if path.name.isdecimal() or path.name == "journal":
            path.unlink()
    (folder / _IGNORED).unlink(missing_ok=True)


def _look_at(folder: Path, path: Path) -> None:
    """Find out, before anything changes, whether a file can be put at *path* below *folder*.

    Raises:
        OSError: It cannot.
    """
    target = folder / path
    place = folder
    for part in path.parts:
        place /= part
        if len(os.fsencode(part)) > 255:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(place))
        if place.is_symlink():
            raise OSError(
                errno.ELOOP, f"is a link to {place.readlink()}, which may lead anywhere", str(place)
            )
        if place == target and place.is_dir():
            raise OSError(errno.EISDIR, "is a folder", str(place))
        if place != target and place.exists() and not place.is_dir():
            raise OSError(errno.ENOTDIR, "is no folder", str(place))
    above = next(place for place in target.parents if place.exists())
    if not os.access(above, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(above))
    if above.stat().st_dev != (folder / ASIDE).stat().st_dev:
        raise OSError(errno.EXDEV, f"is on another file system than {folder}", str(above))


def _write(path: Path, text: str, like: Path | None = None) -> None:
    """Write a new file, with mode and owner of the one *like* it, and wait for the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "wb", buffering=0) as file:
        rest = memoryview(text.encode("utf-8"))
        while rest:
            rest = rest[file.write(rest) :]
        if like and like.exists():
            old = like.stat()
            with suppress(PermissionError):
                os.fchown(handle, old.st_uid, old.st_gid)
            os.fchmod(handle, old.st_mode & 0o777)
        else:
            os.fchmod(handle, 0o644)
        os.fsync(handle)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _plain(name: str) -> str:
    if not name.isdecimal():
        raise ValueError(f"{name!r} is no number")
    return name


def _below(text: str) -> Path:
    path = Path(text)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"{text!r} leads out of the folder")
    return path


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Let signals that end a run wait until this is done; then they do what they do otherwise."""
    if threading.current_thread() is not threading.main_thread():
        yield  # which none of them interrupts
        return
    waiting: list[int] = []
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    # Blocking them would not do: the kernel may hand them to another thread, and Python runs their
    # handlers in this one.
    handlers: dict[int, Any] = {
        number: signal.signal(number, lambda number, _: waiting.append(number)) for number in ending
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if handler is not None:  # else it was not set by Python
                signal.signal(number, handler)
        for number in waiting:
            signal.raise_signal(number)
