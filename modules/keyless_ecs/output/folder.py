"""The output folder: what is in it, against what shall be."""

import functools
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from keyless_ecs.config.places import StackPlace
from keyless_ecs.output import consequences, contents, journal, moves, states
from keyless_ecs.output.change import Change
from keyless_ecs.output.errors import OutputFolderError

_NOWHERE: Mapping[str, StackPlace] = {}


def compare(
    folder: Path,
    files: Mapping[Path, str],
    manifest: Mapping[str, Any],
    *,
    partial: bool = False,
    force: Collection[Path] = (),
    places: Mapping[str, StackPlace] = _NOWHERE,
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
        places: Where each stack stands in the delivery file, and the names that it had.

    Raises:
        OutputFolderError: Something in the folder cannot be read.
    """
    known = contents.known_stacks(folder)
    if folder.exists() and not folder.is_dir():
        raise OutputFolderError(f"{folder}: is no folder; name another with --out DIR")
    stacks = {
        path.parent.name: text for path, text in files.items() if path.name == states.STACK_FILE
    }
    listed = {*stacks} if partial else {*known, *stacks}
    present = contents.stacks(folder, listed, unlisted=not partial)
    leaving: list[Path] = []
    if partial:
        if not all(known.values()):
            raise OutputFolderError(
                f"{folder / contents.MANIFEST}: a merge left its conflict here; "
                "run without --only, which writes it anew"
            )
        consequences.refuse_to_rename(folder, stacks, places)
        manifest = {**manifest, "stacks": {**known, **manifest["stacks"]}}
    else:
        gone = [contents.STACKS / name for name in present if name not in manifest["stacks"]]
        leaving = [path for path in gone if (folder / path).is_dir()]
    at_risk = {path: why for path in leaving if (why := states.would_be_lost(folder / path))}
    renamed = list(consequences.renamed(folder, stacks, at_risk, places))
    # Its state is taken out of the old folder when the new one is there.
    formers = {it.former for it in renamed}
    leaving = [path for path in leaving if path not in formers]
    lost = {path: why for path, why in at_risk.items() if path not in formers}
    if not partial:
        leaving += [
            path
            for path in contents.headed(folder)
            if path not in files and path.parent not in leaving
        ]
    wanted = {
        **files,
        contents.MANIFEST: json.dumps(manifest, indent=2, sort_keys=True) + "\n",
    }
    before = {path: contents.read(folder / path) for path in wanted}
    ignored = before.get(contents.IGNORED)
    if ignored is not None and not contents.has_header(ignored):
        # Whoever has one there says what is ignored.
        del wanted[contents.IGNORED]
    changed = {path: text for path, text in wanted.items() if before[path] != text}
    forced = {path.absolute() for path in force}
    return Change(
        folder,
        changed,
        tuple(leaving),
        (*moves.of_files(before, changed), *renamed),
        dict(consequences.losses(folder, stacks, lost, places)),
        consequences.stops(
            folder, stacks, {it.stack.name: it.former.name for it in renamed if it.former}, places
        ),
        foreign=tuple(
            path
            for path in changed
            if (text := before[path]) is not None
            and not contents.is_ours(path, text, known)
            and (folder / path).absolute() not in forced
        ),
        unfinished=journal.is_open(folder),
        again=functools.partial(
            compare, folder, files, manifest, partial=partial, force=force, places=places
        ),
    )
