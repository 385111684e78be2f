"""What would take a service from those who use it stops the run, and nothing else of it does."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from keyless_ecs.plans.comparison import stops
from keyless_ecs.plans.content import StackJson
from tests.conftest import ROOT, Content
from tests.support.config import changed

pytestmark = pytest.mark.slow

HERE = "services.papyrus.environments.production"
STACK = "papyrus-production"
REACHED = {"domain": "papyrus.example.com", "deployment": "canary"}
LISTENER = (
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:"
    "listener/app/edge/0123456789abcdef/0123456789abcdef"
)
SCALED = {"autoscaling": {"min": 2, "max": 10}}
NIGHT = {"night": {"at": "cron(0 22 * * ? *)", "max": 2}}


@pytest.mark.parametrize(
    ("before", "after", "stopped"),
    [
        ({}, REACHED, []),
        ({"container": {"port": 9090}}, {**REACHED, "container": {"port": 8080}},
         ["aws_ecs_service.service"]),
        (REACHED, {**REACHED, "deployment": "linear"}, []),
        (REACHED, {**REACHED, "deployment": "rolling"}, ["aws_ecs_service.service"]),
        (REACHED, {**REACHED, "container": {"port": 9090}}, ["aws_ecs_service.service"]),
        (REACHED, {**REACHED, "target_group": {"health_check": "/healthz"}}, []),
        (REACHED, {**REACHED, "domain": ["papyrus.example.com", "www.example.com"]}, []),
        (REACHED, {**REACHED, "load_balancer": {"access_logs": "logs"}}, []),
        (REACHED, {**REACHED, "load_balancer": {"internal": True}},
         ["aws_lb.load_balancer", "aws_lb_listener_rule.load_balancer_production"]),
        (REACHED, {**REACHED, "load_balancer": LISTENER},
         ["aws_lb.load_balancer", "aws_lb_listener_rule.load_balancer_production"]),
        (REACHED, {**REACHED, "domain": {"names": "papyrus.example.com", "certificate": "none"}},
         ["aws_lb_listener_rule.load_balancer_production"]),
        (REACHED, {**REACHED, "network": {"subnets": ["subnet-01234567", "subnet-01234568"]},
                   "load_balancer": {"subnets": ["subnet-01234567", "subnet-01234568"]}},
         ["aws_lb_target_group.load_balancer_blue", "aws_lb_target_group.load_balancer_green"]),
        ({}, SCALED, []),
        (SCALED, {}, ["aws_appautoscaling_target.autoscaling"]),
        (SCALED, {"count": 2}, []),
        (SCALED, {"autoscaling": {"min": 2, "max": 12}}, []),
        (SCALED, {"autoscaling": {"min": 2, "max": 12, "schedules": NIGHT}},
         ["aws_appautoscaling_target.autoscaling"]),
        ({"autoscaling": {"min": 2, "max": 10, "schedules": NIGHT}},
         {"autoscaling": {"min": 2, "max": 12}}, []),
        ({}, {"capacity": {"fargate": 1, "fargate_spot": 3}}, []),
        ({"capacity": {"fargate": 1}}, {"capacity": {"fargate_spot": 1}}, []),
        ({"capacity": {"fargate": 1}}, {"capacity": "fargate_spot"}, ["aws_ecs_service.service"]),
        ({"capacity": {"fargate": 1}}, {"capacity": "fargate"}, ["aws_ecs_service.service"]),
        ({"capacity": "fargate"}, {"capacity": "fargate_spot"}, ["aws_ecs_service.service"]),
        ({"capacity": "fargate_spot"}, {"capacity": {"fargate_spot": 1}}, []),
    ],
)  # fmt: skip
def test_what_interrupts_a_service_stops_the_run(
    example: Content,
    delivered: Callable[[Content, str], Content],
    before: Content,
    after: Content,
    stopped: list[str],
) -> None:
    """Each with its road; what Terraform changes in place goes on."""
    old, new = (StackJson(delivered(with_settings(example, it), STACK)) for it in (before, after))

    found = list(stops(ROOT, {STACK: old}, {STACK: new}))
    assert sorted({stop.address for stop in found}) == stopped, found
    assert all(stop.road for stop in found)


def test_bounds_beside_schedules_are_set_by_hand(
    example: Content, delivered: Callable[[Content, str], Content]
) -> None:
    """No plan sets them, so the command does."""
    old, new = (
        StackJson(delivered(with_settings(example, {"autoscaling": it}), STACK))
        for it in (
            {"min": 2, "max": 10, "schedules": NIGHT},
            {"min": 1, "max": 12, "schedules": NIGHT},
        )
    )

    (stop,) = stops(ROOT, {STACK: old}, {STACK: new})
    assert stop.why == (
        "min of autoscaling changes from 2 to 1 and max of autoscaling changes from 10 to 12 "
        "beside schedules"
    )
    assert stop.road.endswith(
        "--resource-id service/papyrus-production/papyrus-production "
        "--min-capacity 1 --max-capacity 12"
    )


def test_a_protected_balancer_that_goes_is_refused_halfway(
    example: Content, delivered: Callable[[Content, str], Content]
) -> None:
    """Terraform protects what stands in the file; AWS refuses when records and rules are gone."""
    domain = {"domain": "papyrus.example.com"}
    old, new = (
        StackJson(delivered(with_settings(example, it), STACK))
        for it in ({**domain, "load_balancer": {"protect": True}}, {})
    )

    said = {it.address: it.does for it in stops(ROOT, {STACK: old}, {STACK: new})}
    assert "it is protected, so AWS refuses" in said.pop("aws_lb.load_balancer")
    assert not any("protected" in does for does in said.values())


def with_settings(example: Content, settings: dict[str, Any]) -> Content:
    """Return the example whose environment has *settings*."""
    data = copy.deepcopy(example)
    for key, value in settings.items():
        data = changed(data, f"{HERE}.{key}", value)
    return data
