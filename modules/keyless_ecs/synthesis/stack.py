"""A stack as it is written."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keyless_ecs.config.problems import Found


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
    refused: Sequence[Found] = ()

    @classmethod
    def of(
        cls,
        name: str,
        content: Mapping[str, Any],
        manifest: Mapping[str, Any],
        refused: Iterable[Found],
        *,
        after: Sequence[str] = (),
        beside: Mapping[Path, str] | None = None,
    ) -> "SynthesizedStack":
        """Return the stack of this *content*, to be deployed *after* those of these names."""
        return cls(
            name=name,
            text=to_json(content),
            manifest={**manifest, "dependencies": list(after)},
            resources=sum(map(len, content.get("resource", {}).values())),
            beside=beside or {},
            refused=list(refused),
        )

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
