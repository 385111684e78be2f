"""Requests to a service, as the rules that the local AWS stores answer them; it has no traffic."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from keyless_ecs.config import Delivery
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.errors import UnexpectedOutcomeError
from keyless_ecs.rehearsal.scene import services

SECURE, PLAIN = 443, 80


@dataclass(frozen=True)
class Answer:
    """What a request came to: the target group that serves it, and the image of its tasks."""

    target_group: str
    image: str


def request(aws: LocalAws, delivery: Delivery) -> Answer:
    """Follow a request to the service's first name and path through DNS's name to its tasks.

    Raises:
        UnexpectedOutcomeError: It reaches no task.
    """
    rule = _matching(aws, delivery)
    (forward,) = rule["Actions"]
    groups = forward["ForwardConfig"]["TargetGroups"]
    serving = [group["TargetGroupArn"] for group in groups if group["Weight"] > 0]
    if len(serving) != 1:
        raise UnexpectedOutcomeError(f"{len(serving)} target groups serve, and not one")
    elb = _client(aws, delivery)
    (group,) = elb.describe_target_groups(TargetGroupArns=serving)["TargetGroups"]
    return Answer(group["TargetGroupName"], services.running(aws, delivery).image)


def swing(aws: LocalAws, delivery: Delivery) -> None:
    """Shift all traffic to the other target group, as ECS does at the end of a deployment."""
    rule = _matching(aws, delivery)
    (forward,) = rule["Actions"]
    groups = [
        {**group, "Weight": 100 - group["Weight"]}
        for group in forward["ForwardConfig"]["TargetGroups"]
    ]
    _client(aws, delivery).modify_rule(
        RuleArn=rule["RuleArn"],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
    )


def _matching(aws: LocalAws, delivery: Delivery) -> Mapping[str, Any]:
    """Return the rule that takes a request to the service."""
    wanted = delivery.reach
    if wanted is None:
        raise UnexpectedOutcomeError(f"{delivery.name} has no domain")
    elb = _client(aws, delivery)
    (balancer,) = elb.describe_load_balancers(Names=[wanted.balancer_name])["LoadBalancers"]
    port = SECURE if wanted.domain.is_secure else PLAIN
    (listener,) = [
        listener
        for listener in elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])[
            "Listeners"
        ]
        if listener["Port"] == port
    ]
    rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    host = wanted.url(balancer["DNSName"]).partition("://")[2].partition("/")[0]
    path = next(iter(wanted.domain.paths), "/").replace("*", "x").replace("?", "x")
    for rule in sorted(
        (rule for rule in rules if not rule.get("IsDefault")), key=lambda it: int(it["Priority"])
    ):
        if _matches(rule, host, path):
            return dict(rule)
    raise UnexpectedOutcomeError(f"no rule matches {host}{path}: it would be a 404")


def _matches(rule: Mapping[str, Any], host: str, path: str) -> bool:
    """Tell whether a rule matches: a value of each of its conditions.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
    """
    asked = {"host-header": host, "path-pattern": path}
    return all(
        any(fnmatchcase(asked[condition["Field"]], value) for value in _values(condition))
        for condition in rule["Conditions"]
    )


def _values(condition: Mapping[str, Any]) -> list[str]:
    configs = ("HostHeaderConfig", "PathPatternConfig")
    nested: list[str] = next((condition[it]["Values"] for it in configs if it in condition), [])
    return list(nested or condition.get("Values", []))


def _client(aws: LocalAws, delivery: Delivery) -> Any:
    return aws.client("elbv2", delivery.account.id, delivery.region)
