"""What is wrong with a file, told all at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keyless_ecs.config.shown import as_name
from keyless_ecs.errors import UserError

Location = tuple[str | int, ...]
"""The keys and list positions that lead to a value of the file."""

Found = tuple[Location, str]
"""Where in the delivery file; what is wrong and the mend."""

MISSING = "missing; it has no default"

MAX_SHOWN = 100
"""More are counted: whoever has so many looks for one cause."""


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
        where = ".".join(as_name(part) for part in self.location)
        parts = [f"line {self.line}  " if self.line and where else "", where and f"{where}: "]
        if self.line and not where:
            parts = [f"line {self.line}: "]
        return f"  {''.join(parts)}{self.message}"


class BadFileError(UserError):
    """A file that somebody wrote cannot be used; the text names every problem in it."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.message))
        count = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
        lines = [str(problem) for problem in self.problems[:MAX_SHOWN]]
        if len(problems) > MAX_SHOWN:
            lines.append(f"  and {len(problems) - MAX_SHOWN:,} more")
        super().__init__("\n".join([f"{path}: {count}", *lines]))


class BadDeliveryFileError(BadFileError):
    """The delivery file cannot be used."""


class LimitError(UserError):
    """AWS or GitHub would refuse what the delivery file asks for; *found* says all of it."""

    def __init__(self, found: Sequence[Found]) -> None:
        self.found = found
        super().__init__("\n".join(str(Problem(0, *each)) for each in found))
