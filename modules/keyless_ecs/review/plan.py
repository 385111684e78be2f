"""A plan as Terraform shows it, read for what it does to each resource.

https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keyless_ecs.errors import UserError

CREATE, UPDATE, REPLACE, DELETE, FORGET = "create", "update", "replace", "delete", "forget"


class BadPlanError(UserError):
    """The file is no plan; the text says how to make one."""


@dataclass(frozen=True)
class Change:
    """What a plan does to one resource.

    *before* and *after* are its arguments, empty where it is not there. *unknown* are those that
    only the apply tells, *because* those that force a replacement.
    """

    address: str
    type: str
    action: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    unknown: Mapping[str, Any]
    because: tuple[str, ...] = ()
    imported: bool = False

    @property
    def begins(self) -> bool:
        """Whether something new comes to be."""
        return self.action in (CREATE, REPLACE)

    @property
    def ends(self) -> bool:
        """Whether something that is there goes."""
        return self.action in (DELETE, REPLACE)


def read(text: str, path: Path) -> list[Change]:
    """Return every change of the plan that is the content of *path*, sorted by address.

    Raises:
        BadPlanError: It is no such plan.
    """
    try:
        shown = json.loads(text)
        if not isinstance(shown, dict) or "format_version" not in shown:
            raise ValueError("no format_version")
        changes = [_change(each) for each in shown.get("resource_changes", [])]
    except (ValueError, LookupError, TypeError, AttributeError):
        raise BadPlanError(
            f"{path} is not a plan in JSON; make one with: terraform plan -out=plan.tfplan && "
            f"terraform show -json plan.tfplan >{path}"
        ) from None
    return sorted((each for each in changes if each), key=lambda each: each.address)


def _change(shown: Mapping[str, Any]) -> Change | None:
    change, actions = shown["change"], shown["change"]["actions"]
    imported = "importing" in change
    if shown["mode"] != "managed" or (actions in (["no-op"], ["read"]) and not imported):
        return None
    action = REPLACE if len(actions) > 1 else actions[0]
    paths = change.get("replace_paths", ())
    return Change(
        address=shown["address"],
        type=shown["type"],
        action=action,
        before=change.get("before") or {},
        after=change.get("after") or {},
        unknown=change.get("after_unknown") or {},
        because=tuple(sorted({str(path[0]) for path in paths})),
        imported=imported,
    )
