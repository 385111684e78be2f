"""What the deploy role may do."""

from collections.abc import Sequence

from keyless_ecs.aws.iam import PolicyDocument, allow, document
from keyless_ecs.config.delivery import Delivery


def permissions_of(delivery: Delivery) -> PolicyDocument:
    """Return the permission policy of the delivery's deploy role."""
    return deploy_permissions(
        repository_arn=delivery.image_repository_arn,
        service_arn=delivery.arn("ecs", f"service/{delivery.cluster_name}/{delivery.service_name}"),
        task_definition_arn=delivery.arn("ecs", f"task-definition/{delivery.name}:*"),
        role_arns=[delivery.execution_role_arn, delivery.role_arn(delivery.task_role)],
        push=delivery.builds,
        exec_allowed=delivery.environment.exec,
    )


def deploy_permissions(
    *,
    repository_arn: str,
    service_arn: str,
    task_definition_arn: str,
    role_arns: Sequence[str],
    push: bool,
    exec_allowed: bool,
) -> PolicyDocument:
    """Return what the pipeline may do: each statement serves a step of the workflows.

    Args:
        repository_arn: The ECR repository.
        service_arn: The ECS service.
        task_definition_arn: The family's revisions, ``…:task-definition/<family>:*``.
        role_arns: The task's two roles.
        push: False where the environment promotes another's images.
        exec_allowed: Whether the service has ECS Exec switched on.
    """
    update_condition: dict[str, dict[str, str]] = {
        # A service is never pointed at the revision of another family.
        "ArnLike": {"ecs:task-definition": task_definition_arn},
    }
    if not exec_allowed:
        # With PassRole, a shell in the task would be the task's role. Absent means unchanged.
        update_condition["StringEqualsIfExists"] = {"ecs:enable-execute-command": "false"}
    return document(
        # The action has no resource types; the token opens only what the next statement allows.
        allow("EcrLogIn", ["ecr:GetAuthorizationToken"], ["*"]),
        allow("EcrFindImage", ["ecr:DescribeImages", "ecr:DescribeRepositories"], [repository_arn]),
        *(
            [
                allow(
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
            ]
            if push
            else []
        ),
        # The action has no resource types: on anything but "*" it never matches.
        allow("EcsReadTaskDefinition", ["ecs:DescribeTaskDefinition"], ["*"]),
        allow(
            "EcsRegisterTaskDefinition",
            ["ecs:RegisterTaskDefinition"],
            [task_definition_arn],
            # Absent where the revision does not name the setting.
            {"StringEqualsIfExists": {"ecs:privileged": "false"}},
        ),
        allow(
            "EcsTagWhileRegistering",
            ["ecs:TagResource"],
            [task_definition_arn],
            {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        ),
        allow("EcsUpdateService", ["ecs:UpdateService"], [service_arn], update_condition),
        allow(
            "EcsWatchDeployment",
            [
                "ecs:DescribeServiceDeployments",
                "ecs:DescribeServices",
                "ecs:ListServiceDeployments",
            ],
            [service_arn, service_arn.replace(":service/", ":service-deployment/") + "/*"],
        ),
        allow(
            "PassTaskRoles",
            ["iam:PassRole"],
            role_arns,
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
    )
