"""How ECS knows whether a container is healthy."""

import re
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, StrictInt

from keyless_ecs.config.setting import Setting
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import Text

_FORMS = ("CMD", "CMD-SHELL")
_OPERATORS = re.compile(r"\|\||&&|\d?>>?(&\d|/dev/null)|\|")
_EXPANDED = re.compile(r"\$(\{?[A-Za-z_]|\()|`")
_SHELLS = re.compile(r"(.*/)?(ba|da|a|z)?sh")
_COMPARES = re.compile(r"(.*/)?(expr|test|\[)")
"""Their own words look like operators of a shell."""


def _by_a_shell(value: object) -> object:
    """Read text as what a shell runs, the way Docker's ``HEALTHCHECK CMD`` does."""
    if not isinstance(value, str):
        return value
    if value == "none":
        raise ValueError("'none' runs nothing; to have no check write health_check: none")
    if value.lstrip().startswith("["):
        raise ValueError(f"{shown(value)} is text; take the quotes around the list away")
    if form := re.match(r"\s*CMD(-SHELL)?\b[\s,]*", value):
        raise ValueError(
            f"a shell runs text, so {form[0].strip(' ,')} is said already; "
            f"use {shown(value[form.end() :])}"
        )
    return ("CMD-SHELL", value) if value.strip() else ()


def _runs(words: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what ECS takes and no container can run."""
    if not words:
        raise ValueError('there is nothing to run; write it as text: "curl -f http://localhost/"')
    first, *others = words
    if first.upper() == "NONE" and not others:
        raise ValueError("ECS runs no check without this; leave health_check out")
    named = first.upper().replace("_", "-")
    if named in _FORMS and first != named:
        raise ValueError(f"{shown(first)} is no form of ECS; use {named}")
    if named in _FORMS and not others:
        raise ValueError(f"{first} says how to run, and nothing says what; name it behind it")
    text = " ".join(others if named in _FORMS else words)
    as_text = f"write it as text, which a shell runs: {shown(text)}"
    if first == "CMD-SHELL":
        if len(others) > 1:
            raise ValueError(f"CMD-SHELL takes one text, and here are {len(others)}; {as_text}")
        return words
    program, *rest = others if first == "CMD" else words
    if re.match(r"CMD(-SHELL)?\s", program):
        raise ValueError(
            f"{shown(program)} is one word, with {program.split()[0]} in it; "
            f"write the rest as text, which a shell runs: {shown(program.split(None, 1)[1])}"
        )
    if re.match(r"[\w.-]+\s", program):
        raise ValueError(f"{shown(program)} is one word, and no program has that name; {as_text}")
    compares, is_shell = _COMPARES.fullmatch(program), _SHELLS.fullmatch(program)
    operator = next((word for word in rest if _OPERATORS.fullmatch(word)), None)
    if operator and not compares:
        raise ValueError(f"{shown(operator)} means something to a shell alone; {as_text}")
    expanded = next((word for word in rest if _EXPANDED.search(word)), None)
    if expanded and not is_shell:
        raise ValueError(f"only a shell replaces what {shown(expanded)} names; {as_text}")
    return words


Check = Annotated[
    tuple[Text, ...],
    BeforeValidator(_by_a_shell, json_schema_input_type=str | tuple[Text, ...]),
    AfterValidator(_runs),
]


class HealthCheck(Setting):
    """A command that ECS runs inside the container.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
    """

    main_key: ClassVar = "command"
    needed: ClassVar = {"command"}

    command: Check = ()
    """Text, which a shell runs, or words, run as they stand. It succeeds with exit status 0.

    Example: curl -f http://localhost:8080/health || exit 1
    """
    interval: Annotated[StrictInt, Field(ge=5, le=300)] = 30
    """Seconds between two runs.

    Example: 10
    """
    timeout: Annotated[StrictInt, Field(ge=2, le=60)] = 5
    """Seconds after which a run has failed.

    Example: 10
    """
    retries: Annotated[StrictInt, Field(ge=1, le=10)] = 3
    """How many runs in a row must fail before the container is unhealthy.

    Example: 5
    """
    start_period: Annotated[StrictInt, Field(ge=0, le=300)] = 0
    """Seconds after the start in which failed runs do not count.

    Example: 60
    """

    @property
    def test(self) -> tuple[str, ...]:
        """The command as ECS takes it: run as it stands, unless it says ``CMD-SHELL``."""
        return self.command if self.command[0] in _FORMS else ("CMD", *self.command)
