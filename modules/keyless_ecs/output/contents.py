"""What is in the output folder, and what of it is this program's own.

What cannot be read is never taken for absent: a stack's file alone may say where its state is.
"""

import json
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from keyless_ecs.header import MARK, PAGE_MARK
from keyless_ecs.output import states
from keyless_ecs.output.errors import OutputFolderError
from keyless_ecs.output.states import STACK_FILE

MANIFEST = Path("manifest.json")
STACKS = Path("stacks")

PAGE = "README.md"
"""Beside a stack's file, and beside them all."""

IGNORED = Path(".gitignore")
"""What Terraform and CDKTF's command line leave in the stacks, which no commit may hold."""

_HEADED = (
    PAGE,
    str(IGNORED),
    f"stacks/*/{PAGE}",
    "CODEOWNERS",
    "workflows/*/CODEOWNERS",
    "workflows/*/.github/workflows/*.yml",
)
_CONFLICT = re.compile(r"^(<{7}|>{7})(\s|$)", re.MULTILINE)
_NAMED = re.compile(r'"workingDirectory": "stacks/([^"/]+)"')


def read(path: Path) -> str | None:
    """Return the text of the file at *path*, None where there is none.

    Raises:
        OutputFolderError: Something is there that cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(path, error) from None


def known_stacks(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the stacks that the last run wrote, as its manifest names them.

    In the middle of a merge these are the stacks of both sides, without their entries: what is
    said twice in a list is not worth a stop, since each stack's own file says what matters.

    Raises:
        OutputFolderError: The manifest cannot be read or is cut short.
    """
    text = read(folder / MANIFEST)
    if text is None:
        return {}
    if _CONFLICT.search(text):
        return {name: {} for name in _NAMED.findall(text) if _is_a_name(name)}
    manifest = _parsed(text)
    if manifest is None:
        raise OutputFolderError(
            f"{broken(folder / MANIFEST, text)}, or remove it: the stacks' own files say the rest"
        )
    if not _is_manifest(manifest):
        return {}
    return {
        name: entry
        for name, entry in manifest["stacks"].items()
        # Never follow an edited manifest out of the folder.
        if entry["workingDirectory"] == f"stacks/{name}" and _is_a_name(name)
    }


def stacks(folder: Path, listed: Collection[str], *, unlisted: bool) -> list[str]:
    """Return the names of this program's stacks in *folder*.

    Args:
        folder: The output folder.
        listed: Stacks that are named somewhere, and need not be there.
        unlisted: Whether to look for others, which say themselves that they are ours.

    Raises:
        OutputFolderError: One of them cannot be read or is no JSON of a stack; names them all.
    """
    found: list[str] = []
    problems: list[str] = []
    for name in sorted({*listed, *(_folders(folder / STACKS) if unlisted else ())}):
        path = folder / STACKS / name / STACK_FILE
        try:
            text = read(path)
        except OutputFolderError as error:
            problems.append(str(error))
            continue
        if name not in listed and not (text and is_stack(text, name)):
            continue
        if text is not None and states.place(text) is None:
            problems.append(
                f"{broken(path, text)}; it may be all that says where the stack's state is "
                "(where nothing was ever applied, remove it)"
            )
        found.append(name)
    if problems:
        raise OutputFolderError("\n".join(problems))
    return found


def headed(folder: Path) -> list[Path]:
    """Return what stands beside the stacks with this program's header, below *folder*."""
    found = sorted(path for pattern in _HEADED for path in folder.glob(pattern))
    return [path.relative_to(folder) for path in found if has_header(read(path) or "")]


def is_ours(path: Path, text: str, known: Collection[str]) -> bool:
    """Tell whether the file at *path* below the folder, which holds *text*, may be replaced."""
    if path == MANIFEST:
        if _CONFLICT.search(text):
            return bool(_NAMED.search(text))
        return _is_manifest(_parsed(text))
    if path.name == STACK_FILE:
        return path.parent.name in known or is_stack(text, path.parent.name)
    return has_header(text)


def has_header(text: str) -> bool:
    """Tell whether *text* begins with this program's header, be it below a conflict marker."""
    first = text.removeprefix("\ufeff").split("\n", 3)[:2]
    return any(line.startswith((MARK, PAGE_MARK)) for line in first)


def is_stack(text: str, name: str) -> bool:
    """Tell whether *text*, be it whole or not, is what CDKTF writes for the stack *name*."""
    content = _parsed(text)
    if content is None:
        return f'"stackName": {json.dumps(name)}' in text
    try:
        return bool(content["//"]["metadata"]["stackName"] == name)
    except (KeyError, TypeError):
        return False


def _folders(path: Path) -> Iterator[str]:
    try:
        with os.scandir(path) as entries:
            yield from (entry.name for entry in entries if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> OutputFolderError:
    return OutputFolderError(
        f"{path}: cannot be read: {error.strerror}; let this user read it, or take back its last "
        f"version: git checkout -- {path}"
    )


def _is_a_name(name: str) -> bool:
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def _is_manifest(content: Any) -> bool:
    try:
        return all(isinstance(e["workingDirectory"], str) for e in content["stacks"].values())
    except (KeyError, TypeError, AttributeError):
        return False


def _parsed(text: str) -> Any:
    """Return the JSON of *text*, None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def broken(path: Path, text: str) -> str:
    """Say why the file at *path* cannot be understood, and the way back to one that can."""
    if marker := _CONFLICT.search(text):
        line = text.count("\n", 0, marker.start()) + 1
        return (
            f"{path}: line {line}: a merge left its conflict here; take back one side first: "
            f"git checkout --ours -- {path}"
        )
    try:
        json.loads(text)
        why = "is not the JSON of a stack"
    except json.JSONDecodeError as error:
        why = f"line {error.lineno}: is cut short or broken"
    except (ValueError, RecursionError):
        why = "is broken"
    return (
        f"{path}: {why}; take back its last version first: "
        f"git checkout -- {path} (older ones: git log -- {path})"
    )
