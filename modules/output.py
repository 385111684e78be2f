"""The output folder: what is in it, what shall be, and the step from one to the other."""

import difflib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = Path("manifest.json")
_OWN = {
    "cdk.tf.json",
    ".terraform.lock.hcl",
    ".terraform",
    "terraform.tfstate",
    "terraform.tfstate.backup",
}


class StateInTheWayError(Exception):
    """A stack left the delivery file while its folder still holds Terraform state."""


class OutputFolderError(Exception):
    """The output folder cannot be read or written."""


@dataclass(frozen=True)
class Change:
    """What turns the output folder into what it shall be.

    *files* are those whose content differs, *leaving* the folders and files of what left the
    delivery file.
    """

    folder: Path
    files: Mapping[Path, str]
    leaving: tuple[Path, ...] = field(default=())

    def __bool__(self) -> bool:
        """Tell whether there is anything to change."""
        return bool(self.files or self.leaving)

    def diff(self) -> Iterator[str]:
        """Yield the change as lines of a unified diff."""
        for path, text in sorted(self.files.items()):
            yield from _diff(path, _read(self.folder / path) or "", text)
        for path in self.leaving:
            for file in sorted(_own_files(self.folder / path)):
                yield from _diff(file.relative_to(self.folder), _read(file) or "", "")

    def apply(self) -> None:
        """Write every file beside its place, then move all into place: whole or not at all.

        Raises:
            OutputFolderError: The folder cannot be written; nothing in it has changed.
        """
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
        StateInTheWayError: A stack would be removed whose folder holds state.
        OutputFolderError: The folder cannot be read.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputFolderError(f"{folder}: is no folder; name another with --out DIR")
    known = _known_stacks(folder)
    leaving: list[Path] = []
    if not partial:
        gone = [
            Path(known[name]["workingDirectory"])
            for name in known
            if name not in manifest["stacks"]
        ]
        leaving = [path for path in gone if (folder / path).is_dir()]
        _refuse_state(folder, leaving)
        leaving += _workflows_without_owner(folder, files)
    if partial:
        manifest = {**manifest, "stacks": {**known, **manifest["stacks"]}}
    wanted = {**files, MANIFEST: json.dumps(manifest, indent=2, sort_keys=True) + "\n"}
    changed = {path: text for path, text in wanted.items() if _read(folder / path) != text}
    return Change(folder, changed, tuple(leaving))


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


def _refuse_state(folder: Path, leaving: list[Path]) -> None:
    held = [path for path in leaving if _holds_state(folder / path)]
    if held:
        raise StateInTheWayError(
            "\n".join(
                f"{folder / path}: left the delivery file, but its state still holds resources; "
                f"first: terraform -chdir={folder / path} destroy"
                for path in held
            )
        )


def _holds_state(folder: Path) -> bool:
    for path in folder.rglob("*.tfstate"):
        if path.parent.name == ".terraform":
            continue
        try:
            if json.loads(path.read_text(encoding="utf-8")).get("resources"):
                return True
        except (OSError, ValueError, AttributeError):
            return True
    return False


def _workflows_without_owner(folder: Path, files: Mapping[Path, str]) -> list[Path]:
    found = sorted(folder.glob("workflows/*/.github/workflows/*.yml"))
    return [
        path.relative_to(folder)
        for path in found
        if path.relative_to(folder) not in files
        and (_read(path) or "").startswith("# Generated by keyless-ecs")
    ]


def _own_files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [path / "cdk.tf.json"]


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


def _diff(path: Path, before: str, after: str) -> Iterator[str]:
    return difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm=""
    )
