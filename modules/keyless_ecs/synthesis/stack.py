"""A stack as it is written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keyless_ecs.stacks import limits


@dataclass(frozen=True)
class SynthesizedStack:
    """One stack, and *beside* it the workflows of the repository that it delivers.

    *text* is its Terraform JSON, *manifest* its entry in CDKTF's manifest, *refused* what AWS or
    GitHub would refuse of it.
    """

    name: str
    text: str
    manifest: dict[str, Any]
    resources: int
    beside: Mapping[Path, str]
    refused: Sequence[limits.Found] = ()

    @property
    def path(self) -> Path:
        """Where the stack's file stands below the output folder."""
        return Path(self.manifest["synthesizedStackPath"])

    @property
    def files(self) -> dict[Path, str]:
        """Every file that the stack needs, by its path below the output folder."""
        return {self.path: self.text, **self.beside}


def to_json(content: Any) -> str:
    """Return *content* as it stands in a generated file."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
