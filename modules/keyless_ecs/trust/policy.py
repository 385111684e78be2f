"""The role of the pipeline: whom it trusts, and what it may do."""

from collections.abc import Callable

from keyless_ecs.aws import policies
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.github import workflows


def trust(
    delivery: Delivery, *, owner_id: Callable[[], str], repository_id: Callable[[], str]
) -> policies.Document:
    """Return the trust policy of the delivery's deploy role.

    Args:
        delivery: The environment.
        owner_id: Gives the owner's id where the delivery file does not; called only if needed.
        repository_id: The same for the repository's id.
    """
    github, service, settings = delivery.github, delivery.service, delivery.environment.trust
    # AWS checks no further claims of GitHub Enterprise Server, and it has no immutable form.
    claims = not github.is_enterprise_server
    form = settings.subject if claims else "legacy"
    repository = (service.repository_id or repository_id()) if claims else ""
    owner = (github.owner_id or owner_id()) if form != "legacy" else ""
    if delivery.by_ref:
        contexts = [f"ref:{ref}" for ref in delivery.refs]
    else:
        contexts = [policies.environment_context(delivery.github_environment)]
    files = f"{github.owner}/{service.repository}/.github/workflows"
    return policies.deploy_trust(
        provider_arn=delivery.oidc_provider_arn,
        provider=github.provider,
        audience=delivery.audience,
        subjects=policies.subjects(
            owner=github.owner,
            owner_id=owner,
            repository=service.repository,
            repository_id=repository,
            contexts=contexts,
            form=form,
        ),
        by_ref=delivery.by_ref,
        repository_id=repository or None,
        # By ref, the subject itself names it.
        refs=delivery.refs if claims and not delivery.by_ref else (),
        workflows=[
            f"{files}/{name}@{ref}"
            for name in workflows.FILES
            for ref in delivery.refs
            if settings.workflow
        ],
    )


def permissions(delivery: Delivery) -> policies.Document:
    """Return the permission policy of the delivery's deploy role."""
    return policies.deploy_permissions(
        repository_arn=delivery.image_repository_arn,
        service_arn=delivery.arn("ecs", f"service/{delivery.cluster_name}/{delivery.service_name}"),
        task_definition_arn=delivery.arn("ecs", f"task-definition/{delivery.name}:*"),
        role_arns=[
            delivery.execution_role_arn,
            delivery.role_arn(delivery.task_role),
        ],
        push=delivery.source is None,
        exec_allowed=delivery.environment.exec,
    )
