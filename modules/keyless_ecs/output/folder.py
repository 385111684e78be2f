"""The output folder: what is in it, against what shall be."""

import functools
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from keyless_ecs.output import contents, journal, states
from keyless_ecs.output.change import Change, Move
from keyless_ecs.output.errors import OutputFolderError


def compare(
    folder: Path,
    files: Mapping[Path, str],
    manifest: Mapping[str, Any],
    *,
    partial: bool = False,
    force: Collection[Path] = (),
) -> Change:
    """Compare *folder* with what shall be in it.

    Only what an earlier run wrote is ever replaced or removed: stacks that CDKTF's manifest names
    or whose file says that CDKTF wrote it, and files with this program's header. All of it is
    looked at, whether a list names it or not: a merge can bring a stack back and leave it out of
    the list.

    Args:
        folder: The output folder, which need not exist.
        files: Every file that shall be there, by its path below *folder*.
        manifest: CDKTF's manifest of the stacks among *files*.
        partial: Whether other stacks stay as they are.
        force: Files of somebody else's that may be overwritten, by the paths that a shell knows.

    Raises:
        OutputFolderError: Something in the folder cannot be read.
    """
    known = contents.known_stacks(folder)
    if folder.exists() and not folder.is_dir():
        raise OutputFolderError(f"{folder}: is no folder; name another with --out DIR")
    wanted_stacks = {path.parent.name for path in files if path.name == states.STACK_FILE}
    listed = wanted_stacks if partial else {*known, *wanted_stacks}
    present = contents.stacks(folder, listed, unlisted=not partial)
    leaving: list[Path] = []
    if partial:
        if not all(known.values()):
            raise OutputFolderError(
                f"{folder / contents.MANIFEST}: a merge left its conflict here; "
                "run without --only, which writes it anew"
            )
        manifest = {**manifest, "stacks": {**known, **manifest["stacks"]}}
    else:
        gone = [contents.STACKS / name for name in present if name not in manifest["stacks"]]
        leaving = [path for path in gone if (folder / path).is_dir()]
    losses = {path: why for path in leaving if (why := states.would_be_lost(folder / path))}
    if not partial:
        leaving += [path for path in contents.headed(folder) if path not in files]
    wanted = {
        **files,
        contents.MANIFEST: json.dumps(manifest, indent=2, sort_keys=True) + "\n",
    }
    before = {path: contents.read(folder / path) for path in wanted}
    changed = {path: text for path, text in wanted.items() if before[path] != text}
    forced = {path.absolute() for path in force}
    return Change(
        folder,
        changed,
        tuple(leaving),
        tuple(_moves(before, changed)),
        losses,
        foreign=tuple(
            path
            for path in changed
            if (text := before[path]) is not None
            and not contents.is_ours(path, text, known)
            and (folder / path).absolute() not in forced
        ),
        unfinished=journal.is_open(folder),
        again=functools.partial(compare, folder, files, manifest, partial=partial, force=force),
    )


def _moves(before: Mapping[Path, str | None], after: Mapping[Path, str]) -> Iterator[Move]:
    for path, text in after.items():
        if path.name == states.STACK_FILE:
            old, new = states.place(before[path] or ""), states.place(text)
            if old and new and old != new:
                yield Move(path.parent, old, new)
