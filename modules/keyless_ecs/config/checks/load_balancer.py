"""The load balancer: what an own, a shared and another's each take."""

from collections import Counter
from collections.abc import Iterator

from keyless_ecs.config.checks.rule import (
    Contradiction,
    Whole,
    known,
    of_delivery,
    of_elsewhere,
    of_file,
    warning,
    warning_of_file,
    where_set,
)
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.domain import NONE
from keyless_ecs.config.load_balancer import AccountLoadBalancer, BalancerSettings
from keyless_ecs.config.overlap import first_overlap
from keyless_ecs.config.reach import Reach

MAX_CERTIFICATES, MAX_RULES, MAX_EGRESS = 25, 100, 60
"""Quotas of a load balancer and of a security group; all can be raised.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
"""


@of_delivery
def settings_of_the_owner(delivery: Delivery) -> Iterator[Contradiction]:
    """What others own is theirs to set."""
    if not (delivery.reach and not delivery.reach.is_own):
        return
    owner = "the account's" if delivery.reach.is_shared else "its owner's"
    for name in BalancerSettings.model_fields:
        if name in delivery.reach.balancer.model_fields_set:
            yield (
                where_set(delivery, "load_balancer", name),
                f"is {owner} to set; leave it out, or use: own",
            )


@of_delivery
def shared_balancer(delivery: Delivery) -> Iterator[Contradiction]:
    """A load balancer is the account's, and of one region."""
    if not (delivery.reach and delivery.reach.is_shared):
        return
    here = where_set(delivery, "load_balancer", "use")
    if delivery.account.load_balancer is None:
        key = delivery.account_key
        yield here, f'the account shares none; set accounts: {{{key}: {{load_balancer: "*.…"}}}}'
    elif delivery.region != delivery.account.region:
        yield (
            here,
            f"the account's stands in {delivery.account.region} and this environment in "
            f"{delivery.region}; use own, or an entry under accounts for that region",
        )
    if delivery.reach.domain.certificate == NONE:
        yield (
            where_set(delivery, "domain", "certificate"),
            "the shared load balancer serves HTTPS alone; leave it out, or use: own",
        )


@of_delivery
def place_of_the_listener(delivery: Delivery) -> Iterator[Contradiction]:
    """A target group and its load balancer share a VPC."""
    if delivery.reach is None or delivery.reach.is_own or delivery.reach.is_shared:
        return
    listener = delivery.reach.balancer.use
    if problem := of_elsewhere(delivery, listener, "the tasks run", "a listener"):
        yield where_set(delivery, "load_balancer", "use"), problem


@of_delivery
def subnets_of_the_balancer(delivery: Delivery) -> Iterator[Contradiction]:
    """A load balancer stands in two zones, a public one in subnets that are public."""
    if not (delivery.reach and delivery.reach.is_own):
        return
    balancer, tasks = delivery.reach.balancer, delivery.environment.network.subnets
    if balancer.subnets or not tasks:
        return
    here = where_set(delivery, "load_balancer", "subnets")
    if not balancer.internal:
        yield (
            here,
            "whether the subnets of the tasks are public cannot be seen here; name public ones, "
            "or set internal: true",
        )
    elif len(tasks) < 2:
        yield here, "a load balancer takes subnets of two zones or more; name them"


@of_delivery
def adopted_beside_a_domain(delivery: Delivery) -> Iterator[Contradiction]:
    """A service that is imported has the load balancers that it has."""
    if delivery.reach and "service" in delivery.adopted:
        yield (
            where_set(delivery, "domain"),
            "a load balancer that the adopted service has would be detached; adopt and apply "
            "first, then take service out of adopt and add the domain",
        )


@of_file
def account_balancers(whole: Whole) -> Iterator[Contradiction]:
    """The account's serves HTTPS, so it has names and a certificate."""
    for key, account in whole.file.accounts.items():
        balancer = account.load_balancer
        if balancer is None:
            continue
        here = ("accounts", key, "load_balancer")
        for location in balancer.lacking():
            yield (*here, *location), "missing; it has no default"
        for found in known(_account_domain, balancer):
            yield (*here, "domain", *found[0]), found[1]


def _account_domain(balancer: AccountLoadBalancer) -> Iterator[Contradiction]:
    domain = balancer.domain
    if not domain.names:
        yield ("names",), "missing; it has no default"
    if domain.certificate == NONE:
        yield ("certificate",), "an HTTPS listener has one; leave it out, or name its ARN"
    for name in ("paths", "rule_priority"):
        if name in domain.model_fields_set:
            yield (name,), "is for a service's domain; leave it out"
    if not domain.certificate and any(domain.zone_of(name) is None for name in domain.names):
        yield ("zone",), "without a zone no certificate can be validated; name its ARN"


@of_file
def rules_of_a_listener(whole: Whole) -> Iterator[Contradiction]:
    """Of two rules that match one request the lower priority wins, which should be meant."""
    listeners: dict[tuple[str, ...], list[Reach]] = {}
    for delivery in whole.deliveries:
        for reach in known(_with_listener, delivery):
            listeners.setdefault(reach.listener, []).append(reach)
    for reaches in listeners.values():
        yield from _clashes(reaches)


def _with_listener(delivery: Delivery) -> Iterator[Reach]:
    if delivery.reach and not delivery.reach.is_own:
        yield delivery.reach


def _clashes(reaches: list[Reach]) -> Iterator[Contradiction]:
    taken: dict[int, Reach] = {}
    for reach in reaches:
        first = taken.setdefault(reach.priority, reach)
        if first is not reach:
            yield (
                where_set(reach.delivery, "domain"),
                f"its rule would have the priority {reach.priority} of {first.delivery.name}; set "
                "domain: {rule_priority: …} in one of them",
            )
    for one, other, value in first_overlap([reach for reach in reaches if not _is_placed(reach)]):
        yield (
            where_set(one.delivery, "domain"),
            f"{value} matches requests of {other.delivery.name} as well; set "
            "domain: {rule_priority: …} in one of them",
        )


def _is_placed(reach: Reach) -> bool:
    return reach.domain.rule_priority is not None


@warning
def listener_of_others(delivery: Delivery) -> Iterator[Contradiction]:
    """The security group of another's load balancer may have inline rules, which would fight."""
    reach = delivery.reach
    if reach and not reach.is_own and not reach.is_shared:
        yield (
            where_set(delivery, "load_balancer", "use"),
            f"its owner must let the load balancer out to the security group {delivery.name}, "
            f"port {delivery.container.port}",
        )


@warning_of_file
def quotas_of_a_balancer(whole: Whole) -> Iterator[Contradiction]:
    """What AWS raises when asked is said and not refused."""
    reaches = [delivery.reach for delivery in whole.deliveries if delivery.reach]
    rules = Counter(reach.listener for reach in reaches)
    certificates = Counter[tuple[str, ...]]()
    for reach in reaches:
        certificates[reach.listener] += len(reach.requested) - reach.is_own
    for reach in {reach.listener: reach for reach in reaches}.values():
        here = where_set(reach.delivery, "load_balancer", "use")
        # To tasks behind a listener of others its owner lets the load balancer out.
        out = rules[reach.listener] if reach.is_own or reach.is_shared else 0
        for count, quota, what in (
            (rules[reach.listener], MAX_RULES, "rules"),
            (out, MAX_EGRESS, "outbound rules of its security group"),
            (certificates[reach.listener], MAX_CERTIFICATES, "certificates"),
        ):
            if count > quota:
                yield (
                    here,
                    f"its load balancer would have {count} {what}, and AWS gives {quota} until "
                    "asked for more (Service Quotas)",
                )
