"""The IAM documents of the task's two roles."""

from keyless_ecs.aws.task_roles import task_trust


def test_ecs_acts_for_this_account_alone() -> None:
    """The task roles are not open to ECS on behalf of another account."""
    (statement,) = task_trust(partition="aws", region="eu-west-1", account_id="123456789012")[
        "Statement"
    ]

    assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*"},
    }
