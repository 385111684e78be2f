"""The page that shows what a rehearsal found: one file, without a script or any request."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from keyless_ecs.output import Change
from keyless_ecs.rehearsal.report import diagram
from keyless_ecs.rehearsal.report.record import Claim, PlayedStack, Record, Step

REPORT = Path("rehearsal/report")
"""Where it is written unless another folder is named."""

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)

FOLDED_FROM = 20
"""Of so many tokens, those that were refused as they should be are folded."""

# Control characters, halves of surrogate pairs, and what reverses the direction of text.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)


def write(record: Record, folder: Path = REPORT) -> None:
    """Write ``index.html`` and ``report.json`` to *folder*: both or neither.

    Raises:
        OutputFolderError: The folder cannot be written; nothing in it has changed.
    """
    files = {Path("index.html"): html(record), Path("report.json"): record.to_json()}
    Change(folder, files).apply()


def remove(folder: Path) -> None:
    """Remove the report of an earlier rehearsal, or nobody could tell that this one was stopped.

    What is no report of this program stays.
    """
    try:
        Record.from_json((folder / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    for name in ("index.html", "report.json"):
        (folder / name).unlink(missing_ok=True)


def html(record: Record) -> str:
    """Return the page. Every text of *record* stands in it as text."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        finalize=_seen,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "duration": duration,
        "counted": counted,
        "image": _image,
        "by_interest": _by_interest,
    }
    return environment.get_template("page.html").render(
        record=record,
        proven=proven(record),
        failed=[step for step in record.steps if step.outcome == "failed"],
        seconds=sum(step.seconds for step in record.steps),
        entries=list(_entries(record.steps)),
        pictures=[_Pictures.of(stack) for stack in record.stacks],
        services=_grouped(record.services, lambda change: change.stack),
        claims=_grouped(record.claims, lambda claim: claim.role),
        permissions=[
            (role, of_role, _grouped(of_role, lambda one: (one.sid, one.resource)))
            for role, of_role in _grouped(record.permissions, lambda permission: permission.role)
        ],
        not_exercised=_grouped(record.not_exercised, lambda part: part.stack),
    )


def proven(record: Record) -> str:
    """Say in one sentence what the rehearsal has shown, from what stands in the record."""
    if record.verdict == "failed":
        failed = next(step for step in record.steps if step.outcome == "failed")
        where = f" of {failed.stack}" if failed.stack else ""
        passed, skipped = (
            sum(step.outcome == outcome for step in record.steps)
            for outcome in ("passed", "skipped")
        )
        rest = f", {counted(skipped, 'step')} could not be tried" if skipped else ""
        return f"“{failed.name}”{where} failed; {counted(passed, 'step')} before it passed{rest}."
    resources = sum(not r.is_data for stack in record.stacks for r in stack.resources)
    parts = [
        f"Terraform {record.terraform} applied {counted(len(record.stacks), 'stack')} with "
        f"{counted(resources, 'resource')}"
    ]
    if record.services:
        many = len({change.stack for change in record.services}) > 1
        moved = f"moved to another revision {_times(len(record.services))}"
        parts.append(f"the service{'s' * many} {moved}")
    if record.claims:
        right = sum(claim.as_expected for claim in record.claims)
        tokens = counted(len(record.claims), "token")
        parts.append(
            f"{tokens} fared as they should"
            if right == len(record.claims)
            else f"only {right} of {tokens} fared as they should"
        )
    quiet = sum(step.detail.startswith("No changes") for step in record.steps)
    if quiet:
        parts.append(f"{counted(quiet, 'plan')} found nothing to change")
    return "; ".join(parts) + "."


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def counted(number: int, what: str) -> str:
    """Return how many there are of *what*, whose plural ends in s."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


@dataclass(frozen=True)
class _Bar:
    """A step where it stands in the time of the whole, in percent."""

    step: Step
    start: str
    width: str


def _bars(steps: Sequence[Step]) -> Iterator[_Bar]:
    total, before = sum(step.seconds for step in steps) or 1.0, 0.0
    for step in steps:
        yield _Bar(step, f"{100 * before / total:.2f}", f"{100 * step.seconds / total:.2f}")
        before += step.seconds


@dataclass(frozen=True)
class _Entry:
    """A line of the timeline: a step, or a job of a workflow with its steps *below*."""

    bar: _Bar
    below: Sequence[_Bar] = ()

    @property
    def is_folded(self) -> bool:
        """Whether nobody has to see each of its steps."""
        return self.bar.step.outcome == "passed"


def _entries(steps: Sequence[Step]) -> Iterator[_Entry]:
    """Yield the timeline. The name of a job's step begins with the job's: ``build: check out``."""

    def job(bar: _Bar) -> tuple[str | None, str]:
        name, colon, _ = bar.step.name.partition(": ")
        return bar.step.stack, name if colon else ""

    for (stack, name), group in groupby(_bars(steps), key=job):
        bars = list(group)
        if not name or len(bars) == 1:
            yield from map(_Entry, bars)
            continue
        outcomes = {bar.step.outcome for bar in bars}
        outcome = next(each for each in ("failed", "passed", "skipped") if each in outcomes)
        seconds = sum(bar.step.seconds for bar in bars)
        whole = Step(name, stack, seconds, outcome, counted(len(bars), "step"))
        width = sum(float(bar.width) for bar in bars)
        yield _Entry(_Bar(whole, bars[0].start, f"{width:.2f}"), bars)


@dataclass(frozen=True)
class _Pictures:
    """A stack, drawn for a wide page and for a narrow one."""

    stack: PlayedStack
    wide: Markup
    narrow: Markup

    @classmethod
    def of(cls, stack: PlayedStack) -> "_Pictures":
        """Draw *stack*. The drawing escapes its texts itself."""
        label = f"The resources of the stack {stack.name}, and what refers to what"
        wide, narrow = (
            Markup(_seen(diagram.svg(stack.resources, label=label, narrow=narrow)))  # noqa: S704
            for narrow in (False, True)
        )
        return cls(stack, wide, narrow)


def _by_interest(claims: Sequence[Claim]) -> tuple[list[Claim], list[Claim]]:
    """Return what to show and what to fold.

    First comes what fared otherwise than it should, then who was let in, then the refused.
    """
    ordered = sorted(claims, key=lambda claim: (claim.as_expected, not claim.admitted))
    if len(ordered) < FOLDED_FROM:
        return ordered, []
    dull = [claim for claim in ordered if claim.as_expected and not claim.admitted]
    return ordered[: len(ordered) - len(dull)], dull


def _image(image: str) -> tuple[str, str]:
    """Return an image's repository, and its digest or tag with the sign before it."""
    repository, at, digest = image.partition("@")
    if at:
        return repository, at + digest
    host, slash, path = image.rpartition("/")
    name, colon, tag = path.partition(":")
    return host + slash + name, colon + tag


def _grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> list[tuple[Key, list[Item]]]:
    """Return *items* by *key*, in the order in which the keys first come."""
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.items())


def _seen(value: Any) -> Any:
    """Return a text with the replacement character for what a reader would not see."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value
