"""GitHub's expressions, as far as the generated workflows use them.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Value = str | bool | float | None
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<operator>\|\||&&|==|!=|[!().,]))"
)
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_STATUS = re.compile(r"\b(?:success|failure|cancelled|always)\s*\(")


class ExpressionError(Exception):
    """An expression that GitHub, or this evaluator, does not understand."""


class UnsetError(Exception):
    """A value came out empty because something that it reads is not there."""


@dataclass
class Contexts:
    """What expressions read.

    Args:
        values: The contexts by name: ``github``, ``vars``, ``steps`` and so on.
    """

    values: Mapping[str, Any]
    missing: list[str] = field(default_factory=list)
    """What was read and is not there, since the last look."""

    def text(self, template: Any) -> str:
        """Return *template* with its expressions replaced.

        Raises:
            UnsetError: One comes out empty, and reads a variable, secret or output that is not set.
        """

        def replace(match: re.Match[str]) -> str:
            self.missing.clear()
            value = _text(self.value(match[1]))
            if not value and self.missing:
                raise UnsetError(
                    f"{match[0]} is empty: there is no {' and no '.join(self.missing)}"
                )
            return value

        return _EXPRESSION.sub(replace, _text(template))

    def holds(self, condition: Any) -> bool:
        """Say whether an ``if`` holds. Its braces are optional."""
        text = _text(condition).strip()
        bare = _EXPRESSION.fullmatch(text)
        return _truthy(self.value(bare[1] if bare else text))

    def value(self, expression: str) -> Value:
        """Evaluate *expression*, without its braces."""
        parser = _Parser(_tokens(expression), self)
        value = parser.either()
        if parser.position < len(parser.tokens):
            raise ExpressionError(f"{expression.strip()}: cannot read what follows")
        return value


def asks_status(condition: Any) -> bool:
    """Say whether an ``if`` decides itself what happens after a failure."""
    return bool(_STATUS.search(_text(condition)))


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
                return (_comparable(value) == _comparable(self.single())) is same
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
            raise ExpressionError(f"an expression cannot stand at {text!r}")
        if text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text]
        return self._call(text) if self._takes("(") else self._read(text)

    def _call(self, name: str) -> Value:
        arguments: list[Value] = []
        while not self._takes(")"):
            arguments.append(self.either())
            self._takes(",")
        if name not in _FUNCTIONS:
            raise ExpressionError(f"the rehearsal does not know the function {name}()")
        return _FUNCTIONS[name](*(_text(argument) for argument in arguments))

    def _read(self, name: str) -> Value:
        path = [name]
        while self._takes("."):
            path.append(self._next()[1])
        value: Any = self.contexts.values
        for part in path:
            if not isinstance(value, Mapping) or part not in value:
                if path[0] not in self.contexts.values:
                    raise ExpressionError(f"the rehearsal does not know {path[0]}")
                self.contexts.missing.append(".".join(path))
                return None
            value = value[part]
        if isinstance(value, Mapping):
            raise ExpressionError(f"{'.'.join(path)} is no single value")
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
    return f"{value:g}" if isinstance(value, float) else str(value)


def _truthy(value: Value) -> bool:
    return value not in (None, False, "", 0)


def _comparable(value: Value) -> Any:
    """Texts compare without case."""
    return value.lower() if isinstance(value, str) else value


_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    # A rehearsal ends with the first failure, so nothing is evaluated after one.
    "always": lambda: True,
    "cancelled": lambda: False,
    "failure": lambda: False,
    "success": lambda: True,
    "endsWith": lambda text, end: text.lower().endswith(end.lower()),
    "startsWith": lambda text, start: text.lower().startswith(start.lower()),
}
