"""The load balancer, its target groups, its names, and the role that shifts traffic."""

from typing import Any

from cdktf import TerraformStack

from keyless_ecs.aws.certificate import Names
from keyless_ecs.aws.infrastructure_role import infrastructure_trust, shift_traffic
from keyless_ecs.aws.load_balancer import Balancer, LoadBalancer
from keyless_ecs.aws.network import Place
from keyless_ecs.aws.target_groups import TargetGroups
from tests.conftest import Resources

PLACE = Place("data.aws_vpc.it.id", ["subnet-1", "subnet-2"])
BALANCER = Balancer(
    arn_suffix="app/it/1",
    dns_name="it.elb.amazonaws.com",
    zone_id="Z1",
    security_group="sg-1",
    listener_arn="arn:listener",
)


def balancer(stack: TerraformStack, **changes: Any) -> None:
    """Make the load balancer that differs from a plain one by *changes*."""
    plain: dict[str, Any] = {
        "name": "papyrus-production",
        "security_group_name": "papyrus-production-load-balancer",
        "place": PLACE,
        "certificate_arn": "arn:certificate",
    }
    LoadBalancer(stack, "load_balancer", **{**plain, **changes})


def groups(stack: TerraformStack, **changes: Any) -> TargetGroups:
    """Make the target groups that differ from plain ones by *changes*."""
    plain: dict[str, Any] = {
        "blue_name": "blue",
        "green_name": "green",
        "place": PLACE,
        "balancer": BALANCER,
        "hosts": ["papyrus.example.com"],
        "priority": 1_234,
    }
    return TargetGroups(stack, "load_balancer", **{**plain, **changes})


def test_what_the_provider_keeps_is_written(stack: TerraformStack, resources: Resources) -> None:
    """A block that is removed is suppressed, so what is off is written as off."""
    balancer(stack)

    made = resources("aws_lb")["load_balancer"]
    assert made["access_logs"] == {"bucket": "", "enabled": False}
    assert made["enable_deletion_protection"] is False
    assert made["drop_invalid_header_fields"] is True
    assert "lifecycle" not in made


