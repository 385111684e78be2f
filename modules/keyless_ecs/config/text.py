"""Strings of the delivery file: rules that more than one part of it follows."""

import difflib
import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from keyless_ecs.config.shown import as_name, shown


class matching:  # noqa: N801 -- it reads as a word where it is used
    """A validator that refuses strings off *pattern* and says the *rule* in words.

    Letters and digits are those of ASCII: no AWS or GitHub name takes others, though they look
    alike. Where a *secret* may stand by mistake, the message does not show the value.
    """

    def __init__(self, pattern: str, rule: str, *, secret: bool = False) -> None:
        self._pattern, self._rule, self._secret = re.compile(pattern, re.ASCII), rule, secret

    def _check(self, value: str) -> str:
        if not self._pattern.fullmatch(value):
            said = "the value" if self._secret else shown(value)
            other = next((letter for letter in value if not letter.isascii()), None)
            hint = f" ({shown(other)} is no letter of ASCII)" if other and not self._secret else ""
            raise ValueError(f"{said} {self._rule}{hint}")
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        # "patternErrorMessage" is what editors say: their language servers all read it.
        whole = f"^(?:{self._pattern.pattern})$"
        return {**handler(schema), "pattern": whole, "patternErrorMessage": self._rule}


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """Return a mend for a misspelt *value*: the nearest of *known*, else all of them."""
    known = sorted(known)
    # No key or name here differs from another in case alone.
    if alike := next((name for name in known if name.lower() == value.lower()), None):
        return f'did you mean "{as_name(alike)}"?'
    # Comparing takes the product of the lengths, and nobody misspells a name that much.
    near = difflib.get_close_matches(value[:_COMPARED], known[:_KNOWN], n=1)
    if near:
        return f'did you mean "{as_name(near[0])}"?'
    return use_one_of(known)


def use_one_of(known: Iterable[str]) -> str:
    """Return a mend that names what is *known*."""
    known = sorted(known)
    listed = ", ".join(as_name(name) for name in known[:_LISTED])
    return f"use one of {listed}{', …' if len(known) > _LISTED else ''}"


_COMPARED, _KNOWN, _LISTED = 100, 300, 60


def _text(value: object) -> object:
    """Read whole numbers as text, refuse the scalars whose text YAML does not keep."""
    if value is None:
        raise ValueError('nothing stands here; write "" for empty text')
    if isinstance(value, bool | float):
        raise ValueError(f"{shown(value)} is not text to YAML; put it in quotes")
    if isinstance(value, int):
        if shown(value) != str(int(value)):
            raise ValueError(f"{shown(value)} is {int(value)} to YAML; put it in quotes")
        return str(int(value))
    return value


_RESERVED = (
    (
        re.compile(r"TfToken\[|#\{Token\[|-1\.888154589708\d*e\+289"),
        "marks a reference inside CDKTF",
    ),
    (re.compile(r"\$jsii\."), "marks an object inside CDKTF"),
    (re.compile("\0"), "ends a text for AWS"),
    (re.compile("__proto__"), "is no name in JavaScript, in which CDKTF is written"),
)


MAX_LENGTH = 65_536
"""Of a whole task definition, the largest thing that text of this file becomes a part of."""


def reserved(value: str) -> str | None:
    """Say why *value* cannot pass through what makes the JSON, or None where it can."""
    if len(value) > MAX_LENGTH:
        return f"{len(value):,} characters, and AWS takes {MAX_LENGTH:,} in all; shorten it"
    for pattern, why in _RESERVED:
        if (match := pattern.search(value)) and (match[0] != "__proto__" or value == match[0]):
            return f'"{as_name(match[0])}" {why}; write the text without it'
    return None


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    seen = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{shown(value)} stands there twice; leave one out")
        seen.add(value)
    return values


EachOnce = AfterValidator(_each_once)
"""A list in which nothing stands twice."""

Text = Annotated[str, BeforeValidator(_text, json_schema_input_type=str | int)]
"""Free text. Terraform must not read ``${…}`` in it: see :func:`keyless_ecs.terraform.literal`."""


def quote_it(what: str, digits: int) -> Callable[[object], object]:
    """Return a validator that refuses numbers where *digits* digits are a name, as in ids."""

    def check(value: object) -> object:
        if isinstance(value, int | float) and not isinstance(value, bool):
            text = shown(value)
            mend = f'quote {what}: "{text.zfill(digits)}"' if text.isdigit() else f"quote {what}"
            raise ValueError(f"{text} is a number to YAML, which drops leading zeros; {mend}")
        return value

    return check
