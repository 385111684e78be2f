"""How a limit of one argument is written down: what AWS or GitHub takes, and where they say so."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from keyless_ecs.config.shown import shown

MODELS = Path(__file__).with_name("models.json")
"""What botocore's service models say of the members that the table names; ``make limits``."""


@dataclass(frozen=True)
class Limit:
    """What the service takes for one argument of a type of resource.

    *least* and *most* count the characters of a text (*in_bytes*: its bytes in UTF-8), the entries
    of a list, or bound a number. Letters and digits of a *pattern* are those of ASCII.
    """

    argument: str
    """Type and path: ``aws_ecs_service.network_configuration.subnets``, see Finished.values."""
    source: str
    """A page of the service's reference, or ``<service>.<operation>.<member>`` of botocore."""
    mend: str
    least: int = 0
    most: int | None = None
    pattern: str | None = None
    words: str | None = None
    """The pattern, for people."""
    in_bytes: bool = False

    @property
    def type(self) -> str:
        """The type of the resource."""
        return self.argument.partition(".")[0]

    @property
    def path(self) -> str:
        """Where the argument stands in the resource."""
        return self.argument.partition(".")[2]

    @property
    def service(self) -> str:
        """Who refuses what goes beyond the limit."""
        names = (name for prefix, name in _SERVICES.items() if self.type.startswith(prefix))
        return next(names, "AWS")

    def problems(self, value: Any) -> Iterator[str]:
        """Yield why the service refuses *value*, and the mend."""
        size, unit = _measured(value, in_bytes=self.in_bytes)
        if size < self.least or (self.most is not None and size > self.most):
            yield f"{_said(value, size, unit)}, and {self.service} takes {self._range}; {self.mend}"
        elif self.refuses(value):
            bad = shown(value) if len(value) < _LONG else _first_unfit(str(self.pattern), value)
            taken = self.words or f"what matches {self.pattern}"
            yield f"{bad} stands there, and {self.service} takes {taken}; {self.mend}"

    def refuses(self, value: Any) -> bool:
        """Say whether *value* holds what the pattern has no place for."""
        if self.pattern is None or not isinstance(value, str):
            return False
        return not _compiled(self.pattern)(value)

    @property
    def _range(self) -> str:
        if self.most is None:
            return f"{self.least:,} or more"
        return f"{self.least:,} to {self.most:,}" if self.least else f"at most {self.most:,}"


def of_model(argument: str, member: str, mend: str, *, words: str | None = None) -> Limit:
    """Return the limit that botocore's model of the service has for *member*.

    Args:
        argument: Type and path of the argument.
        member: ``<service>.<operation>.<member>``, with further members behind it where they nest.
        mend: What to do.
        words: The model's pattern, for people.
    """
    known = _models().get(member, {})  # a new line of the table, before make limits
    return Limit(
        argument,
        source=member,
        mend=mend,
        least=known.get("min", 0),
        most=known.get("max"),
        pattern=known.get("pattern"),
        words=words,
    )


_SERVICES = {
    "aws_iam": "IAM",
    "aws_ecr": "ECR",
    "aws_ecs": "ECS",
    "aws_cloudwatch_log": "CloudWatch Logs",
    "aws_lb": "Elastic Load Balancing",
    "aws_security_group": "EC2",
    "aws_vpc": "EC2",
    "github": "GitHub",
}
_LONG = 200


@cache
def _models() -> dict[str, dict[str, Any]]:
    models: dict[str, dict[str, Any]] = json.loads(MODELS.read_text(encoding="utf-8"))
    return models


@cache
def _compiled(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.ASCII).fullmatch


def _measured(value: Any, *, in_bytes: bool) -> tuple[int, str]:
    if isinstance(value, str):
        return (len(value.encode()), "bytes") if in_bytes else (len(value), "characters")
    return (len(value), "entries") if isinstance(value, list) else (int(value), "")


def _said(value: Any, size: int, unit: str) -> str:
    if not unit:
        return f"{size:,}"
    what = f"{shown(value)} has" if isinstance(value, str) and len(value) < _LONG else "has"
    return f"{what} {size:,} {unit if size != 1 else unit.removesuffix('s')}"


def _first_unfit(pattern: str, value: str) -> str:
    """Return the first letter that *pattern* takes nowhere, of a text too long to be shown."""
    unfit = (letter for letter in value if not _compiled(pattern)(letter))
    return shown(next(unfit, value))
