"""What jobs of both workflows begin with."""

from collections.abc import Sequence
from typing import Any

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.github import actions
from keyless_ecs.github.workflows.expressions import expression, setting
from keyless_ecs.github.workflows.scripts import script

BASH = {"run": {"shell": "bash"}}
"""Also what fails before a pipe ends a script: ``bash -eo pipefail``."""


def assume_role(
    deliveries: Sequence[Delivery], *, role: str, variable: str, seconds: str | int
) -> dict[str, Any]:
    """Return the step that trades the job's token for the credentials of a role.

    Args:
        deliveries: The environments that the job serves.
        role: What the role is for: ``build``, ``deploy``.
        variable: The GitHub variable with its ARN.
        seconds: How long the credentials last.
    """
    audiences = list(dict.fromkeys(delivery.audience for delivery in deliveries))
    audience: str | None = audiences[0]
    if len(audiences) > 1:
        other, china = sorted(audiences, key=len)
        region = setting("AWS_REGION", deliveries)
        audience = expression(f"startsWith({region}, 'cn-') && '{china}' || '{other}'")
    elif audience == "sts.amazonaws.com":
        audience = None  # the action's own default
    return {
        "name": f"Assume the {role} role",
        "id": "role",
        "uses": actions.CONFIGURE_AWS_CREDENTIALS,
        "with": {
            "role-to-assume": expression(setting(variable, deliveries)),
            # So CloudTrail names the run.
            "role-session-name": f"{role}-${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}",
            "role-duration-seconds": seconds,
            "aws-region": expression(setting("AWS_REGION", deliveries)),
            "allowed-account-ids": expression(setting("AWS_ACCOUNT_ID", deliveries)),
            **({"audience": audience} if audience else {}),
        },
    }


def registry(deliveries: Sequence[Delivery]) -> dict[str, str]:
    """Return the environment variables that say where the images are."""
    account, region = setting("AWS_ACCOUNT_ID", deliveries), setting("AWS_REGION", deliveries)
    if any(delivery.crosses_registries for delivery in deliveries):
        account, region = f"vars.ECR_ACCOUNT_ID || {account}", f"vars.ECR_REGION || {region}"
    return {
        "ECR_REPOSITORY": expression(setting("ECR_REPOSITORY", deliveries)),
        "ECR_ACCOUNT_ID": expression(account),
        "ECR_REGION": expression(region),
    }


def run(name: str, file: str, **keys: Any) -> dict[str, Any]:
    """Return the step *name*, which runs the script *file*."""
    return {"name": name, **keys, "run": script(file)}
