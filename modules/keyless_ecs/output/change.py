"""The step from what is in the output folder to what shall be."""

import difflib
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from keyless_ecs.output import contents, journal
from keyless_ecs.output.errors import OutputFolderError, StateAtRiskError
from keyless_ecs.output.states import STACK_FILE


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
    delivery file. *moves* are stacks whose state is to be elsewhere, *losses* those among
    *leaving* whose resources nothing else would remember, each with why. *foreign* are those
    among *files* that somebody else wrote. *unfinished* says that a run stopped halfway. *again*
    compares once more, for what another run has written since.
    """

    folder: Path
    files: Mapping[Path, str]
    leaving: tuple[Path, ...] = ()
    moves: tuple[Move, ...] = ()
    losses: Mapping[Path, str] = field(default_factory=dict)
    foreign: tuple[Path, ...] = ()
    unfinished: bool = False
    again: "Callable[[], Change] | None" = None

    def __bool__(self) -> bool:
        """Tell whether there is anything to change."""
        return bool(self.files or self.leaving or self.unfinished)

    def summary(self) -> Iterator[str]:
        """Yield a line for each stack, and each file beside them, that is not as it shall be."""
        if self.unfinished:
            yield f"{journal.ASIDE}: a run stopped halfway; the next one does the rest"
        found = {
            path: "differs" if (self.folder / path).exists() else "is missing"
            for path in self.files
        } | dict.fromkeys(self.leaving, "left the delivery file")
        for path in sorted(found, key=lambda path: (path.parts[0] != "stacks", path)):
            yield f"{_subject(path)}: {found[path]}"

    def risks(self, *, move_state: bool) -> Iterator[str]:
        """Yield what must be done first, so that no state and nothing of anybody else's is lost.

        Args:
            move_state: Whether moved states are accepted.
        """
        for path in self.foreign:
            target = self.folder / path
            yield (
                f"{target}: is not this program's: move it away, write elsewhere with --out DIR, "
                f"or have it overwritten with --force {shlex.quote(str(target))}"
            )
        for path, why in self.losses.items():
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
            yield from _diff(path, contents.read(self.folder / path), text)
        for path in self.leaving:
            file = path / STACK_FILE if (self.folder / path).is_dir() else path
            yield from _diff(file, contents.read(self.folder / file), None)

    def apply(self, *, move_state: bool = False) -> dict[Path, str]:
        """Make the change, whole or not at all; finish first what an earlier run has begun.

        Args:
            move_state: Whether moved states are accepted.

        Returns:
            What was to be removed and stays, by its path below the folder, each with a line on why.

        Raises:
            StateAtRiskError: Terraform would lose sight of a state; nothing has changed.
            OutputFolderError: The folder cannot be written, another run writes to it, or a file
                in it is somebody else's; nothing in it has changed, or the text says what has.
        """
        if not self and journal.is_clean(self.folder):
            return {}
        with journal.opened(self.folder) as stay:
            # Another run may have written since they were compared.
            now = self.again() if self.again else self
            if risks := list(now.risks(move_state=move_state)):
                error = StateAtRiskError if now.losses or now.moves else OutputFolderError
                raise error("\n".join(risks))
            if now:
                stay |= journal.change(self.folder, now.files, now.leaving)
            return stay


def _subject(path: Path) -> str:
    """Return what a path below the output folder is to its reader."""
    if path.parts[0] == "stacks":
        return f"stack {path.parts[1]}"
    return str(path)


def _diff(path: Path, before: str | None, after: str | None) -> Iterator[str]:
    return difflib.unified_diff(
        (before or "").splitlines(),
        (after or "").splitlines(),
        "/dev/null" if before is None else f"a/{path}",
        "/dev/null" if after is None else f"b/{path}",
        lineterm="",
    )
