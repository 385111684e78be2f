"""GitHub's expressions, as the workflows use them.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import json
from collections.abc import Iterable, Sequence

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.github.workflows.file import DEPLOY

_DEPLOY_FILE = f"format('{{0}}/.github/workflows/{DEPLOY}@', github.repository)"
BY_HAND = f"startsWith(github.workflow_ref, {_DEPLOY_FILE})"
"""Whether somebody started ``ecs-deploy.yml``: else the run is one of ``ecr-push.yml``."""


def expression(text: str) -> str:
    """Return *text* as an expression in a value."""
    return f"${{{{ {text} }}}}"


def literal(text: str) -> str:
    """Return *text* as a string of an expression."""
    return _json(text) if "}" in text else _string(text)


def one_of(value: str, names: Iterable[str]) -> str:
    """Return whether the expression *value* is one of *names*."""
    return f"contains({_json(list(names))}, {value})"


def _string(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _json(value: object) -> str:
    """Return what reads *value* from JSON, in which a brace needs not look like one.

    So that nothing in a name looks like the end of the expression.
    """
    text = json.dumps(value, ensure_ascii=False).replace("}", "\\u007d")
    return f"fromJSON({_string(text)})"


def setting(name: str, deliveries: Sequence[Delivery]) -> str:
    """Return what reads a built-in variable, which some environments hold as a secret."""
    secret = [name in delivery.environment.github.as_secrets for delivery in deliveries]
    if all(secret):
        return f"secrets.{name}"
    return f"secrets.{name} || vars.{name}" if any(secret) else f"vars.{name}"
