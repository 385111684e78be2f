"""The role with which ECS shifts traffic between a service's target groups."""

from collections.abc import Sequence

from keyless_ecs.aws.iam import PolicyDocument, allow, document


def infrastructure_trust(*, account_id: str) -> PolicyDocument:
    """Return the trust of a role that ECS assumes for the services of this account alone.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
    """
    return document(
        {
            "Sid": "EcsOfThisAccount",
            "Effect": "Allow",
            "Principal": {"Service": "ecs.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
        }
    )


def shift_traffic(*, target_groups: Sequence[str], rule: str) -> PolicyDocument:
    """Return what that takes: AWS's managed policy, on these two groups and this rule alone.

    The managed policy lets it into every target group and rule of the account. The four actions
    that describe have no resource types, so nothing narrower than ``*`` matches them.
    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
    """
    return document(
        allow(
            "Look",
            [
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            ["*"],
        ),
        allow(
            "RegisterTasks",
            [
                "elasticloadbalancing:DeregisterTargets",
                "elasticloadbalancing:RegisterTargets",
            ],
            target_groups,
        ),
        allow("ShiftTraffic", ["elasticloadbalancing:ModifyRule"], [rule]),
    )
