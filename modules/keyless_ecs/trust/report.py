"""The deploy roles of a delivery file, each tried with the tokens that must and must not get in."""

from collections.abc import Iterable

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.github import workflows
from keyless_ecs.trust import policy as deploy_role
from keyless_ecs.trust.attempts import UNKNOWN_OWNER_ID, UNKNOWN_REPOSITORY_ID, DeployRole
from keyless_ecs.trust.table import table


def report(deliveries: Iterable[Delivery]) -> tuple[str, bool]:
    """Return who gets into each deploy role as a table, and whether every token fared well.

    Ids that the delivery file does not give are tried with stand-ins: Terraform looks them up.
    """
    return table(
        (
            meant(delivery),
            deploy_role.trust(
                delivery,
                owner_id=lambda: UNKNOWN_OWNER_ID,
                repository_id=lambda: UNKNOWN_REPOSITORY_ID,
            ),
        )
        for delivery in deliveries
    )


def meant(delivery: Delivery) -> DeployRole:
    """Return what the delivery's deploy role is meant to trust, as its settings say it."""
    trust, deploy_from = delivery.environment.trust, delivery.environment.deploy_from
    return DeployRole(
        name=delivery.deploy_role,
        provider_arn=delivery.oidc_provider_arn,
        owner=delivery.github.owner,
        owner_id=delivery.github.owner_id or UNKNOWN_OWNER_ID,
        repository=delivery.service.repository,
        repository_id=delivery.service.repository_id or UNKNOWN_REPOSITORY_ID,
        environment=delivery.github_environment,
        branches=deploy_from.branches,
        tags=deploy_from.tags,
        audience=delivery.audience,
        issuer=delivery.github.provider,
        subject=trust.subject,
        by=trust.by,
        workflows=workflows.FILES if trust.workflow else (),
    )
