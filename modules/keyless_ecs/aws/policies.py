"""Every IAM document, as pure functions from names to plain JSON.

The actions, their resource types and condition keys are those of AWS's service authorization
reference: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

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


SubjectForm = Literal["both", "legacy", "immutable"]


def subjects(
    *,
    owner: str,
    owner_id: str,
    repository: str,
    repository_id: str,
    contexts: Sequence[str],
    form: SubjectForm = "both",
) -> list[str]:
    """Return the subjects that the jobs of a repository may present.

    Repositories created, renamed or transferred since 2026-07-15 carry ids in it, older ones do
    not unless they opt in. https://docs.github.com/en/actions/reference/security/oidc

    Args:
        owner: The owner's login.
        owner_id: The owner's id.
        repository: The repository's name.
        repository_id: The repository's id.
        contexts: What stands behind the repository: ``environment:…`` or ``ref:…``.
        form: Which of the two forms to accept.
    """
    forms = {
        "legacy": f"repo:{owner}/{repository}",
        "immutable": f"repo:{owner}@{owner_id}/{repository}@{repository_id}",
    }
    wanted = forms.values() if form == "both" else [forms[form]]
    return [f"{prefix}:{context}" for prefix in wanted for context in contexts]


def environment_context(name: str) -> str:
    """Return the end of the subject of a job with an environment; a colon becomes ``%3A``."""
    return f"environment:{name.replace(':', '%3A')}"


def deploy_trust(
    *,
    provider_arn: str,
    provider: str,
    audience: str,
    subjects: Sequence[str],
    by_ref: bool = False,
    repository_id: str | None = None,
    refs: Sequence[str] = (),
    workflows: Sequence[str] = (),
) -> Document:
    """Return who assumes the deploy role: jobs of one GitHub environment, from the named refs.

    Args:
        provider_arn: The account's OIDC provider.
        provider: The issuer of the tokens, without scheme.
        audience: The ``aud`` that the jobs ask for.
        subjects: The subject, in each form in which GitHub may present it.
        by_ref: Whether the subjects are patterns of refs, for jobs without an environment.
        repository_id: The repository's id, which no other repository ever gets: a name alone
            could be taken over once the repository is renamed or deleted. None where AWS does
            not check the claim (GitHub Enterprise Server).
        refs: Patterns of full refs. The subject of a job with an environment names no ref, and a
            pull request that names the environment has the same subject: only this refuses it.
            Empty where AWS does not check the claim; GitHub's deployment policy remains.
        workflows: Patterns of ``job_workflow_ref``; empty for any workflow of the repository.

    Every key is AND, every value OR. No ``ForAllValues:``: it holds where a claim is missing.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    equals: dict[str, str | Sequence[str]] = {f"{provider}:aud": audience}
    like: dict[str, Sequence[str]] = {}
    (like if by_ref else equals)[f"{provider}:sub"] = list(subjects)
    if repository_id:
        equals[f"{provider}:repository_id"] = repository_id
    if refs:
        like[f"{provider}:ref"] = list(refs)
    if workflows:
        like[f"{provider}:job_workflow_ref"] = list(workflows)
    return document(
        {
            "Sid": "JobsWithoutEnvironment" if by_ref else "JobsOfTheGitHubEnvironment",
            "Effect": "Allow",
            "Principal": {"Federated": provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": equals, **({"StringLike": like} if like else {})},
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
