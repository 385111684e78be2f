"""Strings of the delivery file: rules that more than one part of it follows."""

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator


def matching(pattern: str, rule: str, *, secret: bool = False) -> AfterValidator:
    """Return a validator that refuses strings off *pattern* and says the *rule* in words.

    Where a *secret* may stand by mistake, the message does not show the value.
    """
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f"{'the value' if secret else repr(value)} {rule}")
        return value

    return AfterValidator(check)


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """Return a mend for a misspelt *value*: the nearest of *known*, else all of them."""
    known = sorted(known)
    near = difflib.get_close_matches(value, known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"use one of {', '.join(known)}"


def _text(value: object) -> object:
    """Read whole numbers as text, refuse the scalars whose text YAML does not keep."""
    if isinstance(value, bool) or value is None or isinstance(value, float):
        raise ValueError(f"{value!r} is not text to YAML; put it in quotes")
    return str(int(value)) if isinstance(value, int) else value


def _printable(value: str) -> str:
    if "TfToken[" in value:
        raise ValueError('"TfToken[" marks a reference inside CDKTF; write the text without it')
    return value


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    for position, value in enumerate(values):
        if value in values[:position]:
            raise ValueError(f"{value!r} stands there twice; leave one out")
    return values


EachOnce = AfterValidator(_each_once)
"""A list in which nothing stands twice."""

Text = Annotated[str, BeforeValidator(_text), AfterValidator(_printable)]
"""Free text. Terraform must not read ``${…}`` in it: see :func:`keyless_ecs.terraform.literal`."""


def quote_it(what: str) -> Callable[[object], object]:
    """Return a validator that refuses numbers where digits are a name, as in account ids."""

    def check(value: object) -> object:
        if isinstance(value, int | float):
            raise ValueError(
                f"{value} is a number to YAML, which drops leading zeros; "
                f'quote {what}: "{value:012.0f}"'
            )
        return value

    return check
