"""The load balancer in front of a service: its own, its account's, or one of others."""

from typing import Annotated, ClassVar

from pydantic import Field, StrictBool

from keyless_ecs.config.aws import SubnetId
from keyless_ecs.config.domain import Domain
from keyless_ecs.config.network import Source
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.text import EachOnce, matching

OWN, SHARED = "own", "shared"

Use = Annotated[
    str,
    matching(
        r"own|shared|arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:"
        r"listener/app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}/[0-9a-f]{16}",
        "is not a load balancer; use own, shared (the account's), or the ARN of a listener of an "
        "application load balancer",
    ),
]
Bucket = Annotated[
    str,
    matching(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "is not the name of an S3 bucket"),
]


class BalancerSettings(Setting):
    """What can be said of a load balancer that is made here."""

    internal: StrictBool = False
    """Whether it is reached from inside the VPC alone."""
    subnets: Annotated[tuple[SubnetId, ...], Field(min_length=2, max_length=16), EachOnce] = ()
    """Ids of its subnets, in two zones or more.

    Default: those of the default VPC; of an internal one those of the tasks
    Example: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    """
    ingress: Annotated[tuple[Source, ...], EachOnce] = ()
    """CIDR blocks and security groups that reach it.

    Default: everybody, and for an internal one the VPC
    Example: [10.0.0.0/8, sg-0123456789abcdef0]
    """
    access_logs: Bucket | None = None
    """An S3 bucket of others that takes its access logs. None is made here: it would hold up a
    destroy, wants lifecycle rules, and belongs to the account.

    Example: acme-access-logs
    """
    protect: StrictBool = False
    """Deletion protection, and Terraform refuses to destroy it. AWS's protection alone would let
    records, rules and listeners go before it refuses."""


class LoadBalancer(BalancerSettings):
    """The load balancer in front of the tasks."""

    main_key: ClassVar = "use"

    use: Use = OWN
    """``own`` isolates a service; ``shared`` is the account's, which costs less for several; or the
    ARN of a listener of others.

    Example: shared
    """


class AccountLoadBalancer(BalancerSettings):
    """A load balancer that several services of an account and region share."""

    main_key: ClassVar = "domain"
    needed: ClassVar = {"domain"}

    domain: Domain = Domain()
    """The names for which it has certificates, such as a wildcard; each a word or a list.

    Example: "*.acme.example"
    """
    protect: StrictBool = True
    """Deletion protection, and Terraform refuses to destroy it: more than one service stands behind
    it."""
