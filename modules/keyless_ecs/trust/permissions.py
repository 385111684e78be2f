"""What the roles of the pipeline may do: each statement serves a step of the workflows."""

from collections.abc import Sequence

from keyless_ecs.aws.iam import PolicyDocument, Statement, allow, document
from keyless_ecs.config.delivery import Delivery

_RECORD = "keyless-ecs:digest"
"""The tag in which every revision that the pipeline registers says what it runs."""


def build_permissions_of(delivery: Delivery) -> PolicyDocument:
    """Return the permission policy of the delivery's build role."""
    return build_permissions(repository_arn=delivery.image_repository_arn, push=delivery.builds)


def deploy_permissions_of(delivery: Delivery) -> PolicyDocument:
    """Return the permission policy of the delivery's deploy role."""
    return deploy_permissions(
        repository_arn=delivery.image_repository_arn,
        service_arn=delivery.arn("ecs", f"service/{delivery.cluster_name}/{delivery.service_name}"),
        task_definition_arn=delivery.arn("ecs", f"task-definition/{delivery.task_family}:*"),
        role_arns=[delivery.execution_role_arn, delivery.role_arn(delivery.task_role)],
        exec_allowed=delivery.environment.exec,
    )


def build_permissions(*, repository_arn: str, push: bool) -> PolicyDocument:
    """Return what the job may do that builds the image, or finds one that was deployed elsewhere.

    It runs the repository's own build, other people's code: nothing of ECS, and no role to pass on.

    Args:
        repository_arn: The ECR repository.
        push: False where the environment promotes another's images.
    """
    find = allow("EcrFindImage", ["ecr:DescribeImages"], [repository_arn])
    return document(*([_log_in(), _push(repository_arn)] if push else [find]))


def deploy_permissions(
    *,
    repository_arn: str,
    service_arn: str,
    task_definition_arn: str,
    role_arns: Sequence[str],
    exec_allowed: bool,
) -> PolicyDocument:
    """Return what the job may do that deploys.

    Args:
        repository_arn: The ECR repository.
        service_arn: The ECS service.
        task_definition_arn: The running family's revisions, ``…:task-definition/<family>:*``.
        role_arns: The task's two roles.
        exec_allowed: Whether the service has ECS Exec switched on.
    """
    # A workflow file of before, which writes no such tag, would deploy past the record by which an
    # older commit is told from a newer one.
    recorded = {"Null": {f"aws:RequestTag/{_RECORD}": "false"}}
    update_condition: dict[str, dict[str, str]] = {
        # A service is never pointed at the revision of another family.
        "ArnLike": {"ecs:task-definition": task_definition_arn},
    }
    if not exec_allowed:
        # With PassRole, a shell in the task would be the task's role. Absent means unchanged.
        update_condition["StringEqualsIfExists"] = {"ecs:enable-execute-command": "false"}
    return document(
        allow("EcrFindImage", ["ecr:DescribeImages", "ecr:DescribeRepositories"], [repository_arn]),
        # To tag what it deploys. Without the right to upload layers, it can put no image there of
        # which the registry has not the parts.
        allow("EcrTagImage", ["ecr:BatchGetImage", "ecr:PutImage"], [repository_arn]),
        # The action has no resource types: on anything but "*" it never matches.
        allow("EcsReadTaskDefinition", ["ecs:DescribeTaskDefinition"], ["*"]),
        allow(
            "EcsRegisterTaskDefinition",
            ["ecs:RegisterTaskDefinition"],
            [task_definition_arn],
            # Absent where the revision does not name the setting.
            {**recorded, "StringEqualsIfExists": {"ecs:privileged": "false"}},
        ),
        allow(
            "EcsTagWhileRegistering",
            ["ecs:TagResource"],
            [task_definition_arn],
            {**recorded, "StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        ),
        allow("EcsUpdateService", ["ecs:UpdateService"], [service_arn], update_condition),
        allow("EcsWatchDeployment", ["ecs:DescribeServices"], [service_arn]),
        allow(
            "PassTaskRoles",
            ["iam:PassRole"],
            role_arns,
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
    )


def _log_in() -> Statement:
    # The action has no resource types; the token opens only what the other statements allow.
    return allow("EcrLogIn", ["ecr:GetAuthorizationToken"], ["*"])


def _push(repository_arn: str) -> Statement:
    return allow(
        "EcrPush",
        [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:GetDownloadUrlForLayer",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ],
        [repository_arn],
    )
