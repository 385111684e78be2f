"""An IAM role as ``aws iam get-role`` shows it, against the file."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from keyless_ecs.adoption.difference import (
    Difference,
    lost_tags,
    of_account,
    of_environment,
    setting,
    tags,
    told,
)
from keyless_ecs.adoption.found import Thing
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.plans import StackJson

_HOUR = 3600

_TASKS = "tasks of this account and region"
_JOBS = "the jobs that the trust report names"
_GETS_IN = {
    "execution_role": _TASKS,
    "task_role": _TASKS,
    "deploy_role": _JOBS,
    "build_role": _JOBS,
}
"""Whom the new trust policy of a role lets in."""


def kind_of(role: Thing, delivery: Delivery) -> str | None:
    """Return which of the environment's roles it is, None for none of them."""
    if str(role.get("Arn", "")).split(":")[4:5] not in ([delivery.account.id], []):
        return None
    names = {
        "execution_role": delivery.execution_role,
        "task_role": delivery.task_role,
        "deploy_role": delivery.deploy_role,
        "build_role": delivery.build_role,
    }
    return next((kind for kind, name in names.items() if name == role["RoleName"]), None)


def differences(
    role: Thing, kind: str, delivery: Delivery, stack: StackJson
) -> Iterator[Difference]:
    """Yield what the first apply would change of *role*, which is the environment's *kind*.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
    """
    account = delivery.account
    path = role.get("Path", "/")
    lines = of_account(delivery.account_key, role_path=path)
    note = "AWS cannot change it: the plan would replace the role, and adopt refuses"
    yield from setting("path", path, account.role_path, lines, note)
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    # Taken out of the file it would go from the roles that have it.
    lines = of_account(delivery.account_key, permissions_boundary=boundary) if boundary else {}
    note = "the file has one for all roles of the account"
    then = account.permissions_boundary
    yield from setting("permissions boundary", boundary, then, lines, note)
    yield from _sessions(role, kind, delivery)
    yield from trust(role, kind, stack)
    yield from lost_tags(tags(role.get("Tags", []), "Key", "Value"), delivery.tags, delivery)


def _sessions(role: Thing, kind: str, delivery: Delivery) -> Iterator[Difference]:
    now = role.get("MaxSessionDuration", _HOUR)
    pipeline = kind in ("deploy_role", "build_role")
    then = delivery.environment.trust.session_hours * _HOUR if pipeline else _HOUR
    if now != then:
        lines = of_environment(delivery, trust={"session_hours": -(-now // _HOUR)})
        yield Difference(
            "session", f"{now} s", f"{then} s", lines if pipeline and now % _HOUR == 0 else {}
        )


def trust(role: Thing, kind: str, stack: StackJson) -> Iterator[Difference]:
    """Yield who gets in no more, or otherwise: each statement that the new policy has not."""
    there = role.get("AssumeRolePolicyDocument") or {}
    document = json.loads(unquote(there)) if isinstance(there, str) else there
    written = stack.content.get("locals", {}).get(f"{kind}_trust", {})
    stays = [_plain(it) for it in _list(written.get("Statement"))]
    principals = [it.get("Principal") for it in stays]
    for statement in _list(document.get("Statement")):
        if statement.get("Effect") == "Allow" and _plain(statement) not in stays:
            same = _plain(statement).get("Principal") in principals
            yield Difference(
                "trust",
                _who(statement),
                f"{_GETS_IN[kind]} alone" if same else "not in",
                note="its trust policy is replaced; who else needs it asks for a role of its own",
            )


def _plain(statement: Mapping[str, Any]) -> Any:
    """Return a statement for comparison: what IAM reads alike is alike."""

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: plain(below) for key, below in value.items()}
        return sorted(map(str, value)) if isinstance(value, list) else [str(value)]

    return {key: plain(value) for key, value in statement.items() if key != "Sid"}


def _who(statement: Mapping[str, Any]) -> str:
    """Return who a statement lets in, and the values that it asks for."""
    principal = statement.get("Principal", {})
    named = principal.values() if isinstance(principal, Mapping) else [principal]
    who = told([it for value in named for it in _list(value)])
    asks = [
        f"{key.rpartition(':')[2]} {told(_list(value))}"
        for claims in statement.get("Condition", {}).values()
        for key, value in claims.items()
    ]
    return f"{who} ({'; '.join(asks)})" if asks else who


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
