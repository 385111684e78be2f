"""Domain, load balancer, scaling, strategy, capacity: what AWS would refuse is refused here."""

import json
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.config import DeliveryFile, load
from keyless_ecs.config.domain import Domain
from keyless_ecs.config.overlap import meet
from keyless_ecs.config.reach import covers, rule_priority
from tests.conftest import Content
from tests.support.config import changed, problems

HERE = "services.papyrus.environments.production"
LISTENER = (
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:"
    "listener/app/edge/0123456789abcdef/0123456789abcdef"
)
CERTIFICATE = "arn:aws:acm:{}:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
TWO_SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
SCALED = {"min": 1, "max": 2}


def with_settings(example: Content, settings: Content) -> Content:
    """Return the example with *settings*, by dotted places from the top or in the environment."""
    for key, value in settings.items():
        top = key.split(".")[0] in ("accounts", "services", "defaults")
        example = changed(example, key if top else f"{HERE}.{key}", value)
    return example


REFUSED = [
    ({"domain": "a.example.com", "services.papyrus.container": {}},
     "domain: needs a port to send requests to; set container.port"),
    ({"domain": {"paths": ["/api/*"]}}, "domain.names: missing; it has no default"),
    ({"domain": ["a.example.com", "b.example.com", "c.example.com", "d.example.com",
                 "e.example.com", "f.example.com"]},
     "domain: 6 names and 0 paths are more than the 5 values of a rule; leave some out, or use a "
     "wildcard"),
    ({"domain": {"names": ["*.example.com"], "paths": ["/a*/b*/*", "/?/??"]}},
     "domain: 7 wildcards are more than the 5 of a rule; leave some out"),
    ({"domain": "Example.com"},
     "domain: 'Example.com' is not a domain; use a name of two labels or more in lower case, such "
     'as papyrus.example.com, or "*.example.com" for all of one label more'),
    ({"domain": {"names": ["a.example.com"], "zone": "none"}},
     "domain.zone: without a zone no certificate for a.example.com can be validated; name one with "
     "certificate: <ARN>, or the zone"),
    ({"domain": {"names": ["a.example.com"], "zone": {"b.example.com": "example.com"}}},
     "domain.zone.b.example.com: is none of the names; add it to them, or leave it out"),
    ({"domain": {"names": ["a.example.com"], "certificate": CERTIFICATE.format("us-east-1")}},
     "domain.certificate: is of us-east-1 in 123456789012, and the load balancer stands in "
     "ap-northeast-1 in 123456789012; name one of there"),
    ({"domain": "a.example.com", "network": {"subnets": TWO_SUBNETS}},
     "load_balancer.subnets: whether the subnets of the tasks are public cannot be seen here; name "
     "public ones, or set internal: true"),
    ({"domain": "a.example.com", "network": {"subnets": TWO_SUBNETS[:1]},
      "load_balancer": {"internal": True}},
     "load_balancer.subnets: a load balancer takes subnets of two zones or more; name them"),
    ({"domain": "a.example.com", "load_balancer": "shared"},
     "load_balancer: the account shares none; set accounts: {main: {load_balancer: \"*.…\"}}"),
    ({"domain": "a.example.com", "load_balancer": {"use": "shared", "internal": True},
      "accounts.main.load_balancer": "*.example.com"},
     "load_balancer.internal: is the account's to set; leave it out, or use: own"),
    ({"domain": "a.example.com", "load_balancer": "shared", "region": "eu-west-1",
      "accounts.main.load_balancer": "*.example.com"},
     "load_balancer: the account's stands in ap-northeast-1 and this environment in eu-west-1; use "
     "own, or an entry under accounts for that region"),
    ({"domain": "a.example.com", "load_balancer": LISTENER.replace("ap-northeast-1", "eu-west-1")},
     "load_balancer: is of eu-west-1 in 123456789012, and the tasks run in ap-northeast-1 in "
     "123456789012; name a listener of there"),
    ({"domain": "a.example.com", "load_balancer": {"use": LISTENER, "internal": True}},
     "load_balancer.internal: is its owner's to set; leave it out, or use: own"),
    ({"domain": {"names": ["a.example.com"], "certificate": "none"}, "load_balancer": "shared",
      "accounts.main.load_balancer": "*.example.com"},
     "domain.certificate: the shared load balancer serves HTTPS alone; leave it out, or use: own"),
    ({"accounts.main.load_balancer": {"domain": {"names": ["*.a.com"], "paths": ["/x"]}}},
     "accounts.main.load_balancer.domain.paths: is for a service's domain; leave it out"),
    ({"accounts.main.load_balancer": {"internal": True}},
     "accounts.main.load_balancer.domain: missing; it has no default"),
    ({"accounts.main.load_balancer": "example"},
     "accounts.main.load_balancer: 'example' is not a domain; use a name of two labels or more in "
     'lower case, such as papyrus.example.com, or "*.example.com" for all of one label more'),
    ({"accounts.main.load_balancer": {"domain": {"names": ["*.a.com"], "certificate": "none"}}},
     "accounts.main.load_balancer.domain.certificate: an HTTPS listener has one; leave it out, or "
     "name its ARN"),
    ({"autoscaling": {"min": 2}}, "autoscaling.max: missing; it has no default"),
    ({"autoscaling": {"min": 3, "max": 2}},
     "autoscaling.min: 3 is more than the max of 2; swap them"),
    ({"autoscaling": SCALED, "count": 2},
     "count: autoscaling decides how many tasks run; leave it out"),
    ({"autoscaling": {**SCALED, "requests": 10}},
     "autoscaling.requests: are counted by a load balancer; set domain, or scale by cpu or memory"),
    ({"autoscaling": {**SCALED, "requests": 10}, "domain": "a.example.com",
      "deployment": "canary"},
     "autoscaling.requests: are counted in one target group, and canary shifts them between two; "
     "scale by cpu or memory, or deploy rolling"),
    ({"autoscaling": {**SCALED, "schedules": {"night": {"at": "rate(1 hour)"}}}},
     "autoscaling.schedules.night: changes nothing; say min, max or both"),
    ({"autoscaling": {**SCALED, "schedules": {"night": {"at": "10pm", "min": 0}}}},
     "autoscaling.schedules.night.at: '10pm' is not a time; use cron(<minute> <hour> <day> <month> "
     "<weekday> <year>), rate(<n> hours) or at(<yyyy-mm-ddThh:mm:ss>)"),
    ({"deployment": "canry"},
     "deployment: 'canry' is not known; use 'rolling', 'blue_green', 'canary' or 'linear'"),
    ({"deployment": {"percent": 5}},
     "deployment.percent: rolling has no steps; use canary or linear, or leave it out"),
    ({"deployment": {"bake_minutes": 5}},
     "deployment.bake_minutes: rolling replaces the old tasks and keeps none; use another "
     "strategy, or leave it out"),
    ({"deployment": {"strategy": "linear", "percent": 2}, "domain": "a.example.com"},
     "deployment.percent: 2 percent is too small for linear; use 3 to 100"),
    ({"deployment": {"strategy": "canary", "percent": 0.05}, "domain": "a.example.com"},
     "deployment.percent: 0.05 is not a share; use 0.1 to 100 in steps of 0.1"),
    ({"deployment": {"strategy": "linear", "percent": 3, "step_minutes": 10},
      "domain": "a.example.com"},
     "deployment: takes up to 362 minutes, and a job of GitHub waits 310; use larger shares, "
     "shorter steps or a shorter bake"),
    ({"deployment": {"strategy": "canary", "bake_minutes": 1441}},
     "deployment.bake_minutes: 1441 is too large; use 1440 or less"),
    ({"capacity": {"fargate": {"base": 1}, "fargate_spot": {"base": 1}}},
     "capacity: two providers have a base, and ECS takes one; leave it to fargate"),
    ({"capacity": {"fargate": 0}},
     "capacity: no provider has a weight, so none would get tasks; give one a weight: 1"),
    ({"capacity": {"use": "fargate", "fargate_spot": 1}, "count": 2},
     "capacity.use: is one capacity, and what stands beside it a strategy of several; leave one "
     "out"),
    ({"accounts.main.load_balancer": 3},
     "accounts.main.load_balancer: 3 is not text to YAML; put it in quotes"),
    ({"accounts.main.load_balancer": "own"},
     "accounts.main.load_balancer: 'own' is not a domain; use a name of two labels or more in "
     'lower case, such as papyrus.example.com, or "*.example.com" for all of one label more'),
    ({"autoscaling": {**SCALED, "schedules": {"night": {"at": "rate(1 hour)", "min": 5}}}},
     "autoscaling.schedules.night: the min of 5 is above any max, 2; raise the max with it"),
    ({"autoscaling": {**SCALED, "schedules": {"night": {"at": "rate(1 hour)", "max": 0}}}},
     "autoscaling.schedules.night: the max of 0 is below any min, 1; lower the min with it"),
    ({"autoscaling": {**SCALED, "schedules": {"a": {"at": "at(2027-13-01T00:00:00)", "min": 1}}}},
     "autoscaling.schedules.a.at: 'at(2027-13-01T00:00:00)' is no day and hour of the calendar"),
    ({"autoscaling": {**SCALED, "schedules": {"a": {"at": "rate(0 hours)", "min": 1}}}},
     "autoscaling.schedules.a.at: 'rate(0 hours)' never comes; use rate(1 hour) or more"),
    ({"autoscaling": {**SCALED, "schedules": {
        "a": {"at": "rate(1 hour)", "min": 1, "timezone": "europe/berlin"}}}},
     "autoscaling.schedules.a.timezone: 'europe/berlin' is not a time zone; did you mean "
     '"Europe/Berlin"?'),
    ({"deployment": {"maximum_percent": 10**19}},
     f"deployment.maximum_percent: {10**19} is too large; use 2147483647 or less"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "problem"), REFUSED, ids=[text[:60] for _, text in REFUSED])
