"""Every IAM document, as pure functions from names to plain JSON.

The actions, their resource types and condition keys are those of AWS's service authorization
reference: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from collections.abc import Mapping, Sequence
from typing import Any

Document = dict[str, Any]
Statement = dict[str, Any]
Condition = Mapping[str, Mapping[str, str | Sequence[str]]]


def document(*statements: Statement) -> Document:
    """Return a policy of *statements*."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    condition: Condition | None = None,
) -> Statement:
    """Return a statement that allows *actions* on *resources*, where *condition* holds."""
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
    }
    return {**statement, "Condition": condition} if condition else statement


def task_trust(*, partition: str, region: str, account_id: str) -> Document:
    """Return the trust of a role that ECS assumes for the tasks of this account alone.

    The two conditions keep ECS from acting for another account (the confused deputy):
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    return document(
        {
            "Sid": "EcsTasksOfThisAccount",
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": f"arn:{partition}:ecs:{region}:{account_id}:*"},
            },
        }
    )


def read_secrets(secret_arns: Sequence[str]) -> Document:
    """Return what the execution role needs to hand these secrets to the container.

    A Secrets Manager ARN may carry a JSON key, stage and version behind the secret's own ARN.
    """
    parameters = sorted(arn for arn in secret_arns if ":ssm:" in arn)
    secrets = sorted(
        {":".join(arn.split(":")[:7]) for arn in secret_arns if ":secretsmanager:" in arn}
    )
    statements = []
    if parameters:
        statements.append(allow("Parameters", ["ssm:GetParameters"], parameters))
    if secrets:
        statements.append(allow("Secrets", ["secretsmanager:GetSecretValue"], secrets))
    return document(*statements)


def exec_channels() -> Document:
    """Return what the application's role needs for ECS Exec.

    The four actions have no resource types, so nothing narrower than ``*`` matches them.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """
    actions = [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ]
    return document(allow("EcsExec", actions, ["*"]))


def environment_subjects(
    *, owner: str, owner_id: str, repository: str, repository_id: str, environment: str
) -> list[str]:
    """Return the subjects that a job of the environment may present.

    Repositories created, renamed or transferred since 2026-07-15 carry ids in it, older ones do
    not unless they opt in. A colon inside a value is presented as ``%3A``.
    https://docs.github.com/en/actions/reference/security/oidc
    """
    name = environment.replace(":", "%3A")
    return [
        f"repo:{owner}/{repository}:environment:{name}",
        f"repo:{owner}@{owner_id}/{repository}@{repository_id}:environment:{name}",
    ]


def deploy_trust(
    *,
    provider_arn: str,
    issuer: str,
    audience: str,
    subjects: Sequence[str],
    repository_id: str,
    refs: Sequence[str],
) -> Document:
    """Return who assumes the deploy role: jobs of one GitHub environment, from the named refs.

    Args:
        provider_arn: The account's OIDC provider.
        issuer: Host and path of the token's issuer, without scheme.
        audience: The ``aud`` that the jobs ask for.
        subjects: The environment's subject, in each form in which GitHub may present it.
        repository_id: The repository's id, which no other repository ever gets: a name alone
            could be taken over once the repository is renamed or deleted.
        refs: Patterns of full refs. The subject of a job with an environment names no ref, and a
            pull request that names the environment has the same subject: only this refuses it.

    Every key is AND, every value OR. No ``ForAllValues:``: it holds where a claim is missing.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    return document(
        {
            "Sid": "JobsOfTheGitHubEnvironment",
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{issuer}:aud": audience,
                    f"{issuer}:repository_id": repository_id,
                    f"{issuer}:sub": list(subjects),
                },
                "StringLike": {f"{issuer}:ref": list(refs)},
            },
        }
    )


def deploy_permissions(
    *,
    repository_arn: str,
    service_arn: str,
    task_definition_arn: str,
    role_arns: Sequence[str],
    push: bool,
    exec_allowed: bool,
) -> Document:
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


def pull_from_other_accounts(roles: Mapping[str, Sequence[str]]) -> Document | None:
    """Return the repository policy with which other accounts promote its images, None for none.

    Args:
        roles: For each account (the ARN of its root), the roles that find and pull the image. The
            principal is the account, bounded to the roles: ECR refuses a policy that names a role
            which does not exist yet.
    """
    if not roles:
        return None
    return document(
        {
            "Sid": "PullToPromote",
            "Effect": "Allow",
            "Principal": {"AWS": sorted(roles)},
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:DescribeImages",
                "ecr:DescribeRepositories",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Condition": {
                "ArnEquals": {
                    "aws:PrincipalArn": sorted(arn for arns in roles.values() for arn in arns)
                }
            },
        }
    )
