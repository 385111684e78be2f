"""Fits a stack to what the local AWS keeps: moto forgets some of what it is told."""

import copy
from collections.abc import Mapping
from typing import Any

from keyless_ecs.rehearsal.terraform.older_provider import Difference

_FORGOTTEN: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "aws_ecs_service": {
        "capacity_provider_strategy": {"launch_type": "FARGATE"},
        "enable_execute_command": {},
        "health_check_grace_period_seconds": {},
    },
}
"""What moto 5.2 forgets of each type, and what stands in the working copy instead. Terraform would
find it gone in the next plan."""


def fit(content: Mapping[str, Any]) -> tuple[dict[str, Any], list[Difference]]:
    """Return a stack of which moto keeps everything, and how it differs from *content*."""
    fitted, found = copy.deepcopy(dict(content)), []
    for type_, forgotten in _FORGOTTEN.items():
        for name, element in fitted.get("resource", {}).get(type_, {}).items():
            for argument, instead in forgotten.items():
                if not element.pop(argument, None):
                    continue
                element.update(instead)
                named = [f"{other} {value}" for other, value in instead.items()]
                why = f"as {', '.join(named)}" if named else "left out"
                found.append(
                    Difference(f"{type_}.{name}", argument, f"{why}: the local AWS forgets it")
                )
    return fitted, found