def test_what_aws_refuses_is_refused_here(
    tmp_path: Path, example: Content, settings: Content, problem: str
) -> None:
    """At synthesis, with the mend, and not an hour later in the middle of an apply."""
    place = problem if problem.startswith("accounts") else f"{HERE}.{problem}"

    assert problems(tmp_path / "bad.yaml", with_settings(example, settings)) == [place]


def test_an_adopted_service_keeps_its_load_balancer(tmp_path: Path, example: Content) -> None:
    """What it has cannot be seen, and a domain would detach it."""
    settings = {"domain": "a.example.com", "adopt": ["service"]}

    found = problems(tmp_path / "bad.yaml", with_settings(example, settings))
    assert any("take service out of adopt and add the domain" in problem for problem in found)


@pytest.mark.parametrize(
    ("settings", "warning"),
    [
        ({"domain": {"certificate": "none"}}, "domain.certificate: requests and answers travel"),
        ({"domain": "a.example.com", "network": {"ingress": ["10.0.0.0/8"]}},
         "network.ingress: '10.0.0.0/8' can reach the tasks past the load balancer"),
        ({"domain": "a.example.com", "load_balancer": LISTENER},
         "load_balancer: its owner must let the load balancer out to the security group "
         "papyrus-production, port 8080"),
        ({"deployment": "linear"}, "deployment: there is no traffic to shift without a domain"),
        ({"capacity": "fargate_spot"}, "capacity: one task on Spot alone is none"),
        ({"capacity": {"fargate": 1}, "deployment": "blue_green"},
         "capacity: with a strategy of providers each change of the service"),
        ({"autoscaling": {"min": 1, "max": 2,
                          "schedules": {"night": {"at": "rate(1 hour)", "min": 0}}}},
         "autoscaling.schedules: lower the min to 0 and nothing raises it again"),
    ],
)  # fmt: skip
def test_what_is_worth_a_second_look_is_said(
    tmp_path: Path, example: Content, settings: Content, warning: str
) -> None:
    """AWS takes it, and it may not be meant."""
    lines: list[str] = []
    path = tmp_path / "file.json"
    path.write_text(json.dumps(with_settings(example, settings)))
    load(path, warn=lines.append)

    assert any(f"{HERE}.{warning}" in line for line in lines), lines


