"""How one environment is reached: names, certificates and rule, as far as they can be computed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from keyless_ecs.config.domain import NONE, Domain
from keyless_ecs.config.load_balancer import OWN, SHARED, LoadBalancer
from keyless_ecs.config.target_group import TargetGroup

if TYPE_CHECKING:
    from keyless_ecs.config.delivery import Delivery

MAX_NAME = 32
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html"""

COLOURS = ("blue", "green")
"""Of a service's two target groups. Either may serve: each shift swaps them."""

_FIRST_PRIORITY, _BAND = 1_000, 12_000


def fitted(name: str) -> str:
    """Return *name* as ELB takes it for a load balancer or target group, readable and unique.

    One that is too long keeps its first 25 characters and ends with a digest of all of them. No
    load balancer's name may begin with ``internal-``: there the digest comes first.
    """
    digest = sha256(name.encode()).hexdigest()[:6]
    if name.startswith("internal-"):
        return f"{digest}-{name[:25]}".rstrip("-")
    return name if len(name) <= MAX_NAME else f"{name[:25]}-{digest}"


def account_balancer(key: str) -> str:
    """Return the name of the load balancer that the account under *key* shares."""
    return fitted(f"account-{key}")


def covers(pattern: str, name: str) -> bool:
    """Tell whether a certificate for *pattern* serves *name*: a wildcard stands for one label.

    https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html
    """
    if pattern == name:
        return True
    return pattern.startswith("*.") and pattern[2:] == name.partition(".")[2]


def without_certificate(names: Sequence[str], covering: Sequence[str]) -> list[str]:
    """Return those of *names* that no certificate for one of *covering* serves."""
    return [name for name in names if not any(covers(pattern, name) for pattern in covering)]


def rule_priority(domain: Domain) -> int:
    """Return the place of the domain's rule among those of its listener, the lowest first.

    It follows from the rule alone, so that no new rule moves another: the provider sets priorities
    one by one, and two that swap would fail. A path goes before its bare host, and an exact name
    before a wildcard: four bands, and within one the place is a digest.
    """
    if domain.rule_priority:
        return domain.rule_priority
    rule = "\n".join([*sorted(domain.names), "", *sorted(domain.paths)])
    place = int(sha256(rule.encode()).hexdigest()[:16], 16) % _BAND
    return _FIRST_PRIORITY + band(domain) * _BAND + place


def band(domain: Domain) -> int:
    """Return which of the four: exact with paths, exact, wildcard with paths, wildcard."""
    is_exact = bool(domain.names) and not any("*" in name for name in domain.names)
    return (0 if is_exact else 2) + (0 if domain.paths else 1)


@dataclass(frozen=True)
class Reach:
    """How a delivery with a domain is reached."""

    delivery: "Delivery"
    domain: Domain

    @property
    def balancer(self) -> LoadBalancer:
        """Its load balancer's settings."""
        return self.delivery.environment.load_balancer

    @property
    def target_group(self) -> TargetGroup:
        """The settings of its target groups."""
        return self.delivery.environment.target_group

    @property
    def is_own(self) -> bool:
        """Whether it has a load balancer of its own."""
        return self.balancer.use == OWN

    @property
    def is_shared(self) -> bool:
        """Whether its load balancer is its account's."""
        return self.balancer.use == SHARED

    @property
    def listener(self) -> tuple[str, ...]:
        """What tells its listener from all others."""
        if self.is_shared:
            return (SHARED, self.delivery.account_key)
        return (OWN, self.delivery.name) if self.is_own else ("listener", self.balancer.use)

    @property
    def balancer_name(self) -> str:
        """The name of its load balancer; that of others stands in their listener's ARN."""
        if self.is_shared:
            return account_balancer(self.delivery.account_key)
        return fitted(self.delivery.name) if self.is_own else self.balancer.use.split("/")[2]

    @property
    def security_group_name(self) -> str:
        """The name of the security group of a load balancer of its own."""
        return f"{self.delivery.name}-load-balancer"

    def target_group_name(self, colour: str) -> str:
        """Return the name of the target group *colour*, which is never replaced."""
        return fitted(f"{self.delivery.name}-{colour}")

    @property
    def priority(self) -> int:
        """The place of its rule."""
        return rule_priority(self.domain)

    @property
    def paths(self) -> Sequence[str]:
        """The rule's paths: all of them where the rule would have no condition else."""
        return self.domain.paths or (() if self.domain.names else ("*",))

    @cached_property
    def covered_by_account(self) -> Sequence[str]:
        """The names for which the account's load balancer has certificates."""
        shared = self.delivery.account.load_balancer
        return shared.domain.names if self.is_shared and shared else ()

    @property
    def requested(self) -> list[str]:
        """The names for which a certificate is requested."""
        if self.domain.certificate:
            return []
        names = without_certificate(self.domain.names, self.covered_by_account)
        return [name for name in names if self.domain.zone_of(name)]

    @property
    def records(self) -> Iterator[tuple[str, str]]:
        """The names with a record, each with its zone."""
        for name in self.domain.names:
            if zone := self.domain.zone_of(name):
                yield name, zone

    def url(self, balancer_host: str) -> str:
        """Return the address of the service: its first name, else that of the load balancer."""
        scheme = "https" if self.domain.certificate != NONE else "http"
        host = next((name for name in self.domain.names if "*" not in name), balancer_host)
        path = next((path for path in self.domain.paths if not set("*?") & set(path)), "")
        return f"{scheme}://{host}{path}"
