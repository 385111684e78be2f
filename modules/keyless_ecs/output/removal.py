"""Takes away what left the delivery file, and nothing else."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from keyless_ecs.output import contents, states
from keyless_ecs.output.states import STACK_FILE

# The stack's file goes last: as long as it is there, every run sees what is left to do.
_OWN = (
    ".terraform",
    ".terraform.lock.hcl",
    "terraform.tfstate.backup",
    "terraform.tfstate",
    STACK_FILE,
)


def remove(folder: Path, path: Path) -> str | None:
    """Remove what this program and Terraform put at *path* below *folder*.

    What somebody added stays. Where something cannot be removed, all of it stays.

    Returns:
        What stays and why, None where nothing of ours does.
    """
    target = folder / path
    if obstacle := _obstacle(folder, path):
        return obstacle
    try:
        if target.is_dir():
            page = target / contents.PAGE
            if contents.has_header(contents.read(page) or ""):
                page.unlink()
            for name in _OWN:
                child = target / name
                if child.is_dir() and not child.is_symlink():
                    shutil.rmtree(child)
                else:
                    child.unlink(missing_ok=True)
        else:
            target.unlink(missing_ok=True)
    except OSError as error:
        return _stays(target, f"but {error.filename or target} cannot be removed: {error.strerror}")
    for parent in (target, *target.parents):
        if parent == folder:
            break
        with suppress(OSError):  # not there, or not empty
            parent.rmdir()
    return None


def _obstacle(folder: Path, path: Path) -> str | None:
    """Return what stands against removing *path*, as a whole and before anything is gone."""
    target = folder / path
    for place in (target, *target.parents):
        if place == folder:
            break
        if place.is_symlink():
            return _stays(target, f"but {place} is a link to {place.readlink()}")
    if not target.is_dir():
        return None
    # Terraform may have run since this was decided.
    if why := states.would_be_lost(target):
        return _stays(target, why)
    for place in _to_be_emptied(target):
        if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            return _stays(target, f"but {place} may not be emptied by this user")
    return None


def _to_be_emptied(stack: Path) -> Iterator[Path]:
    yield stack
    cache = stack / ".terraform"
    if cache.is_dir() and not cache.is_symlink():
        yield cache
        for place, folders, _ in os.walk(cache):
            yield from (Path(place, name) for name in folders)


def _stays(path: Path, why: str) -> str:
    return f"{path}: left the delivery file, {why}; it stays until you remove it"