def test_https_is_the_newest_and_http_leads_to_it(
    stack: TerraformStack, resources: Resources
) -> None:
    """AWS's recommended policy, with post-quantum keys; what no rule matches is not found."""
    balancer(stack)

    listeners = resources("aws_lb_listener")
    https, http = listeners["load_balancer_https"], listeners["load_balancer_http"]
    assert https["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert https["default_action"][0]["fixed_response"]["status_code"] == "404"
    assert http["default_action"][0]["redirect"] == {
        "port": "443",
        "protocol": "HTTPS",
        "status_code": "HTTP_301",
    }


def test_without_a_certificate_there_is_one_listener(
    stack: TerraformStack, resources: Resources
) -> None:
    """Plain HTTP redirects nowhere, and lets in on its port alone."""
    balancer(stack, certificate_arn=None)

    assert set(resources("aws_lb_listener")) == {"load_balancer_http"}
    rules = resources("aws_vpc_security_group_ingress_rule")
    assert {rule["from_port"] for rule in rules.values()} == {80}


def test_an_internal_one_is_reached_from_its_vpc(
    stack: TerraformStack, resources: Resources
) -> None:
    """Nobody else has a way to it, so nobody else is let in."""
    balancer(stack, internal=True)

    rules = resources("aws_vpc_security_group_ingress_rule")
    assert {rule["cidr_ipv4"] for rule in rules.values()} == {
        "${data.aws_vpc.load_balancer_vpc.cidr_block}"
    }


def test_protection_is_aws_s_and_terraform_s(stack: TerraformStack, resources: Resources) -> None:
    """AWS's alone would let a destroy take records, rules and listeners away first."""
    balancer(stack, protect=True)

    made = resources("aws_lb")["load_balancer"]
    assert made["enable_deletion_protection"] is True
    assert made["lifecycle"] == {"prevent_destroy": True}


def test_subnets_that_are_found_are_counted(stack: TerraformStack, resources: Resources) -> None:
    """A load balancer takes two zones; a default VPC may have lost one."""
    balancer(stack, place=Place("data.aws_vpc.it.id", ["subnet-1"], "data.aws_subnets.it"))

    (precondition,) = resources("aws_lb")["load_balancer"]["lifecycle"]["precondition"]
    assert precondition["condition"] == "${length(data.aws_subnets.it.ids) > 1}"


def test_both_groups_exist_and_no_plan_shifts_traffic(
    stack: TerraformStack, resources: Resources
) -> None:
    """Blue begins; the weights are ECS's from then on, and the rest of the rule is not.

    So the tests of the provider have it: internal/service/ecs/service_test.go.
    """
    groups(stack)

    rule = resources("aws_lb_listener_rule")["load_balancer_production"]
    assert rule["action"][0]["forward"]["target_group"] == [
        {"arn": "${aws_lb_target_group.load_balancer_blue.arn}", "weight": 100},
        {"arn": "${aws_lb_target_group.load_balancer_green.arn}", "weight": 0},
    ]
    assert rule["lifecycle"] == {"ignore_changes": ["action[0].forward[0].target_group"]}
    assert rule["priority"] == 1_234


def test_a_group_is_never_replaced(stack: TerraformStack, resources: Resources) -> None:
    """Its port is constant, since ECS registers each task with the container's."""
    groups(stack, health_path="/healthz", matcher="200-299", interval=30, deregistration_delay=0)

    made = resources("aws_lb_target_group")
    assert {group["port"] for group in made.values()} == {80}
    green = made["load_balancer_green"]
    assert (green["deregistration_delay"], green["target_type"]) == ("0", "ip")
    assert green["stickiness"] == {"enabled": False, "type": "lb_cookie"}
    assert green["health_check"] == {
        "enabled": True,
        "healthy_threshold": 2,
        "interval": 30,
        "matcher": "200-299",
        "path": "/healthz",
        "port": "traffic-port",
        "protocol": "HTTP",
        "timeout": 5,
        "unhealthy_threshold": 3,
    }


def test_a_load_balancer_of_others_is_in_the_vpc_of_the_tasks(
    stack: TerraformStack, resources: Resources
) -> None:
    """AWS takes no target group of another VPC, and only the plan knows both."""
    elsewhere = Balancer(**{**BALANCER.__dict__, "vpc": "data.aws_lb.other.vpc_id"})
    groups(stack, balancer=elsewhere)

    for group in resources("aws_lb_target_group").values():
        (precondition,) = group["lifecycle"]["precondition"]
        assert precondition["condition"] == "${data.aws_lb.other.vpc_id == data.aws_vpc.it.id}"


def test_each_name_has_its_own_certificate(stack: TerraformStack, resources: Resources) -> None:
    """A name more replaces none, and a wildcard shares the validation of its base."""
    zones = {"*.example.com": "example.com", "example.com": "example.com", "a.b.net": "Z12345"}
    names = Names(stack, "domain", zones=zones)
    for name in zones:
        names.certificate(name)

    certificates = resources("aws_acm_certificate")
    assert {it["domain_name"] for it in certificates.values()} == set(zones)
    assert all(it["lifecycle"] == {"create_before_destroy": True} for it in certificates.values())
    records = resources("aws_route53_record")
    assert set(records) == {
        "domain_validation_example_dot_com",
        "domain_validation_a_dot_b_dot_net",
    }
    assert records["domain_validation_a_dot_b_dot_net"]["zone_id"] == "Z12345"
    validations = resources("aws_acm_certificate_validation")
    assert {tuple(it["validation_record_fqdns"]) for it in validations.values()} == {
        ("${aws_route53_record.domain_validation_example_dot_com.fqdn}",),
        ("${aws_route53_record.domain_validation_a_dot_b_dot_net.fqdn}",),
    }


def test_the_role_reaches_two_groups_and_one_rule() -> None:
    """AWS's managed policy reaches all of the account; ECS of another account gets nothing."""
    policy = shift_traffic(target_groups=["arn:blue", "arn:green"], rule="arn:rule")

    bounded = {
        action: statement["Resource"]
        for statement in policy["Statement"]
        for action in statement["Action"]
        if not action.startswith("elasticloadbalancing:Describe")
    }
    assert bounded == {
        "elasticloadbalancing:DeregisterTargets": ["arn:blue", "arn:green"],
        "elasticloadbalancing:RegisterTargets": ["arn:blue", "arn:green"],
        "elasticloadbalancing:ModifyRule": ["arn:rule"],
    }
    (trust,) = infrastructure_trust(account_id="123456789012")["Statement"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
