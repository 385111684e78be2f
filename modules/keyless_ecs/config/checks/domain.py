"""The domain: what a rule, a certificate and a record need."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import (
    Contradiction,
    Whole,
    known,
    of_delivery,
    of_elsewhere,
    of_file,
    warning,
    where_set,
)
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.domain import NONE
from keyless_ecs.config.reach import Reach, without_certificate
from keyless_ecs.config.shown import shown

MAX_CONDITIONS = 5
"""Values, and wildcards, of a rule, hosts and paths together.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
"""


@of_delivery
def port_of_domain(delivery: Delivery) -> Iterator[Contradiction]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html."""
    if delivery.reach and delivery.container.port is None:
        yield where_set(delivery, "domain"), "needs a port to send requests to; set container.port"


@of_delivery
def something_to_match(delivery: Delivery) -> Iterator[Contradiction]:
    """A rule of HTTPS matches hosts, one beside rules of others at least something."""
    reach = delivery.reach
    if reach is None or reach.domain.names:
        return
    is_own = reach.is_own and reach.domain.certificate == NONE
    if not is_own and not (reach.domain.paths and not reach.is_own and not reach.is_shared):
        yield where_set(delivery, "domain", "names"), "missing; it has no default"


@of_delivery
def conditions(delivery: Delivery) -> Iterator[Contradiction]:
    """A rule takes five values and five wildcards."""
    if delivery.reach is None:
        return
    domain, here = delivery.reach.domain, where_set(delivery, "domain")
    values = [*domain.names, *domain.paths]
    if len(values) > MAX_CONDITIONS:
        yield (
            here,
            f"{len(domain.names)} names and {len(domain.paths)} paths are more than the "
            f"{MAX_CONDITIONS} values of a rule; leave some out, or use a wildcard",
        )
    wildcards = sum(value.count("*") + value.count("?") for value in values)
    if wildcards > MAX_CONDITIONS:
        yield (
            here,
            f"{wildcards} wildcards are more than the {MAX_CONDITIONS} of a rule; leave some out",
        )


@of_delivery
def zones_of_names(delivery: Delivery) -> Iterator[Contradiction]:
    """A zone for a name that is not served does nothing."""
    if delivery.reach is None or not isinstance(zones := delivery.reach.domain.zone, dict):
        return
    for name in zones.keys() - set(delivery.reach.domain.names):
        yield (
            where_set(delivery, "domain", "zone", name),
            "is none of the names; add it to them, or leave it out",
        )


@of_delivery
def place_of_the_certificate(delivery: Delivery) -> Iterator[Contradiction]:
    """A load balancer takes certificates of its own region and account.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
    """
    certificate = delivery.reach and delivery.reach.domain.certificate
    if not certificate or certificate == NONE:
        return
    if problem := of_elsewhere(delivery, certificate, "the load balancer stands", "one"):
        yield where_set(delivery, "domain", "certificate"), problem


@of_file
def certificate_of_each_name(whole: Whole) -> Iterator[Contradiction]:
    """Without a zone nothing can be validated, so somebody else brings the certificate."""
    brought: dict[tuple[str, ...], list[str]] = {}
    for delivery in whole.deliveries:
        for reach in known(_reach, delivery):
            brought.setdefault(reach.listener, []).extend(reach.requested)
    for delivery in whole.deliveries:
        yield from known(_without_certificate, delivery, brought)


def _reach(delivery: Delivery) -> Iterator[Reach]:
    if delivery.reach:
        yield delivery.reach


def _without_certificate(
    delivery: Delivery, brought: dict[tuple[str, ...], list[str]]
) -> Iterator[Contradiction]:
    reach = delivery.reach
    if reach is None or reach.domain.certificate or not (reach.is_own or reach.is_shared):
        return
    present = [*brought[reach.listener], *reach.covered_by_account]
    for name in without_certificate(reach.domain.names, present):
        yield (
            where_set(delivery, "domain", "zone"),
            f"without a zone no certificate for {name} can be validated; name one with "
            "certificate: <ARN>, or the zone",
        )


@warning
def plain_http(delivery: Delivery) -> Iterator[Contradiction]:
    """What is not encrypted is read on its way."""
    if delivery.reach and not delivery.reach.domain.is_secure:
        yield (
            where_set(delivery, "domain", "certificate"),
            "requests and answers travel unencrypted, which is for a first try, or behind what "
            "encrypts them (CloudFront)",
        )


@warning
def ways_past_the_balancer(delivery: Delivery) -> Iterator[Contradiction]:
    """What lets others in to the tasks lets them past TLS."""
    ingress = delivery.environment.network.ingress
    if delivery.reach and ingress and not delivery.environment.load_balancer.internal:
        yield (
            where_set(delivery, "network", "ingress"),
            f"{', '.join(map(shown, ingress))} can reach the tasks past the load balancer and its "
            "TLS; leave it out unless that is meant",
        )
