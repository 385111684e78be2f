"""GitHub's expressions, as far as the generated workflows use them.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from keyless_ecs.rehearsal.pipeline.functions import (
    FUNCTIONS,
    STATUS,
    ExpressionError,
    Value,
    equal,
    text,
    truthy,
)

__all__ = ["Contexts", "ExpressionError", "UnsetError"]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<operator>\|\||&&|==|!=|[!().,]))"
)
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_MAY_BE_MISSING = re.compile(
    r"(?:inputs|secrets|vars|github\.event)\.[^.]+|(?:jobs|needs|steps)\.[^.]+\.outputs\.[^.]+",
    re.IGNORECASE,
)
"""What is empty to GitHub where nobody has set it. Whatever else is not there, GitHub may have."""


class UnsetError(Exception):
    """A value came out empty because something that it reads is not there."""


@dataclass
class Contexts:
    """What expressions read.

    Args:
        values: The contexts by name: ``github``, ``vars``, ``steps`` and so on.
        succeeded: Whether everything before has run: what ``success()`` says.
        failed: Whether something before has failed: what ``failure()`` says.
        cancelled: Whether the run was cancelled: what ``cancelled()`` says.
        strict: Whether a text may not come out empty because what it reads is not set. GitHub
            hands on an empty text.
    """

    values: Mapping[str, Any]
    succeeded: bool = True
    failed: bool = False
    cancelled: bool = False
    strict: bool = True
    missing: list[str] = field(default_factory=list, init=False)
    """What was read and is not there, since the last look."""

    def text(self, template: Any) -> str:
        """Return *template* with its expressions replaced.

        Raises:
            ExpressionError: One is not understood.
            UnsetError: One comes out empty, and reads a variable, secret or output that is not set.
        """
        whole = text(template)
        if "${{" in _EXPRESSION.sub("", whole):
            raise ExpressionError(f"an expression in {whole!r} has no end")

        def replace(match: re.Match[str]) -> str:
            self.missing.clear()
            value = text(self.value(match[1]))
            if self.strict and not value and self.missing:
                raise UnsetError(
                    f"{match[0]} is empty: there is no {' and no '.join(self.missing)}"
                )
            return value

        return _EXPRESSION.sub(replace, whole)

    def holds(self, condition: Any) -> bool:
        """Say whether an ``if`` holds. Its braces are optional.

        One that does not ask how things went wants that they went well.
        https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
        """
        whole = text(condition).strip()
        bare = _EXPRESSION.fullmatch(whole)
        expression = bare[1] if bare else whole
        holds = truthy(self.value(expression))
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
        kind == "name" and name.lower() in STATUS and following == ("operator", "(")
        for (kind, name), following in pairwise(tokens)
    )


@dataclass
class _Parser:
    tokens: tuple[tuple[str, str], ...]
    contexts: Contexts
    position: int = 0

    def either(self) -> Value:
        value = self.both()
        while self._takes("||"):
            other = self.both()
            value = value if truthy(value) else other
        return value

    def both(self) -> Value:
        value = self.comparison()
        while self._takes("&&"):
            other = self.comparison()
            value = other if truthy(value) else value
        return value

    def comparison(self) -> Value:
        value = self.single()
        for operator, same in (("==", True), ("!=", False)):
            if self._takes(operator):
                return equal(value, self.single()) is same
        return value

    def single(self) -> Value:
        if self._takes("!"):
            return not truthy(self.single())
        if self._takes("("):
            value = self.either()
            self._expect(")")
            return value
        kind, token = self._next()
        if kind == "text":
            return token[1:-1].replace("''", "'")
        if kind == "number":
            return float(token)
        if kind != "name":
            raise ExpressionError(f"an expression cannot begin with {token!r}")
        if token in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[token]
        return self._call(token) if self._takes("(") else self._read(token)

    def _call(self, name: str) -> Value:
        arguments: list[Value] = []
        while not self._takes(")"):
            if arguments:
                self._expect(",")
            arguments.append(self.either())
        function, wanted = FUNCTIONS.get(name.lower(), (None, range(0)))
        if function is None:
            raise ExpressionError(f"the rehearsal does not know the function {name}()")
        if len(arguments) not in wanted:
            raise ExpressionError(f"{name}() takes {wanted[0]} arguments, not {len(arguments)}")
        return function(self.contexts, *arguments)

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
            key = _key(value, part)
            if key is None:
                if value is self.contexts.values or not _MAY_BE_MISSING.fullmatch(whole):
                    raise ExpressionError(f"the rehearsal does not know {whole}")
                self.contexts.missing.append(whole)
                return None
            value = value[key]
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
        if self.tokens[self.position : self.position + 1] == (("operator", operator),):
            self.position += 1
            return True
        return False

    def _expect(self, operator: str) -> None:
        if not self._takes(operator):
            raise ExpressionError(f"an expression lacks {operator!r}")


def _key(value: Any, name: str) -> str | None:
    """Return the key of a context that an expression means by *name*; names have no case."""
    if not isinstance(value, Mapping) or name in value:
        return name if isinstance(value, Mapping) else None
    return next((key for key in value if key.lower() == name.lower()), None)


@lru_cache(maxsize=1024)
def _tokens(expression: str) -> tuple[tuple[str, str], ...]:
    tokens, position, whole = [], 0, expression.rstrip()
    while position < len(whole):
        match = _TOKEN.match(whole, position)
        if not match or not match.lastgroup:
            raise ExpressionError(f"cannot read {whole[position:]!r}")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tuple(tokens)
