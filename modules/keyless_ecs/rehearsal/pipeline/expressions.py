"""GitHub's expressions, as far as the generated workflows use them.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import nan
from typing import Any

Value = str | bool | float | None
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<operator>\|\||&&|==|!=|[!().,]))"
)
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_STATUS = frozenset({"always", "cancelled", "failure", "success"})
_MAY_BE_MISSING = re.compile(
    r"(?:inputs|secrets|vars)\.[^.]+|(?:needs|steps)\.[^.]+\.outputs\.[^.]+", re.IGNORECASE
)
"""What is empty to GitHub where nobody has set it. Whatever else is not there, GitHub may have."""


class ExpressionError(Exception):
    """An expression that GitHub, or this evaluator, does not understand."""


class UnsetError(Exception):
    """A value came out empty because something that it reads is not there."""


@dataclass
class Contexts:
    """What expressions read.

    Args:
        values: The contexts by name: ``github``, ``vars``, ``steps`` and so on.
        succeeded: Whether everything before has run: what ``success()`` says.
    """

    values: Mapping[str, Any]
    succeeded: bool = True
    missing: list[str] = field(default_factory=list)
    """What was read and is not there, since the last look."""

    def text(self, template: Any) -> str:
        """Return *template* with its expressions replaced.

        Raises:
            ExpressionError: One is not understood.
            UnsetError: One comes out empty, and reads a variable, secret or output that is not set.
        """
        text = _text(template)
        if "${{" in _EXPRESSION.sub("", text):
            raise ExpressionError(f"an expression in {text!r} has no end")

        def replace(match: re.Match[str]) -> str:
            self.missing.clear()
            value = _text(self.value(match[1]))
            if not value and self.missing:
                raise UnsetError(
                    f"{match[0]} is empty: there is no {' and no '.join(self.missing)}"
                )
            return value

        return _EXPRESSION.sub(replace, text)

    def holds(self, condition: Any) -> bool:
        """Say whether an ``if`` holds. Its braces are optional.

        One that does not ask how things went wants that they went well.
        https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
        """
        text = _text(condition).strip()
        bare = _EXPRESSION.fullmatch(text)
        expression = bare[1] if bare else text
        holds = _truthy(self.value(expression))
        return holds and (self.succeeded or _asks_status(expression))

    def value(self, expression: str) -> Value:
        """Evaluate *expression*, without its braces."""
        parser = _Parser(_tokens(expression), self)
        value = parser.either()
        if parser.position < len(parser.tokens):
            raise ExpressionError(f"{expression.strip()}: cannot read what follows")
        return value


def _asks_status(expression: str) -> bool:
    """Say whether a condition decides itself what happens after something did not run."""
    tokens = _tokens(expression)
    return any(
        kind == "name" and text.lower() in _STATUS and following == ("operator", "(")
        for (kind, text), following in pairwise(tokens)
    )


@dataclass
class _Parser:
    tokens: list[tuple[str, str]]
    contexts: Contexts
    position: int = 0

    def either(self) -> Value:
        value = self.both()
        while self._takes("||"):
            other = self.both()
            value = value if _truthy(value) else other
        return value

    def both(self) -> Value:
        value = self.comparison()
        while self._takes("&&"):
            other = self.comparison()
            value = other if _truthy(value) else value
        return value

    def comparison(self) -> Value:
        value = self.single()
        for operator, same in (("==", True), ("!=", False)):
            if self._takes(operator):
                return _equal(value, self.single()) is same
        return value

    def single(self) -> Value:
        if self._takes("!"):
            return not _truthy(self.single())
        if self._takes("("):
            value = self.either()
            self._expect(")")
            return value
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text)
        if kind != "name":
            raise ExpressionError(f"an expression cannot begin with {text!r}")
        if text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text]
        return self._call(text) if self._takes("(") else self._read(text)

    def _call(self, name: str) -> Value:
        arguments: list[Value] = []
        while not self._takes(")"):
            if arguments:
                self._expect(",")
            arguments.append(self.either())
        function, wanted = _FUNCTIONS.get(name.lower(), (None, 0))
        if function is None:
            raise ExpressionError(f"the rehearsal does not know the function {name}()")
        if len(arguments) != wanted:
            raise ExpressionError(f"{name}() takes {wanted} arguments, not {len(arguments)}")
        return function(self.contexts, *(_text(argument) for argument in arguments))

    def _read(self, name: str) -> Value:
        path = [name]
        while self._takes("."):
            kind, part = self._next()
            if kind != "name":
                raise ExpressionError(f"{'.'.join(path)} has no part {part!r}")
            path.append(part)
        whole = ".".join(path)
        value: Any = self.contexts.values
        for part in path:
            # Names have no case.
            found = {key.lower(): key for key in value} if isinstance(value, Mapping) else {}
            if part.lower() not in found:
                if value is self.contexts.values or not _MAY_BE_MISSING.fullmatch(whole):
                    raise ExpressionError(f"the rehearsal does not know {whole}")
                self.contexts.missing.append(whole)
                return None
            value = value[found[part.lower()]]
        if isinstance(value, Mapping):
            raise ExpressionError(f"{whole} is no single value")
        if value is None:
            raise ExpressionError(f"the rehearsal cannot read {whole}: it was sealed")
        return value  # type: ignore[no-any-return]

    def _next(self) -> tuple[str, str]:
        if self.position == len(self.tokens):
            raise ExpressionError("an expression ends too soon")
        self.position += 1
        return self.tokens[self.position - 1]

    def _takes(self, operator: str) -> bool:
        if self.tokens[self.position : self.position + 1] == [("operator", operator)]:
            self.position += 1
            return True
        return False

    def _expect(self, operator: str) -> None:
        if not self._takes(operator):
            raise ExpressionError(f"an expression lacks {operator!r}")


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens, position, text = [], 0, expression.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match or not match.lastgroup:
            raise ExpressionError(f"cannot read {text[position:]!r}")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tokens


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _truthy(value: Value) -> bool:
    return value not in (None, False, "", 0)


def _equal(one: Value, other: Value) -> bool:
    """Compare as GitHub does: texts without case, what is of two types as numbers.

    https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators
    """
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return _number(one) == _number(other)


def _number(value: Value) -> float:
    """Return what a value is as a number; a text that is none equals nothing, not even itself."""
    if not isinstance(value, str):
        return float(value or 0)
    if re.match(r"\s*0[xo]", value):
        raise ExpressionError(f"the rehearsal does not know the number {value}")
    number = re.fullmatch(r"\s*(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)?\s*", value, re.I | re.A)
    return float(value.strip() or 0) if number else nan


Function = Callable[..., Value]
_FUNCTIONS: Mapping[str, tuple[Function, int]] = {
    # A rehearsal ends with the first failure, so nothing is evaluated after one.
    "always": (lambda _: True, 0),
    "cancelled": (lambda _: False, 0),
    "failure": (lambda _: False, 0),
    "success": (lambda contexts: contexts.succeeded, 0),
    "endswith": (lambda _, text, end: text.lower().endswith(end.lower()), 2),
    "startswith": (lambda _, text, start: text.lower().startswith(start.lower()), 2),
}
"""Each function by its name, which has no case, and how many arguments it takes."""
