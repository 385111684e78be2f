"""The output folder: what is in it, what shall be, and the step from one to the other."""

import difflib
import json
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keyless_ecs.header import MARK
from keyless_ecs.output import states as state

MANIFEST = Path("manifest.json")
STACK_FILE = "cdk.tf.json"
_OWN = {
    STACK_FILE,
    ".terraform.lock.hcl",
    ".terraform",
    "terraform.tfstate",
    "terraform.tfstate.backup",
}


class StateAtRiskError(Exception):
    """Writing would part Terraform from its state; the text says what to do first."""


class OutputFolderError(Exception):
    """The output folder cannot be read or written."""


@dataclass(frozen=True)
class Move:
    """A stack whose state the new file looks for in another place."""

    stack: Path
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """What turns the output folder into what it shall be.

    *files* are those whose content differs, *leaving* the folders and files of what left the
    delivery file. *moves* are stacks whose state is to be elsewhere, *orphans* those among
    *leaving* whose resources nothing else would remember, each with why.
    """

    folder: Path
    files: Mapping[Path, str]
    leaving: tuple[Path, ...] = ()
    moves: tuple[Move, ...] = ()
    orphans: Mapping[Path, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether there is anything to change."""
        return bool(self.files or self.leaving)

    def summary(self) -> Iterator[str]:
        """Yield a line for each stack, and each file beside them, that is not as it shall be."""
        found = {
            path: "differs" if (self.folder / path).exists() else "is missing"
            for path in self.files
        } | dict.fromkeys(self.leaving, "left the delivery file")
        for path in sorted(found, key=lambda path: (path.parts[0] != "stacks", path)):
            yield f"{_subject(path)}: {found[path]}"

    def risks(self, *, move_state: bool) -> Iterator[str]:
        """Yield what must be done first, stack by stack, so that no state is lost.

        Args:
            move_state: Whether moved states are accepted.
        """
        for path, why in self.orphans.items():
            folder = shlex.quote(str(self.folder / path))
            yield (
                f"{self.folder / path}: left the delivery file, {why}; first: "
                f"terraform -chdir={folder} init && terraform -chdir={folder} destroy "
                f"&& rm -r {folder}"
            )
        if self.moves and not move_state:
            for move in self.moves:
                yield (
                    f"{self.folder / move.stack}: its state would move\n"
                    f"  from {move.old}\n    to {move.new}"
                )
            # Terraform knows the old place only where it was initialised with the old file.
            yield (
                "What a state holds moves by: terraform init in each of these folders, as they "
                "are now;\nthen the same command with --move-state; then terraform init "
                "-migrate-state in each.\nWhere nothing was applied yet, --move-state is enough."
            )

    def diff(self) -> Iterator[str]:
        """Yield the change as lines of a unified diff."""
        for path, text in sorted(self.files.items()):
            yield from _diff(path, _read(self.folder / path), text)
        for path in self.leaving:
            for file in sorted(_own_files(self.folder / path)):
                yield from _diff(file.relative_to(self.folder), _read(file), None)

    def apply(self, *, move_state: bool = False) -> None:
        """Write every file beside its place, then move all into place: whole or not at all.

        Args:
            move_state: Whether moved states are accepted.

        Raises:
            StateAtRiskError: Terraform would lose sight of a state; nothing has changed.
            OutputFolderError: The folder cannot be written; nothing in it has changed.
        """
        if risks := list(self.risks(move_state=move_state)):
            raise StateAtRiskError("\n".join(risks))
        staged: list[tuple[str, Path]] = []
        try:
            for path, text in self.files.items():
                target = self.folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
                staged.append((name, target))
                with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                Path(name).chmod(0o644)
                if target.is_dir():
                    raise IsADirectoryError(21, "is a folder", str(target))
        except OSError as error:
            for name, _ in staged:
                Path(name).unlink(missing_ok=True)
            raise OutputFolderError(
                f"{error.filename}: cannot be written: {error.strerror}; nothing was changed"
            ) from None
        for name, target in staged:
            Path(name).replace(target)
        for path in self.leaving:
            _remove(self.folder / path)


def compare(
    folder: Path,
    files: Mapping[Path, str],
    manifest: Mapping[str, Any],
    *,
    partial: bool = False,
) -> Change:
    """Compare *folder* with what shall be in it.

    Only what an earlier run wrote is ever removed: the stacks that CDKTF's manifest names, and
    workflows with this program's header.

    Args:
        folder: The output folder, which need not exist.
        files: Every file that shall be there, by its path below *folder*.
        manifest: CDKTF's manifest of the stacks among *files*.
        partial: Whether other stacks stay as they are.

    Raises:
        OutputFolderError: The folder cannot be read.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputFolderError(f"{folder}: is no folder; name another with --out DIR")
    known = _known_stacks(folder)
    leaving: list[Path] = []
    orphans: dict[Path, str] = {}
    if not partial:
        gone = [
            Path(known[name]["workingDirectory"])
            for name in known
            if name not in manifest["stacks"]
        ]
        leaving = [path for path in gone if (folder / path).is_dir()]
        orphans = {path: why for path in leaving if (why := _orphaned(folder / path))}
        leaving += _without_owner(folder, files)
    if partial:
        manifest = {**manifest, "stacks": {**known, **manifest["stacks"]}}
    wanted = {**files, MANIFEST: json.dumps(manifest, indent=2, sort_keys=True) + "\n"}
    changed = {path: text for path, text in wanted.items() if _read(folder / path) != text}
    return Change(folder, changed, tuple(leaving), tuple(_moves(folder, changed)), orphans)


def _known_stacks(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the stacks that the last run wrote, as its manifest names them."""
    try:
        stacks = json.loads(_read(folder / MANIFEST) or "{}").get("stacks", {})
        return {
            name: entry
            for name, entry in stacks.items()
            # Never follow an edited manifest out of the folder.
            if entry["workingDirectory"] == f"stacks/{name}" and Path(name).name == name
        }
    except (ValueError, AttributeError, KeyError, TypeError):
        return {}


def _moves(folder: Path, files: Mapping[Path, str]) -> Iterator[Move]:
    for path, text in files.items():
        if path.name == STACK_FILE:
            old, new = state.place(_read(folder / path) or ""), state.place(text)
            if old and new and old != new:
                yield Move(path.parent, old, new)


def _orphaned(folder: Path) -> str | None:
    """Return why the stack in *folder* must not go, None where nothing is lost with it."""
    text = _read(folder / STACK_FILE)
    path = state.local_path(text or "")
    files = [file for file in folder.rglob("*.tfstate") if file.parent.name != ".terraform"]
    if path and (folder / path).exists():
        files.append(folder / path)
    if not all(map(state.is_empty, files)):
        return "but its state still holds resources"
    if text is None or path:
        return None
    if place := state.place(text):
        return f"and nothing else says that its state is {place}"
    return f"and its {STACK_FILE}, which alone says where its state is, cannot be read"


def _without_owner(folder: Path, files: Mapping[Path, str]) -> list[Path]:
    """Return what stands beside the stacks and is ours and nobody's any more."""
    patterns = ("CODEOWNERS", "workflows/*/CODEOWNERS", "workflows/*/.github/workflows/*.yml")
    found = sorted(path for pattern in patterns for path in folder.glob(pattern))
    return [
        path.relative_to(folder)
        for path in found
        if path.relative_to(folder) not in files and (_read(path) or "").startswith(MARK)
    ]


def _subject(path: Path) -> str:
    """Return what a path below the output folder is to its reader."""
    if path.parts[0] == "stacks":
        return f"stack {path.parts[1]}"
    return str(path)


def _own_files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [path / STACK_FILE]


def _remove(path: Path) -> None:
    """Remove what this program and Terraform put there; what somebody added stays."""
    if path.is_file():
        path.unlink()
    else:
        for child in path.iterdir():
            if child.name in _OWN:
                shutil.rmtree(child) if child.is_dir() else child.unlink()
    for folder in (path, *path.parents[:4]):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _diff(path: Path, before: str | None, after: str | None) -> Iterator[str]:
    return difflib.unified_diff(
        (before or "").splitlines(),
        (after or "").splitlines(),
        "/dev/null" if before is None else f"a/{path}",
        "/dev/null" if after is None else f"b/{path}",
        lineterm="",
    )
