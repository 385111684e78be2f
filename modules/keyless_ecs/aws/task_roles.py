"""The IAM documents of a task's two roles: that with which ECS starts it, and the application's."""

from collections.abc import Sequence

from keyless_ecs.aws.iam import PolicyDocument, allow, document


def task_trust(*, partition: str, region: str, account_id: str) -> PolicyDocument:
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


def read_secrets(secret_arns: Sequence[str]) -> PolicyDocument:
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


def exec_channels() -> PolicyDocument:
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
