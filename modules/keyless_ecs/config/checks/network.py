"""The network: what its security group holds."""

from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_network

from keyless_ecs.config.checks.rule import Contradiction, warning, where_set
from keyless_ecs.config.delivery import Delivery

MAX_INGRESS = 60
"""Rules of one IP version in a security group, a quota that can be raised.

https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
"""


@warning
def rules_of_the_group(delivery: Delivery) -> Iterator[Contradiction]:
    """Each CIDR block is a rule of the security group, and IPv4 and IPv6 are counted apart."""
    counted = Counter(ip_network(block).version for block in delivery.environment.network.ingress)
    for version, count in sorted(counted.items()):
        if count > MAX_INGRESS:
            yield (
                where_set(delivery, "network", "ingress"),
                f"its security group would have {count} rules of IPv{version}, and AWS gives "
                f"{MAX_INGRESS} until asked for more (Service Quotas)",
            )
