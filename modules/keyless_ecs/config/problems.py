"""What is wrong with a delivery file, told all at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keyless_ecs.errors import UserError

Location = tuple[str | int, ...]
"""The keys and list positions that lead to a value of the delivery file."""


@dataclass(frozen=True)
class Problem:
    """One problem: where it is, what is wrong and how to mend it.

    *line* counts from 1; it is 0 where the file as a whole is meant.
    """

    line: int
    location: Location
    message: str

    def __str__(self) -> str:
        """Return the problem as one line of the report."""
        where = ".".join(map(str, self.location))
        return f"  line {self.line}  {where}: {self.message}" if where else f"  {self.message}"


class BadFileError(UserError):
    """A file that somebody wrote cannot be used; the text names every problem in it."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.message))
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"{path}: {count}", *map(str, self.problems)]))


class BadDeliveryFileError(BadFileError):
    """The delivery file cannot be used."""
