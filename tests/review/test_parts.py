"""What belongs to what in a stack, for every picture of it."""

import pytest

from keyless_ecs.review.graph import Resource
from keyless_ecs.review.parts import owners

STACK = {
    "aws_ecs_cluster.cluster": [],
    "aws_ecs_task_definition.task": [],
    "aws_ecs_service.service": ["aws_ecs_cluster.cluster", "aws_ecs_task_definition.task"],
    "aws_appautoscaling_target.autoscaling": ["aws_ecs_cluster.cluster", "aws_ecs_service.service"],
    "aws_lb.load_balancer": [],
    "aws_lb_target_group.load_balancer_blue": [],
    "aws_lb_listener.load_balancer_https": ["aws_acm_certificate.domain", "aws_lb.load_balancer"],
    "aws_lb_listener_rule.load_balancer_web": [
        "aws_lb_target_group.load_balancer_blue",
        "aws_lb_listener.load_balancer_https",
    ],
    "aws_acm_certificate.domain": [],
    "aws_security_group.load_balancer": [],
    "aws_security_group.network_service": [],
    "aws_vpc_security_group_egress_rule.load_balancer_tasks": [
        "aws_security_group.network_service",
        "aws_security_group.load_balancer",
    ],
    "aws_vpc_security_group_ingress_rule.network_load_balancer": [
        "aws_security_group.load_balancer",
        "aws_security_group.network_service",
    ],
    "aws_iam_role.infrastructure_role": [],
    "aws_iam_role_policy.infrastructure_role_policy": [
        "aws_lb_target_group.load_balancer_blue",
        "aws_iam_role.infrastructure_role",
    ],
}


@pytest.mark.parametrize(
    ("address", "owner"),
    [
        ("aws_ecs_service.service", "aws_ecs_cluster.cluster"),
        ("aws_appautoscaling_target.autoscaling", "aws_ecs_service.service"),
        ("aws_lb_listener.load_balancer_https", "aws_lb.load_balancer"),
        ("aws_lb_listener_rule.load_balancer_web", "aws_lb_listener.load_balancer_https"),
        (
            "aws_vpc_security_group_egress_rule.load_balancer_tasks",
            "aws_security_group.load_balancer",
        ),
        (
            "aws_vpc_security_group_ingress_rule.network_load_balancer",
            "aws_security_group.network_service",
        ),
        ("aws_iam_role_policy.infrastructure_role_policy", "aws_iam_role.infrastructure_role"),
        ("aws_ecs_cluster.cluster", None),
    ],
)
def test_a_resource_belongs_to_what_it_is_a_part_of(address: str, owner: str | None) -> None:
    """Not to the first that it names: a rule of a group names the other group first."""
    stack = [Resource(each, each.partition(".")[0], list(ends)) for each, ends in STACK.items()]

    assert owners(stack).get(address) == owner
