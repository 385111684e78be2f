"""Fits a stack to what the local AWS keeps: moto forgets some of what it is told.

And says what it keeps and does nothing with.
"""

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

_KEPT: Mapping[str, Mapping[str, str]] = {
    "aws_acm_certificate_validation": {"": "the local AWS issues by itself, and asks no DNS"},
    "aws_appautoscaling_target": {"": "the local AWS scales nothing"},
    "aws_ecs_service": {"deployment_circuit_breaker": "in the local AWS no task fails"},
    "aws_lb_listener": {"": "the stored rules are read: the local AWS has no traffic and no TLS"},
    "aws_lb_target_group": {
        "deregistration_delay": "the local AWS has no connections that could drain",
        "health_check": "the local AWS asks no task",
    },
}
"""What moto keeps of each type, and why nothing came of it."""


def fit(content: Mapping[str, Any]) -> tuple[dict[str, Any], list[Difference]]:
    """Return a stack of which moto keeps everything, and how it differs from *content*."""
    fitted, found = copy.deepcopy(dict(content)), list[Difference]()
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
    found += [
        Difference(f"{type_}.{name}", argument, f"kept: {why}")
        for type_, kept in _KEPT.items()
        for name, element in fitted.get("resource", {}).get(type_, {}).items()
        for argument, why in kept.items()
        if not argument or argument in element
    ]
    return fitted, found
