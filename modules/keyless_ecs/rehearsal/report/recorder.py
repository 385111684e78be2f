"""Takes note of a rehearsal while it runs, and shows it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from keyless_ecs.rehearsal.report.record import Step


class Recorder:
    """Exposes the *steps* so far; *show* gets a line of text for each."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self.steps: list[Step] = []
        self._show = show
        self._stack: str | None = None

    @contextmanager
    def of(self, stack: str) -> Iterator[None]:
        """Take the steps inside for those of *stack*."""
        outside, self._stack = self._stack, stack
        try:
            yield
        finally:
            self._stack = outside

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Time a step. What it appends to the list that it gets is its detail."""
        details: list[str] = []
        begun = time.monotonic()
        try:
            yield details
        except Exception as error:
            self._note(name, begun, "failed", _said(error))
            raise
        self._note(name, begun, "passed", "; ".join(details))

    def failed(self, error: Exception) -> None:
        """Note what ended the rehearsal, unless a step has it already."""
        if not any(step.outcome == "failed" for step in self.steps):
            self._note("rehearse", time.monotonic(), "failed", _said(error))

    def _note(
        self, name: str, begun: float, outcome: Literal["passed", "failed"], detail: str
    ) -> None:
        seconds = time.monotonic() - begun
        self.steps.append(Step(name, self._stack, round(seconds, 2), outcome, detail))
        of = f"{self._stack}: " if self._stack else ""
        mark = "ok" if outcome == "passed" else "FAILED"
        behind = f" ({detail})" if detail and outcome == "passed" else ""
        self._show(f"{mark:>6} {seconds:6.1f} s  {of}{name}{behind}")
        if outcome == "failed":
            self._show(detail)


def _said(error: Exception) -> str:
    """Return the text of an error, or what it is where it has none, or one that says nothing."""
    return repr(error) if isinstance(error, LookupError) else str(error) or repr(error)
