"""Stacks as CDKTF writes them, as far as the output folder looks at them."""

import json
from pathlib import Path
from typing import Any


def manifest(*names: str) -> dict[str, Any]:
    """Return CDKTF's manifest of the stacks *names*."""
    stacks = {name: {"workingDirectory": f"stacks/{name}"} for name in names}
    return {"stacks": stacks, "version": "0.21.0"}


def stack(name: str, **content: Any) -> dict[Path, str]:
    """Return the file of the stack *name*, by its path below the output folder."""
    text = json.dumps({"//": {"metadata": {"stackName": name}}, **content}, indent=2)
    return {Path("stacks", name, "cdk.tf.json"): text + "\n"}


def snapshot(folder: Path) -> dict[str, str]:
    """Return every file and folder below *folder*."""
    return {
        str(path.relative_to(folder)): path.read_text() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }
