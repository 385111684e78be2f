"""An ECS service as ``aws ecs describe-services`` shows it, against the file."""

from collections.abc import Iterator, Mapping
from typing import Any

from keyless_ecs.adoption.difference import (
    Difference,
    lost_tags,
    of_environment,
    setting,
    tags,
    told,
)
from keyless_ecs.adoption.found import Thing
from keyless_ecs.config.delivery import Delivery

_WORDS = {"FARGATE": "fargate_provider", "FARGATE_SPOT": "fargate_spot"}
"""What ``capacity`` calls a strategy of one provider."""

_TAKEN_OFF = {
    "loadBalancers": "its load balancer no longer reaches its tasks",
    "serviceRegistries": "its tasks leave Cloud Map",
    "placementConstraints": "tasks are placed as ECS likes",
    "placementStrategy": "tasks are placed as ECS likes",
}
"""Lists that the first apply empties, and what that means."""

_NOT_DESCRIBED = "this file does not describe it: do not adopt the service, or take it off before"


def is_of(service: Thing, delivery: Delivery) -> bool:
    """Tell whether *service* is the one that the environment describes."""
    cluster = str(service.get("clusterArn", "")).rpartition("/")[2]
    where = str(service.get("serviceArn", "")).split(":")[3:5]
    return (service.get("serviceName"), cluster) == (
        delivery.service_name,
        delivery.cluster_name,
    ) and where in ([delivery.region, delivery.account.id], [])


def differences(service: Thing, delivery: Delivery) -> Iterator[Difference]:
    """Yield what the first apply would change of *service*.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
    """
    settings = delivery.environment
    if settings.autoscaling is None:  # else the count is not Terraform's
        count = service.get("desiredCount")
        lines = of_environment(delivery, count=count)
        yield from setting("desired count", count, settings.count, lines)
    yield from _capacity(service, delivery)
    yield from _network(service, delivery)
    deployment = service.get("deploymentConfiguration", {})
    strategy = deployment.get("strategy", "ROLLING").lower()
    lines = of_environment(delivery, deployment={"strategy": strategy})
    yield from setting("deployment strategy", strategy, settings.deployment.strategy, lines)
    for name, key in (
        ("minimum_healthy_percent", "minimumHealthyPercent"),
        ("maximum_percent", "maximumPercent"),
    ):
        now = deployment.get(key, getattr(settings.deployment, name))
        lines = of_environment(delivery, deployment={name: now})
        yield from setting(name, now, getattr(settings.deployment, name), lines)
    allowed = bool(service.get("enableExecuteCommand"))
    yield from setting("ECS Exec", allowed, settings.exec, of_environment(delivery, exec=allowed))
    for key, means in _TAKEN_OFF.items():
        if listed := service.get(key):
            yield Difference(_words(key), _names(listed), "none", note=f"{means}; {_NOT_DESCRIBED}")
    running: Thing = next(iter(service.get("deployments", [])), {})
    if running.get("serviceConnectConfiguration", {}).get("enabled"):
        note = f"others no longer find it by Service Connect; {_NOT_DESCRIBED}"
        yield Difference("Service Connect", "yes", "no", note=note)
    alarms = deployment.get("alarms", {})
    if alarms.get("enable"):
        note = (
            "no alarm rolls a deployment back any more; an *_override.tf beside the JSON keeps them"
        )
        yield Difference("deployment alarms", told(alarms.get("alarmNames", [])), "none", note=note)
    if grace := service.get("healthCheckGracePeriodSeconds"):
        note = "a slow starter is stopped by its load balancer's health check"
        yield Difference("health check grace period", f"{grace} s", "0 s", note=note)
    for key, path, expected in (
        ("deployment controller", service.get("deploymentController", {}).get("type"), "ECS"),
        ("scheduling strategy", service.get("schedulingStrategy"), "REPLICA"),
    ):
        if path not in (None, expected):
            note = "AWS cannot change it: the plan would replace the service, and adopt refuses"
            yield Difference(key, str(path), expected, note=note)
    there = tags(service.get("tags", []), "key", "value")
    yield from lost_tags(there, delivery.tags, delivery)


def _capacity(service: Thing, delivery: Delivery) -> Iterator[Difference]:
    strategy = service.get("capacityProviderStrategy") or []
    there = {it.get("capacityProvider"): _share(it) for it in strategy}
    capacity = delivery.environment.capacity
    written = {name: (share.base, share.weight) for name, share in capacity.providers.items()}
    now, then = (_capacity_told(it) for it in (there, written))
    if service.get("launchType", "FARGATE") != "FARGATE" or there.keys() - _WORDS.keys():
        now = told(list(there) or service["launchType"])
        note = f"this file describes tasks on Fargate alone; {_NOT_DESCRIBED}"
        yield Difference("capacity", now, then, note=note)
    elif now != then:
        yield Difference("capacity", now, then, of_environment(delivery, capacity=_said(there)))


def _share(provider: Thing) -> tuple[int, int]:
    """Return base and weight of a provider in a strategy."""
    return provider.get("base", 0), provider.get("weight", 0)


def _said(providers: Mapping[str, tuple[int, int]]) -> Any:
    """Return what the file calls a strategy; the weight of one provider alone says nothing."""
    if not providers:
        return "fargate"
    if len(providers) == 1:
        return _WORDS[next(iter(providers))]
    return {
        name.lower(): {"base": base, "weight": weight} if base else weight
        for name, (base, weight) in sorted(providers.items())
    }


def _capacity_told(providers: Mapping[str, tuple[int, int]]) -> str:
    known = {name: share for name, share in providers.items() if name in _WORDS}
    said = _said(known)
    if isinstance(said, str):
        return said
    shares = (f"{name.lower()} {base}+{weight}" for name, (base, weight) in sorted(known.items()))
    return ", ".join(shares)


def _network(service: Thing, delivery: Delivery) -> Iterator[Difference]:
    there = service.get("networkConfiguration", {}).get("awsvpcConfiguration")
    if there is None:
        return
    network = delivery.environment.network
    subnets = sorted(there.get("subnets", []))
    if subnets != sorted(network.subnets):
        then = told(network.subnets) if network.subnets else "those of the default VPC"
        lines = of_environment(delivery, network={"subnets": subnets})
        yield Difference("subnets", told(subnets), then, lines)
    missing = sorted({*there.get("securityGroups", [])} - {*network.security_groups})
    if missing:
        groups = [*network.security_groups, *missing]
        yield Difference(
            "security groups",
            told(there["securityGroups"]),
            f"{told(network.security_groups)}, and one of its own".removeprefix("none, and "),
            of_environment(delivery, network={"security_groups": groups}),
        )
    public = there.get("assignPublicIp") == "ENABLED"
    lines = of_environment(delivery, network={"public_ip": public})
    then_public = network.assign_public_ip
    if subnets and not network.subnets and network.public_ip is None:
        # With the subnets said, as above, tasks get a public address only where that is said.
        then_public = False
    yield from setting("public address", public, then_public, lines)


def _words(key: str) -> str:
    """Return a key of AWS's in words: ``loadBalancers`` is ``load balancers``."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in key)


def _names(listed: list[dict[str, Any]]) -> str:
    """Return what a list of AWS's names, by the ends of its ARNs."""
    return told(sorted(str(next(iter(it.values()), "")).rpartition(":")[2] for it in listed))
