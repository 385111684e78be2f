"""Plans in the form that ``terraform show -json`` has them."""

import json
from typing import Any


def change(
    address: str, before: dict[str, Any] | None, after: dict[str, Any] | None, **more: Any
) -> dict[str, Any]:
    """Return a change as ``terraform show -json`` has it."""
    actions = {
        (False, True): ["create"],
        (True, True): ["update"],
        (True, False): ["delete"],
    }[before is not None, after is not None]
    return {
        "address": address,
        "type": address.partition(".")[0],
        "mode": "managed",
        "change": {"actions": actions, "before": before, "after": after, **more},
    }


def shown(*changes: dict[str, Any]) -> str:
    """Return a plan of *changes*."""
    return json.dumps({"format_version": "1.2", "resource_changes": changes})


def policy(*statements: dict[str, Any]) -> dict[str, str]:
    """Return the arguments of a role's policy."""
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": statements})}


def allow(action: Any, resource: str = "*", **more: Any) -> dict[str, Any]:
    """Return a statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}