@pytest.mark.parametrize(
    "settings",
    [
        {"domain": ["example.com", "www.example.com"]},
        {"domain": {"names": "a.example.com", "paths": "/api/*", "zone": "Z0123456789"}},
        {"domain": {"certificate": "none"}},
        {"domain": {"names": ["a.example.com"], "zone": "none",
                    "certificate": CERTIFICATE.format("ap-northeast-1")}},
        {"domain": {"paths": ["/api/*"]}, "load_balancer": LISTENER},
        {"domain": {"names": ["a.example.com"], "zone": "none"}, "load_balancer": "shared",
         "accounts.main.load_balancer": "*.example.com"},
        {"domain": "none", "autoscaling": "none", "load_balancer": "none"},
        {"load_balancer": "shared", "target_group": {"health_check": "/healthz"}},
        {"defaults": {"count": 3}, "autoscaling": SCALED},
        {"defaults": {"autoscaling": SCALED}, "count": 3},
        {"defaults": {"deployment": "canary", "domain": "a.example.com"},
         "deployment": {"bake_minutes": 30}},
        {"defaults": {"capacity": "fargate_spot"}, "capacity": {"fargate": 1, "fargate_spot": 0}},
    ],
)  # fmt: skip
def test_what_aws_takes_is_taken(
    example: Content, loaded: Callable[[Content], DeliveryFile], settings: Content
) -> None:
    """Words, lists and mappings are the same key, and nothing is refused in vain."""
    assert list(loaded(with_settings(example, settings)).deliveries())


