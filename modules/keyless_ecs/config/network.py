"""Where the tasks of an environment run."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field, StrictBool

from keyless_ecs.config.aws import SecurityGroupId, SubnetId
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import EachOnce

_USE = "use 10.0.0.0/8, or 2001:db8::/32"


def _cidr(value: str) -> str:
    # Python takes any text for the zone of an IPv6 address; AWS knows none.
    if "%" in value or not value.isascii():
        raise ValueError(f"{shown(value)} is not a CIDR block; {_USE}")
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        pass
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{shown(value)} is not a CIDR block; {_USE}") from None
    raise ValueError(
        f"{shown(value)} is not a CIDR block ({value} has host bits set); use {network}"
    )


Cidr = Annotated[str, AfterValidator(_cidr)]


class Network(Setting):
    """The account's default VPC, or existing subnets; and who reaches the container's port.

    *public_ip* is needed where the subnets have no NAT gateway or VPC endpoints, as in a default
    VPC: without it the task cannot pull its image.
    """

    subnets: Annotated[tuple[SubnetId, ...], Field(max_length=16), EachOnce] = ()
    security_groups: Annotated[tuple[SecurityGroupId, ...], Field(max_length=4), EachOnce] = ()
    ingress: Annotated[tuple[Cidr, ...], EachOnce] = ()
    public_ip: StrictBool | None = None

    @property
    def assign_public_ip(self) -> bool:
        """Whether tasks get a public address: as said, else only in the default VPC."""
        return not self.subnets if self.public_ip is None else self.public_ip
