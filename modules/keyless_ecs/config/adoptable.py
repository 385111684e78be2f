"""What an environment can adopt: where it stands in the stack, who owns it, and what becomes of it.

``vars.<NAME>``, a GitHub variable, is the one thing that is not in this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from keyless_ecs.config.logs import NEVER

if TYPE_CHECKING:
    from keyless_ecs.config.delivery import Delivery

Say = Callable[["Delivery"], str | None]


def _nothing(_: "Delivery") -> None:
    return None


@dataclass(frozen=True)
class Adoptable:
    """A thing that was made by hand and can come under Terraform's state."""

    address: str
    """Of its resource, in the environment's stack."""
    not_owned: Say = _nothing
    """Says who owns it where the environment does not."""
    of_article: bool = True
    """Whether the article's steps make it, so that ``all`` means it too."""
    note: Say = _nothing
    """Says what it may bring along, or lose by the first apply."""


def _registry_elsewhere(delivery: "Delivery") -> str | None:
    if delivery.follows:
        return f"{delivery.service.image_of} builds the image; adopt its registry there"
    source = delivery.registry.shared_from
    return f"the registry is that of {source}; adopt it there" if source else None


def _existing(name: str | None) -> str | None:
    return f"{name} is existing, others own it; leave this one out" if name else None


def _no_environment(delivery: "Delivery") -> str | None:
    if not delivery.by_ref:
        return None
    return "its jobs run without a GitHub environment; leave this one out"


def _not_scaled(delivery: "Delivery") -> str | None:
    return None if delivery.environment.autoscaling else "nothing scales it; set autoscaling"


def _registry_note(delivery: "Delivery") -> str:
    settings = delivery.registry
    return (
        f"the first apply sets a lifecycle policy: all but the last {settings.keep_images} "
        f"tagged images go, untagged ones after {settings.expire_untagged_days} days; "
        "raise keep_images before if you need more"
    )


def _cluster_note(delivery: "Delivery") -> str | None:
    if not delivery.environment.capacity.providers:
        return None
    return (
        "the first apply sets its capacity providers to FARGATE and FARGATE_SPOT; others, and a "
        "default strategy, go: aws ecs describe-clusters --include SETTINGS "
        f"--clusters {delivery.cluster_name}"
    )


def _log_group_note(delivery: "Delivery") -> str | None:
    days = delivery.environment.logs.retention_days
    if days == NEVER:
        return None
    return (
        f"with the first apply events older than {days} days go; "
        "raise logs.retention_days before if you need them"
    )


def _task_role_note(setting: str, role: str) -> str:
    return (
        "its trust policy is replaced, so only tasks of this account and region keep it; "
        "policies attached by hand stay: detach what it need not have and name the rest "
        f"in {setting}; list them: {_listing(role)}"
    )


def _deploy_role_note(delivery: "Delivery") -> str:
    return (
        "the first apply replaces its trust policy and takes every policy off it that "
        f"is not in the plan; list them before: {_listing(delivery.deploy_role)}"
    )


def _service_note(delivery: "Delivery") -> str | None:
    if delivery.task.family:
        return None
    return (
        f"the pipeline goes on in the family {delivery.task_family}, in which the first apply "
        "registers a placeholder; where the service runs another, or this one already, name the "
        "one it runs: task: {family: …}"
    )


def _listing(role: str) -> str:
    return (
        f"aws iam list-attached-role-policies --role-name {role}; "
        f"aws iam list-role-policies --role-name {role}"
    )


def _github_environment_note(delivery: "Delivery") -> str:
    repository = f"{delivery.github.owner}/{delivery.service.repository}"
    environment = quote(delivery.github_environment, safe="")
    return (
        "deployment branch and tag rules made by hand stay, and Terraform makes those of "
        "deploy_from; list and delete them before: gh api "
        f"repos/{repository}/environments/{environment}/deployment-branch-policies"
    )


ADOPTABLE: Mapping[str, Adoptable] = {
    "registry": Adoptable("aws_ecr_repository.registry", _registry_elsewhere, note=_registry_note),
    "cluster": Adoptable(
        "aws_ecs_cluster.cluster",
        lambda it: _existing(it.environment.cluster.existing),
        note=_cluster_note,
    ),
    "log_group": Adoptable("aws_cloudwatch_log_group.logs", note=_log_group_note),
    "execution_role": Adoptable(
        "aws_iam_role.execution_role",
        lambda it: _existing(it.task.existing_execution_role),
        note=lambda it: _task_role_note("task.execution_role_policies", it.execution_role),
    ),
    "task_role": Adoptable(
        "aws_iam_role.task_role",
        note=lambda it: _task_role_note("task.task_role_policies", it.task_role),
    ),
    "deploy_role": Adoptable("aws_iam_role.deploy_role", note=_deploy_role_note),
    "service": Adoptable("aws_ecs_service.service", note=_service_note),
    "autoscaling": Adoptable(
        "aws_appautoscaling_target.autoscaling", _not_scaled, of_article=False
    ),
    "github_environment": Adoptable(
        "github_repository_environment.environment", _no_environment, note=_github_environment_note
    ),
}
"""By the name that ``adopt`` takes."""