def services(example: Content, **domains: Any) -> Content:
    """Return the example with a service a domain, all on one shared load balancer."""
    papyrus = example["services"].pop("papyrus")
    example = changed(example, "accounts.main.load_balancer", "*.example.com")
    for name, domain in domains.items():
        production = {
            **papyrus["environments"]["production"],
            "domain": domain,
            "load_balancer": "shared",
        }
        example["services"][name] = {
            **papyrus,
            "repository": name,
            "environments": {"production": production},
        }
    return example


@pytest.mark.parametrize(
    ("one", "two", "clash"),
    [
        ("a.example.com", "b.example.com", None),
        ("a.example.com", "*.example.com", None),
        ({"names": "a.example.com", "paths": "/api/*", "zone": "none"}, "a.example.com", None),
        (
            {"names": "a.example.com", "paths": "/api/*", "zone": "none"},
            {"names": "a.example.com", "paths": "/a*/x"},
            "/a*/x matches requests of one-production as well",
        ),
        (
            {"names": "a.example.com", "paths": "/api/*", "zone": "none", "rule_priority": 5},
            {"names": "a.example.com", "paths": "/a*/x"},
            None,
        ),
        (
            {"names": "a.example.com", "paths": "/a", "zone": "none", "rule_priority": 5},
            {"names": "a.example.com", "paths": "/b", "rule_priority": 5},
            "its rule would have the priority 5 of one-production",
        ),
        ("a.example.com", "a.example.com", "one.production owns the DNS record a.example.com"),
    ],
)
def test_two_rules_of_a_listener_do_not_meet_by_chance(
    tmp_path: Path, example: Content, one: Any, two: Any, clash: str | None
) -> None:
    """Terraform's own priorities race between states; here they follow from the rule alone."""
    data = services(example, one=one, two=two)
    if clash is None:
        path = tmp_path / "good.yaml"
        path.write_text(json.dumps(data))
        load(path)
        return
    assert any(clash in problem for problem in problems(tmp_path / "bad.yaml", data))


