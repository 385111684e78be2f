"""A service that people can reach: what three lines of the delivery file make."""

from collections.abc import Callable
from typing import Any

import pytest

from keyless_ecs import synthesis
from keyless_ecs.config import DeliveryFile
from keyless_ecs.config.reach import fitted
from tests.conftest import Content
from tests.support.config import changed

ENVIRONMENT = "services.papyrus.environments.production"
STACK = "papyrus-production"
Delivered = Callable[[Content, str], Content]


@pytest.fixture
def reached(example: Content) -> Content:
    """Return the example with the three lines."""
    for key, value in {
        "domain": "papyrus.example.com",
        "autoscaling": {"min": 2, "max": 10},
        "deployment": "canary",
    }.items():
        example = changed(example, f"{ENVIRONMENT}.{key}", value)
    return example


def addresses(content: Content) -> set[str]:
    """Return the address of every resource of a stack."""
    return {f"{type_}.{name}" for type_, made in content["resource"].items() for name in made}


def test_three_lines_make_a_service_that_is_reached(
    example: Content, reached: Content, delivered: Delivered
) -> None:
    """Nothing is missing for a browser to see it over HTTPS, and nothing is there besides."""
    before, after = delivered(example, STACK), delivered(reached, STACK)
    name = "papyrus_dot_example_dot_com"
    everybody = "0_dot_0_dot_0_dot_0_slash_0"

    assert addresses(after) - addresses(before) == {
        "aws_lb.load_balancer",
        "aws_security_group.load_balancer",
        f"aws_vpc_security_group_ingress_rule.load_balancer_https_{everybody}",
        f"aws_vpc_security_group_ingress_rule.load_balancer_http_{everybody}",
        "aws_vpc_security_group_egress_rule.load_balancer_tasks",
        "aws_vpc_security_group_ingress_rule.network_load_balancer",
        "aws_lb_target_group.load_balancer_blue",
        "aws_lb_target_group.load_balancer_green",
        "aws_lb_listener.load_balancer_https",
        "aws_lb_listener.load_balancer_http",
        "aws_lb_listener_rule.load_balancer_production",
        f"aws_acm_certificate.domain_{name}",
        f"aws_acm_certificate_validation.domain_{name}",
        f"aws_route53_record.domain_validation_{name}",
        f"aws_route53_record.domain_a_{name}",
        "aws_appautoscaling_target.autoscaling",
        "aws_appautoscaling_policy.autoscaling_cpu",
        "aws_iam_role.infrastructure_role",
        "aws_iam_role_policy.infrastructure_role_policy",
        "github_actions_environment_variable.environment_SERVICE_URL",
        "github_actions_environment_variable.environment_ECS_WAIT_MINUTES",
        "github_actions_environment_variable.environment_ECS_SESSION_SECONDS",
    }
    assert addresses(before) - addresses(after) == set()
    assert after["output"]["url"] == {"value": "https://papyrus.example.com"}


def test_the_service_waits_for_what_serves_it(reached: Content, delivered: Delivered) -> None:
    """On a destroy, too: the role must outlast the tasks that drain."""
    service = delivered(reached, STACK)["resource"]["aws_ecs_service"]["service"]

    assert service["depends_on"][-4:] == [
        "aws_lb_listener_rule.load_balancer_production",
        "aws_vpc_security_group_ingress_rule.network_load_balancer",
        "aws_vpc_security_group_egress_rule.load_balancer_tasks",
        "aws_iam_role_policy.infrastructure_role_policy",
    ]
    assert service["desired_count"] == 2
    assert service["lifecycle"] == {"ignore_changes": ["task_definition", "desired_count"]}
    assert service["timeouts"] == {"delete": "52m", "update": "52m"}


@pytest.mark.parametrize(
    ("deployment", "written", "minutes"),
    [
        ("rolling", {"strategy": "ROLLING"}, None),
        ("blue_green", {"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"}, None),
        (
            {"strategy": "canary", "percent": 0.5, "step_minutes": 20},
            {
                "strategy": "CANARY",
                "bake_time_in_minutes": "10",
                "canary_configuration": {
                    "canary_percent": 0.5,
                    "canary_bake_time_in_minutes": "20",
                },
            },
            "42",
        ),
        (
            {"strategy": "linear", "percent": 30, "bake_minutes": 0},
            {
                "strategy": "LINEAR",
                "bake_time_in_minutes": "0",
                "linear_configuration": {
                    "step_percent": 30,
                    "step_bake_time_in_minutes": "6",
                },
            },
            "36",
        ),
    ],
)
def test_a_strategy_is_one_argument_and_its_wait(
    reached: Content, delivered: Delivered, deployment: Any, written: Content, minutes: str | None
) -> None:
    """Groups, rule and role are there for each, and the job waits as long as it takes."""
    content = delivered(changed(reached, f"{ENVIRONMENT}.deployment", deployment), STACK)

    service = content["resource"]["aws_ecs_service"]["service"]
    assert service["deployment_configuration"] == written
    assert service["load_balancer"][0]["advanced_configuration"] == {
        "alternate_target_group_arn": "${aws_lb_target_group.load_balancer_green.arn}",
        "production_listener_rule": "${aws_lb_listener_rule.load_balancer_production.arn}",
        "role_arn": "${aws_iam_role.infrastructure_role.arn}",
    }
    variables = content["resource"]["github_actions_environment_variable"]
    waits = variables.get("environment_ECS_WAIT_MINUTES", {}).get("value")
    assert waits == minutes


