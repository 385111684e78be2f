"""What a rehearsal found, as data: the page shows it, and machines read it as JSON.

The JSON has these names (docs/rehearsal-report.md), and ``verdict`` beside them. A change that a
reader of the JSON could stumble over gets a new ``version``.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, Self

from pydantic import TypeAdapter

from keyless_ecs.rehearsal.report.diagram import Resource


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the rehearsal did.

    *stack* is that which it was done to, if it was one. *detail* is what came of it, in one line or
    many: of a plan, Terraform's own line ("No changes. …"); of a failure, its own message.
    """

    name: str
    stack: str | None
    seconds: float
    outcome: Literal["passed", "failed", "skipped"]
    detail: str


@dataclass(frozen=True, slots=True)
class PlayedStack:
    """A stack that was applied, with what stands in its Terraform JSON."""

    name: str
    account_id: str
    region: str
    resources: list[Resource]


@dataclass(frozen=True, slots=True)
class Revision:
    """What a service runs: ``family:revision``, and the image in it."""

    task_definition: str
    image: str


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """A moment at which the service of a stack came to run something else."""

    stack: str
    moment: str
    before: Revision
    after: Revision


@dataclass(frozen=True, slots=True)
class Claim:
    """A token with which somebody tried to assume a role.

    *token* says in a few words whose it is, *subject* is its claim ``sub``. *by* is what answered:
    the trust policy alone, or the local STS. Both go by AWS's documented rules.
    """

    role: str
    token: str
    subject: str
    expected: bool
    admitted: bool
    by: Literal["policy", "sts"]

    @property
    def as_expected(self) -> bool:
        """Whether it fared as it should."""
        return self.admitted == self.expected


@dataclass(frozen=True, slots=True)
class Permission:
    """An action that a statement of a role allows, and how many calls it covered."""

    role: str
    sid: str
    action: str
    resource: str
    uses: int


@dataclass(frozen=True, slots=True)
class NotExercised:
    """A part of a stack that the rehearsal left out or replaced.

    *what* is the argument or block at *address*, or empty for the whole; *why* the reason.
    """

    stack: str
    address: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Record:
    """A rehearsal of one delivery file.

    *terraform* is its version, *providers* those of the providers by name, *started* when it began,
    with time zone.
    """

    delivery_file: str
    terraform: str
    providers: dict[str, str]
    steps: list[Step]
    stacks: list[PlayedStack]
    services: list[ServiceChange]
    claims: list[Claim]
    permissions: list[Permission]
    not_exercised: list[NotExercised]
    started: datetime | None = None
    version: Literal[1] = 1

    @property
    def verdict(self) -> Literal["passed", "failed"]:
        """Whether it passed: no step failed."""
        return "failed" if any(step.outcome == "failed" for step in self.steps) else "passed"

    def to_json(self) -> str:
        """Return the record as JSON; what is no text in UTF-8 becomes a question mark."""
        data = {"version": self.version, "verdict": self.verdict, **asdict(self)}
        text = json.dumps(data, indent=2, ensure_ascii=False, default=datetime.isoformat)
        return text.encode(errors="replace").decode() + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a record; keys that are not known are passed over.

        Raises:
            ValueError: The text is no such JSON, or of another version.
        """
        return TypeAdapter(cls).validate_json(text, strict=True)
