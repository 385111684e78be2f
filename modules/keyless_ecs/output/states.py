"""Where a stack's state is, as its Terraform JSON says: to see a move, and never lose one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

STACK_FILE = "cdk.tf.json"

_PLACE = {
    "local": ("path",),
    "s3": ("region", "bucket", "key"),
    "gcs": ("bucket", "prefix"),
    "azurerm": ("storage_account_name", "container_name", "key"),
    "http": ("address",),
}
"""The arguments of each backend that say where; locks, keys and roles say how to get there."""


def place(text: str) -> str | None:
    """Return the place of the state in words, the same words for the same place.

    None where *text* is no JSON of a stack, as in the middle of a merge.
    """
    try:
        return _in_words(json.loads(text).get("terraform", {}))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def local_path(text: str) -> str | None:
    """Return the path of a state in a file, None where it is elsewhere."""
    kind, _, path = (place(text) or "").partition(" ")
    return path if kind == "local" else None


def _in_words(terraform: Mapping[str, Any]) -> str:
    backends = dict(terraform.get("backend", {}))
    # The cloud block is another way to the workspaces of the remote backend.
    if remote := backends.pop("remote", None) or terraform.get("cloud"):
        host = remote.get("hostname", "app.terraform.io")
        workspace = remote["workspaces"].get("name") or json.dumps(remote["workspaces"])
        return f"workspace {host}/{remote['organization']}/{workspace}"
    if not backends:
        return "local terraform.tfstate"
    ((kind, arguments),) = backends.items()
    names = _PLACE.get(kind, tuple(arguments))
    return " ".join([kind, *(str(arguments[name]) for name in names if name in arguments)])


def is_empty(path: Path) -> bool:
    """Tell whether the state file at *path* holds no resource; one that cannot be read does."""
    try:
        return not json.loads(path.read_text(encoding="utf-8")).get("resources")
    except (OSError, ValueError, AttributeError, RecursionError):
        return False


def held(folder: Path, text: str) -> set[str] | None:
    """Return the addresses in the state of the stack in *folder*, whose file holds *text*.

    None where that cannot be seen: the state is elsewhere, or broken.
    """
    if not local_path(text):
        return None
    try:
        return {
            f"{resource['type']}.{resource['name']}"
            for file in _files(folder, text)
            for resource in json.loads(file.read_text(encoding="utf-8")).get("resources", ())
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _files(folder: Path, text: str) -> list[Path]:
    """Return every file of a state, those of workspaces too."""
    files = [file for file in folder.rglob("*.tfstate") if file.parent.name != ".terraform"]
    path = local_path(text)
    return [*files, folder / path] if path and (folder / path).exists() else files


def would_be_lost(folder: Path) -> str | None:
    """Return what would be lost with the stack in *folder*, None where nothing would."""
    stack_file = folder / STACK_FILE
    text = (
        stack_file.read_text(encoding="utf-8", errors="replace") if stack_file.is_file() else None
    )
    path = local_path(text or "")
    if not all(map(is_empty, _files(folder, text or ""))):
        return "but its state still holds resources"
    if text is None or path:
        return None
    return f"and nothing else says that its state is {place(text) or 'elsewhere'}"