def test_the_way_back_to_rolling_needs_blue_to_serve(
    reached: Content, delivered: Delivered
) -> None:
    """Tasks that roll in blue get no traffic while green serves. No shift is half of a way."""
    rolling = delivered(changed(reached, f"{ENVIRONMENT}.deployment", "rolling"), STACK)

    (precondition,) = rolling["resource"]["aws_ecs_service"]["service"]["lifecycle"]["precondition"]
    assert precondition["condition"] == (
        "${alltrue([for group in [for group in aws_lb_listener_rule.load_balancer_production."
        "action[0].forward[0].target_group : group if group.arn != "
        "aws_lb_target_group.load_balancer_blue.arn] : group.weight == 0])}"
    )
    canary = delivered(reached, STACK)["resource"]["aws_ecs_service"]["service"]
    assert "precondition" not in canary["lifecycle"]


def test_a_shared_balancer_is_looked_up_and_comes_first(
    reached: Content, delivered: Delivered, loaded: Callable[[Content], DeliveryFile]
) -> None:
    """Its names and tags are documented; the command line applies the account before."""
    data = changed(reached, "accounts.main.load_balancer", "*.example.com")
    data = changed(data, f"{ENVIRONMENT}.load_balancer", "shared")
    account, content = delivered(data, "account-main"), delivered(data, STACK)

    assert account["resource"]["aws_lb"]["load_balancer"]["name"] == "account-main"
    assert account["resource"]["aws_lb"]["load_balancer"]["enable_deletion_protection"] is True
    assert content["data"]["aws_lb"]["load_balancer"]["name"] == "account-main"
    assert "aws_acm_certificate" not in content["resource"]
    rule = content["resource"]["aws_lb_listener_rule"]["load_balancer_production"]
    assert rule["listener_arn"] == "${data.aws_lb_listener.load_balancer.arn}"
    (stack,) = synthesis.synthesize(loaded(data), [STACK])
    assert stack.manifest["dependencies"] == ["account-main"]


def test_a_listener_of_others_keeps_its_groups(reached: Content, delivered: Delivered) -> None:
    """Its owner's inline rules would fight with one that is written here."""
    arn = (
        "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:"
        "listener/app/edge/0123456789abcdef/0123456789abcdef"
    )
    content = delivered(changed(reached, f"{ENVIRONMENT}.load_balancer", arn), STACK)

    assert set(content["resource"]["aws_vpc_security_group_egress_rule"]) == {"network_egress"}
    rule = content["resource"]["aws_vpc_security_group_ingress_rule"]["network_load_balancer"]
    assert rule["referenced_security_group_id"] == (
        "${sort(data.aws_lb.load_balancer.security_groups)[0]}"
    )
    attached = content["resource"]["aws_lb_listener_certificate"]
    assert [it["listener_arn"] for it in attached.values()] == [arn]


def test_a_strategy_of_capacities_forces_deployments(
    example: Content, delivered: Delivered
) -> None:
    """S1. Without the flag a changed strategy is an error at plan (provider issue 43533)."""
    mapping = {"fargate": {"base": 1, "weight": 1}, "fargate_spot": 3}
    content = delivered(changed(example, f"{ENVIRONMENT}.capacity", mapping), STACK)

    service = content["resource"]["aws_ecs_service"]["service"]
    assert service["capacity_provider_strategy"] == [
        {"base": 1, "capacity_provider": "FARGATE", "weight": 1},
        {"capacity_provider": "FARGATE_SPOT", "weight": 3},
    ]
    assert service["force_new_deployment"] is True
    assert "launch_type" not in service


def test_schedules_own_the_bounds(reached: Content, delivered: Delivered) -> None:
    """They rewrite them, and a plan that put them back would undo the night."""
    night = {"at": "cron(0 22 * * ? *)", "timezone": "Europe/Berlin", "min": 0}
    data = changed(reached, f"{ENVIRONMENT}.autoscaling.schedules", {"night": night})
    made = delivered(data, STACK)["resource"]

    assert made["aws_appautoscaling_target"]["autoscaling"]["lifecycle"] == {
        "ignore_changes": ["min_capacity", "max_capacity"]
    }
    assert "aws_appautoscaling_policy" not in made
    action = made["aws_appautoscaling_scheduled_action"]["autoscaling_night"]
    assert action["scalable_target_action"] == {"min_capacity": "0"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("papyrus-production", "papyrus-production"),
        ("a-service-of-a-name-too-long-for-elb", "a-service-of-a-name-too-l-88c811"),
        ("internal-tools", "8e8af9-internal-tools"),
    ],
)
def test_a_name_fits_elb(name: str, expected: str) -> None:
    """At most 32 characters, not ``internal-`` first, and no two names become one."""
    assert fitted(name) == expected
