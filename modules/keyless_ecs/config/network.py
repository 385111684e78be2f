"""Where the tasks of an environment run."""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool

from keyless_ecs.config.aws import SecurityGroupId, SubnetId
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import EachOnce

_USE = "write one such as 10.1.2.0/24 or 2001:db8:1::/48, as narrow as it can be"


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


def _no_group(value: str) -> str:
    if re.match(r"(sg|pl)-[0-9a-f]", value):
        raise ValueError(
            f"{shown(value)} is not a CIDR block; give the tasks a group of yours that lets it in, "
            "with network: {security_groups: […]}"
        )
    return value


def _source(value: str) -> str:
    if re.fullmatch(r"sg-[0-9a-f]{8,17}", value, re.ASCII):
        return value
    if value.startswith("sg-"):
        raise ValueError(f"{shown(value)} is not a security group id; use sg-<8 to 17 hex digits>")
    return _cidr(value)


Source = Annotated[str, AfterValidator(_source)]
"""Who may reach something: a CIDR block or a security group."""


class Network(Setting):
    """The account's default VPC, or existing subnets; and who reaches the container's port."""

    subnets: Annotated[tuple[SubnetId, ...], Field(max_length=16), EachOnce] = ()
    """Ids of existing subnets of one VPC.

    Default: those of the default VPC
    Example: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    """
    security_groups: Annotated[tuple[SecurityGroupId, ...], Field(max_length=4), EachOnce] = ()
    """Ids of further groups that the tasks join.

    Example: [sg-0123456789abcdef0]
    """
    ingress: Annotated[tuple[Annotated[Cidr, BeforeValidator(_no_group)], ...], EachOnce] = ()
    """CIDR blocks that reach the container's port.

    Example: [10.0.0.0/8]
    """
    public_ip: StrictBool | None = None
    """Whether tasks get a public address. Without one, subnets need a NAT gateway or VPC endpoints
    to pull an image.

    Default: only in the default VPC
    Example: true
    """

    @property
    def assign_public_ip(self) -> bool:
        """Whether tasks get a public address: as said, else only in the default VPC."""
        return not self.subnets if self.public_ip is None else self.public_ip
