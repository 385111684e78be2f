"""The two target groups of a service, and the rule that sends requests to one of them."""

from collections.abc import Sequence

from cdktf import Precondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.lb_listener_rule import (
    LbListenerRule,
    LbListenerRuleAction,
    LbListenerRuleActionForward,
    LbListenerRuleActionForwardTargetGroup,
    LbListenerRuleCondition,
    LbListenerRuleConditionHostHeader,
    LbListenerRuleConditionPathPattern,
)
from cdktf_cdktf_provider_aws.lb_target_group import (
    LbTargetGroup,
    LbTargetGroupHealthCheck,
    LbTargetGroupStickiness,
)
from constructs import Construct

from keyless_ecs.aws.load_balancer import Balancer
from keyless_ecs.aws.network import Place
from keyless_ecs.terraform import address_of, literal

_PORT = 80
"""Constant, since another would be another group: ECS registers tasks with the container's."""
_TIMEOUT, _HEALTHY, _UNHEALTHY = 5, 2, 3


class TargetGroups(Construct):
    """Two groups of one service's tasks, blue and green, and the rule in front of them.

    Both exist from the start, whatever the strategy, so that another one is a change of one
    argument. Blue serves first; from then on the weights are those of ECS, which every shift swaps,
    and no plan touches them. Everything is written, since the provider keeps what is removed.

    Args:
        blue_name: Of at most 32 characters.
        green_name: Of at most 32 characters.
        place: The VPC of the tasks.
        balancer: The load balancer.
        hosts: The names that the rule matches; any where empty.
        paths: The path patterns that it matches; any where empty.
        priority: Its place among the rules of the listener.
        health_path: What is asked to tell whether a task serves.
        matcher: The HTTP codes of a good answer.
        interval: Seconds between two requests.
        deregistration_delay: Seconds in which a task that goes may finish its answers.

    Exposes *blue_arn*, *green_arn*, *blue_arn_suffix*, *rule*, and *only_blue_serves*, a condition.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        blue_name: str,
        green_name: str,
        place: Place,
        balancer: Balancer,
        hosts: Sequence[str],
        paths: Sequence[str] = (),
        priority: int,
        health_path: str = "/",
        matcher: str = "200",
        interval: int = 15,
        deregistration_delay: int = 30,
    ) -> None:
        super().__init__(scope, id_)
        blue, green = (
            LbTargetGroup(
                self,
                colour,
                name=name,
                port=_PORT,
                protocol="HTTP",
                target_type="ip",
                vpc_id=place.vpc_id,
                deregistration_delay=str(deregistration_delay),
                health_check=LbTargetGroupHealthCheck(
                    enabled=True,
                    protocol="HTTP",
                    port="traffic-port",
                    path=literal(health_path),
                    matcher=matcher,
                    interval=interval,
                    timeout=_TIMEOUT,
                    healthy_threshold=_HEALTHY,
                    unhealthy_threshold=_UNHEALTHY,
                ),
                stickiness=LbTargetGroupStickiness(type="lb_cookie", enabled=False),
                lifecycle=_in_the_vpc_of(balancer, place),
            )
            for colour, name in (("blue", blue_name), ("green", green_name))
        )
        conditions = []
        if hosts:
            host_header = LbListenerRuleConditionHostHeader(values=list(hosts))
            conditions.append(LbListenerRuleCondition(host_header=host_header))
        if paths:
            path_pattern = LbListenerRuleConditionPathPattern(
                values=[literal(path) for path in paths]
            )
            conditions.append(LbListenerRuleCondition(path_pattern=path_pattern))
        rule = LbListenerRule(
            self,
            "production",
            listener_arn=balancer.listener_arn,
            priority=priority,
            condition=conditions,
            action=[
                LbListenerRuleAction(
                    type="forward",
                    forward=LbListenerRuleActionForward(
                        target_group=[
                            LbListenerRuleActionForwardTargetGroup(arn=blue.arn, weight=100),
                            LbListenerRuleActionForwardTargetGroup(arn=green.arn, weight=0),
                        ]
                    ),
                )
            ],
            lifecycle=TerraformResourceLifecycle(
                ignore_changes=["action[0].forward[0].target_group"]
            ),
        )
        self.blue_arn, self.green_arn = blue.arn, green.arn
        self.blue_arn_suffix = blue.arn_suffix
        self.rule = rule
        groups = f"{address_of(rule)}.action[0].forward[0].target_group"
        others = f"[for group in {groups} : group if group.arn != {address_of(blue)}.arn]"
        self.only_blue_serves = f"${{alltrue([for group in {others} : group.weight == 0])}}"


def _in_the_vpc_of(balancer: Balancer, place: Place) -> TerraformResourceLifecycle | None:
    if balancer.vpc is None:
        return None
    return TerraformResourceLifecycle(
        precondition=[
            Precondition(
                condition=f"${{{balancer.vpc} == {place.vpc}}}",
                error_message=(
                    "The load balancer stands in another VPC than the tasks, and cannot reach "
                    "them: run them in its VPC, or use a load balancer of their own."
                ),
            )
        ]
    )
