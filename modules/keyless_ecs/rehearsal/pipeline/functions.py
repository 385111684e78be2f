"""The values of GitHub's expressions, and the functions that the generated workflows call.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import json
import re
from collections.abc import Callable, Mapping
from math import nan
from typing import Any, Protocol

Value = str | bool | float | list[Any] | None


class ExpressionError(Exception):
    """An expression that GitHub, or this evaluator, does not understand."""


class Status(Protocol):
    """What the status functions say."""

    succeeded: bool
    failed: bool
    cancelled: bool


def text(value: Any) -> str:
    """Return what a value is as text: GitHub writes numbers and truth as JSON does."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "Array"
    # Of zero GitHub writes no sign.
    return f"{value or 0:.15g}" if isinstance(value, float) else str(value)


def truthy(value: Value) -> bool:
    """Say whether a value counts as true; a list does, an empty one as well."""
    return isinstance(value, list) or value not in (None, False, "", 0)


def equal(one: Value, other: Value) -> bool:
    """Compare as GitHub does: texts without case, what is of two types as numbers.

    https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators
    """
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return _number(one) == _number(other)


def _number(value: Value) -> float:
    """Return what a value is as a number; a text that is none equals nothing, not even itself."""
    if isinstance(value, list):
        return nan
    if not isinstance(value, str):
        return float(value or 0)
    if re.match(r"\s*0[xo]", value):
        raise ExpressionError(f"the rehearsal does not know the number {value}")
    number = re.fullmatch(r"\s*(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)?\s*", value, re.I | re.A)
    return float(value.strip() or 0) if number else nan


def _contains(_: Status, where: Value, what: Value) -> bool:
    if isinstance(where, list):
        return any(equal(item, what) for item in where)
    return text(what).lower() in text(where).lower()


def _format(_: Status, template: Value, *values: Value) -> str:
    """Fill in ``{0}`` and so on; a brace that is meant is written twice."""

    def fill(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if not match[1] or int(match[1]) >= len(values):
            raise ExpressionError(f"format() cannot fill in {match[0]!r} of {text(template)!r}")
        return text(values[int(match[1])])

    return re.sub(r"\{\{|\}\}|\{(\d*)\}|[{}]", fill, text(template))


def _from_json(_: Status, source: Value) -> Value:
    """Return what a JSON text holds, as far as it can stand in an expression: no object."""
    try:
        found = json.loads(text(source), parse_int=float)
    except ValueError:
        raise ExpressionError(f"fromJSON() cannot read {text(source)!r}") from None
    if isinstance(found, dict):
        raise ExpressionError("the rehearsal knows no objects of fromJSON()")
    return found  # type: ignore[no-any-return]


def _ends_with(_: Status, whole: Value, end: Value) -> bool:
    return text(whole).lower().endswith(text(end).lower())


def _starts_with(_: Status, whole: Value, start: Value) -> bool:
    return text(whole).lower().startswith(text(start).lower())


Function = Callable[..., Value]
FUNCTIONS: Mapping[str, tuple[Function, range]] = {
    "always": (lambda _: True, range(1)),
    "cancelled": (lambda status: status.cancelled, range(1)),
    "failure": (lambda status: status.failed, range(1)),
    "success": (lambda status: status.succeeded, range(1)),
    "contains": (_contains, range(2, 3)),
    "endswith": (_ends_with, range(2, 3)),
    "format": (_format, range(1, 256)),
    "fromjson": (_from_json, range(1, 2)),
    "startswith": (_starts_with, range(2, 3)),
}
"""Each function by its name, which has no case, and how many arguments it takes."""
STATUS = frozenset({"always", "cancelled", "failure", "success"})
"""Those that say how things went."""
