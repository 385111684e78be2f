"""States whose place changes: which they are, and how what they hold gets there."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from keyless_ecs.output import states
from keyless_ecs.plans.command_line import terraform_in


@dataclass(frozen=True)
class Move:
    """A stack whose state the new file looks for in another place.

    *former* is the folder of a stack that got another name, and holds its state until now.
    """

    stack: Path
    old: str
    new: str
    former: Path | None = None

    def told(self, folder: Path) -> str:
        """Return what is said of it before anything is written."""
        said = f"{folder / self.stack}: its state would move\n  from {self.old}\n    to {self.new}"
        if not self.former:
            return said
        steps = "\n  ".join(self.steps(folder))
        return (
            f"{said}\nIt was called {self.former.name}. The same command with --move-state writes "
            f"its folder beside the old one; then\n  {steps}\nand terraform plan destroys nothing. "
            "Where nothing was applied yet, the last step is enough."
        )

    def steps(self, folder: Path) -> Iterator[str]:
        """Yield the commands that bring what the state holds to its new place."""
        new = terraform_in(folder / self.stack)
        if not self.former:
            yield f"{new} init -migrate-state"
            return
        left, copy = folder / self.former, []
        old = terraform_in(left)
        before, after = (place.removeprefix("local ") for place in (self.old, self.new))
        if self.old != before and self.new != after:
            paths = (str(left / before), str(folder / self.stack / after))
            yield f"mv {shlex.join(paths)}"
        else:
            # Into an empty state Terraform pushes whatever it is given.
            # https://developer.hashicorp.com/terraform/cli/commands/state/push
            copy = [f"{self.stack.name}.tfstate"]
            yield f"{old} init && {old} state pull > {copy[0]}"
            yield f'{new} init && {new} state push "$PWD"/{copy[0]}'
        yield f"rm -r {shlex.join([str(left), *copy])}"


def of_files(before: Mapping[Path, str | None], after: Mapping[Path, str]) -> Iterator[Move]:
    """Yield the stacks whose file names another place than *before*."""
    for path, text in after.items():
        if path.name == states.STACK_FILE:
            old, new = states.place(before[path] or ""), states.place(text)
            if old and new and old != new:
                yield Move(path.parent, old, new)