@pytest.mark.parametrize(
    ("listener", "said"),
    [
        ("shared", ["101 rules, and AWS gives 100", "101 outbound rules of its security group, "
                    "and AWS gives 60", "101 certificates, and AWS gives 25"]),
        (LISTENER, ["101 rules, and AWS gives 100", "101 certificates, and AWS gives 25"]),
    ],
)  # fmt: skip
def test_a_quota_that_can_be_raised_is_said(
    tmp_path: Path, example: Content, listener: str, said: list[str]
) -> None:
    """It is no refusal. The outbound rules to tasks are its owner's at a listener of others.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
    """
    domains = {
        f"s{number}": {"names": [f"s{number}.other.example"], "rule_priority": number + 1}
        for number in range(101)
    }
    data = services(example, **domains)
    for service in data["services"].values():
        service["environments"]["production"]["load_balancer"] = listener
    lines: list[str] = []
    path = tmp_path / "file.json"
    path.write_text(json.dumps(data))
    load(path, warn=lines.append)

    found = [line for line in "\n".join(lines).splitlines() if "until asked for more" in line]
    assert len(found) == len(said)
    assert all(words in line for words, line in zip(said, found, strict=True)), found


def test_a_path_goes_before_its_host_and_a_host_before_a_wildcard() -> None:
    """The lowest priority that matches is taken, whatever the names are."""
    bands = [
        Domain(names=("a.example.com",), paths=("/x",)),
        Domain(names=("a.example.com",)),
        Domain(names=("*.example.com",), paths=("/x",)),
        Domain(names=("*.example.com",)),
    ]
    for number, domain in enumerate(bands):
        assert 1_000 + number * 12_000 <= rule_priority(domain) < 13_000 + number * 12_000
    assert rule_priority(Domain(names=("b.c", "a.b"))) == rule_priority(
        Domain(names=("a.b", "b.c"))
    )


def test_patterns_meet_where_a_text_fits_both() -> None:
    """Against every short text."""
    texts = ["".join(letters) for n in range(4) for letters in product("ab", repeat=n)]
    patterns = ["".join(letters) for n in range(4) for letters in product("a*?", repeat=n)]
    fits = {
        pattern: {
            text
            for text in texts
            if re.fullmatch(pattern.replace("*", ".*").replace("?", "."), text)
        }
        for pattern in patterns
    }
    for one, other in product(patterns, repeat=2):
        assert meet(one, other) == bool(fits[one] & fits[other]), (one, other)


@pytest.mark.parametrize(
    ("pattern", "name", "covered"),
    [
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "a.b.example.com", False),
        ("*.example.com", "example.com", False),
        ("example.com", "example.com", True),
        ("example.com", "a.example.com", False),
    ],
)
def test_a_wildcard_certificate_serves_one_label(pattern: str, name: str, covered: bool) -> None:
    """https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html."""
    assert covers(pattern, name) is covered


@pytest.mark.parametrize(
    ("domain", "name", "zone"),
    [
        ({}, "a.example.com", "example.com"),
        ({}, "example.com", "example.com"),
        ({}, "a.b.example.com", "b.example.com"),
        ({}, "*.example.com", "example.com"),
        ({"zone": "example.com"}, "a.b.example.com", "example.com"),
        ({"zone": "none"}, "a.example.com", None),
        ({"zone": {"a.example.com": "Z012345"}}, "a.example.com", "Z012345"),
        ({"zone": {"a.example.com": "Z012345"}}, "b.example.com", "example.com"),
    ],
)
def test_the_zone_of_a_name_is_not_guessed(domain: Content, name: str, zone: str | None) -> None:
    """Without its first label, or as said; nothing is tried, so nothing wrong is found."""
    assert Domain(names=(name,), **domain).zone_of(name) == zone
