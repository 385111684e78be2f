"""The step from what is in the output folder to what shall be."""

import difflib
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from keyless_ecs import plans
from keyless_ecs.output import contents, journal
from keyless_ecs.output.errors import OutputFolderError, StateAtRiskError
from keyless_ecs.output.moves import Move
from keyless_ecs.output.states import STACK_FILE
from keyless_ecs.plans import Stop


@dataclass(frozen=True)
class Change:
    """What turns the output folder into what it shall be.

    *files* are those whose content differs, *leaving* the folders and files of what left the
    delivery file. *moves* are stacks whose state is to be elsewhere, *losses* those among
    *leaving* whose resources nothing else would remember, each with why and what to do. *stops*
    are what the next plans would destroy. *foreign* are those among *files* that somebody else
    wrote. *unfinished* says that a run stopped halfway. *again* compares once more, for what
    another run has written since.
    """

    folder: Path
    files: Mapping[Path, str]
    leaving: tuple[Path, ...] = ()
    moves: tuple[Move, ...] = ()
    losses: Mapping[Path, str] = field(default_factory=dict)
    stops: tuple[Stop, ...] = ()
    foreign: tuple[Path, ...] = ()
    unfinished: bool = False
    again: "Callable[[], Change] | None" = None

    def __bool__(self) -> bool:
        """Tell whether there is anything to change."""
        renamed = any(move.former for move in self.moves)
        return bool(self.files or self.leaving or self.unfinished or renamed)

    def summary(self) -> Iterator[str]:
        """Yield a line for each stack, and each file beside them, that is not as it shall be."""
        if self.unfinished:
            yield f"{journal.ASIDE}: a run stopped halfway; the next one does the rest"
        found = {
            path: "differs" if (self.folder / path).exists() else "is missing"
            for path in self.files
        } | dict.fromkeys(self.leaving, "left the delivery file")
        for move in self.moves:
            if move.former:
                found[move.former] = f"is called {move.stack.name} now"
        subjects: dict[str, str] = {}
        for path in sorted(found, key=lambda path: (path.parts[0] != "stacks", path)):
            subjects.setdefault(_subject(path), found[path])
        yield from (f"{subject}: {what}" for subject, what in subjects.items())

    def risks(self, *, move_state: bool, accept: Collection[str] = ()) -> Iterator[str]:
        """Yield what must be done first, so that nothing is lost: no state, nobody's file.

        Args:
            move_state: Whether moved states are accepted.
            accept: The addresses of what may be destroyed.
        """
        for path in self.foreign:
            target = self.folder / path
            yield (
                f"{target}: is not this program's: move it away, write elsewhere with --out DIR, "
                f"or have it overwritten with --force {shlex.quote(str(target))}"
            )
        for path, why in self.losses.items():
            yield f"{self.folder / path}: left the delivery file, {why}"
        yield from plans.told(self.stops, accept, self.folder / contents.STACKS)
        if move_state:
            return
        for move in self.moves:
            yield move.told(self.folder)
        if any(not move.former for move in self.moves):
            # Terraform knows the old place only where it was initialised with the old file.
            yield (
                "What a state holds moves by: terraform init in each of these folders, as they "
                "are now;\nthen the same command with --move-state; then terraform init "
                "-migrate-state in each.\nWhere nothing was applied yet, --move-state is enough."
            )

    def before(self, path: Path) -> str | None:
        """Return what stands now at a *path* below the folder, None where nothing does."""
        return contents.read(self.folder / path)

    def diff(self) -> Iterator[str]:
        """Yield the change as lines of a unified diff."""
        for path, text in sorted(self.files.items()):
            yield from _diff(path, self.before(path), text)
        for path in self.leaving:
            file = path / STACK_FILE if (self.folder / path).is_dir() else path
            yield from _diff(file, self.before(file), None)

    def apply(self, *, move_state: bool = False, accept: Collection[str] = ()) -> dict[Path, str]:
        """Make the change, whole or not at all; finish first what an earlier run has begun.

        Args:
            move_state: Whether moved states are accepted.
            accept: The addresses of what may be destroyed.

        Returns:
            What was to be removed and stays, by its path below the folder, each with a line on why.

        Raises:
            StateAtRiskError: Terraform would lose sight of a state, or destroy what matters;
                nothing has changed.
            OutputFolderError: The folder cannot be written, another run writes to it, or a file
                in it is somebody else's; nothing in it has changed, or the text says what has.
        """
        if not self and journal.is_clean(self.folder):
            return {}
        with journal.opened(self.folder) as stay:
            # Another run may have written since they were compared.
            now = self.again() if self.again else self
            if risks := list(now.risks(move_state=move_state, accept=accept)):
                at_risk = now.losses or now.moves or now.stops
                raise (StateAtRiskError if at_risk else OutputFolderError)("\n".join(risks))
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
