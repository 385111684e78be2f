"""Makes what a delivery file names by an id or ARN: AWS chooses those, so each gets another one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.config.domain import NONE, Domain
from keyless_ecs.config.load_balancer import BalancerSettings
from keyless_ecs.rehearsal.aws.server import LocalAws

Place = tuple[str, str]
"""Account and region."""

CIDR = "10.200.0.0/16"
"""Of the network in which existing subnets lie; moto's default VPC is 172.31.0.0/16."""

_FIRST_BLOCK = 200
"""Of the /24 blocks of a VPC: moto's own subnets take the first."""


@dataclass
class _Named:
    """What the file names in one place; *subnets* are of the tasks, *public* of load balancers."""

    subnets: list[str] = field(default_factory=list)
    public: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    certificates: list[str] = field(default_factory=list)
    listeners: dict[str, bool] = field(default_factory=dict)
    """Each with whether it is HTTPS."""

    def balancer(self, balancer: BalancerSettings, domain: Domain) -> None:
        """Add what a load balancer and its domain name."""
        self.public += balancer.subnets
        self.groups += [source for source in balancer.ingress if source.startswith("sg-")]
        if domain.certificate and domain.certificate != NONE:
            self.certificates.append(domain.certificate)

    def delivery(self, delivery: Delivery) -> None:
        """Add what an environment names."""
        network, reach = delivery.environment.network, delivery.reach
        self.subnets += network.subnets
        self.groups += network.security_groups
        if reach:
            self.balancer(reach.balancer, reach.domain)
            if not (reach.is_own or reach.is_shared):
                self.listeners[reach.balancer.use] = reach.domain.is_secure


def make(aws: LocalAws, file: DeliveryFile) -> dict[Place, dict[str, str]]:
    """Make subnets, security groups, certificates, listeners and zones that the file names.

    Returns:
        For each account and region the id or ARN of each by the one in the delivery file.
    """
    places: dict[Place, _Named] = {}
    for account in file.accounts.values():
        here = places.setdefault((account.id, account.region), _Named())
        if account.load_balancer:
            here.balancer(account.load_balancer, account.load_balancer.domain)
    for delivery in file.deliveries():
        places.setdefault((delivery.account.id, delivery.region), _Named()).delivery(delivery)
    zones = _zones(aws, file)
    made = {}
    for place, named in places.items():
        vpc = _vpc(aws, place, named)
        made[place] = {**zones, **_network(aws, place, vpc, named)}
        made[place] |= _certificates(aws, place, named.certificates)
        made[place] |= {arn: _listener(aws, place, vpc, arn, named) for arn in named.listeners}
    return made


def _vpc(aws: LocalAws, place: Place, named: _Named) -> Mapping[str, Any]:
    """Return the VPC of the tasks, made where they run in subnets that the file names."""
    ec2 = aws.client("ec2", *place)
    if named.subnets:
        found: Mapping[str, Any] = ec2.create_vpc(CidrBlock=CIDR)["Vpc"]
    else:
        is_default = [{"Name": "is-default", "Values": ["true"]}]
        (found,) = ec2.describe_vpcs(Filters=is_default)["Vpcs"]
    return found


def _network(aws: LocalAws, place: Place, vpc: Mapping[str, Any], named: _Named) -> dict[str, str]:
    ec2, made = aws.client("ec2", *place), {}
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    blocks = [*ip_network(vpc["CidrBlock"]).subnets(new_prefix=24)][_FIRST_BLOCK:]
    for number, subnet in enumerate(dict.fromkeys([*named.subnets, *named.public])):
        made[subnet] = ec2.create_subnet(
            VpcId=vpc["VpcId"],
            CidrBlock=str(blocks[number]),
            AvailabilityZone=zones[number % len(zones)],
        )["Subnet"]["SubnetId"]
    for group in dict.fromkeys(named.groups):
        made[group] = _group(aws, place, vpc, group.removeprefix("sg-"))
    return made


def _group(aws: LocalAws, place: Place, vpc: Mapping[str, Any], name: str) -> str:
    group: str = aws.client("ec2", *place).create_security_group(
        GroupName=name, Description="made before", VpcId=vpc["VpcId"]
    )["GroupId"]
    return group


def _certificates(aws: LocalAws, place: Place, arns: Iterable[str]) -> Iterable[tuple[str, str]]:
    acm = aws.client("acm", *place)
    for number, arn in enumerate(dict.fromkeys(arns)):
        name = f"made-before-{number}.example.com"
        yield arn, acm.request_certificate(DomainName=name)["CertificateArn"]


def _listener(aws: LocalAws, place: Place, vpc: Mapping[str, Any], arn: str, named: _Named) -> str:
    """Make a listener of others, with its load balancer, whose name is part of its ARN."""
    ec2, elb, name = aws.client("ec2", *place), aws.client("elbv2", *place), arn.split("/")[2]
    of_vpc = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    subnets = [it["SubnetId"] for it in ec2.describe_subnets(Filters=of_vpc)["Subnets"]]
    (balancer,) = elb.create_load_balancer(
        Name=name, Subnets=subnets, SecurityGroups=[_group(aws, place, vpc, f"of-{name}")]
    )["LoadBalancers"]
    secure = named.listeners[arn]
    (_, certificate), *_ = _certificates(aws, place, [arn])
    listener: str = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTPS" if secure else "HTTP",
        Port=443 if secure else 80,
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        **({"Certificates": [{"CertificateArn": certificate}]} if secure else {}),
    )["Listeners"][0]["ListenerArn"]
    return listener


def _zones(aws: LocalAws, file: DeliveryFile) -> dict[str, str]:
    """Make the hosted zones that hold the names of services and of shared load balancers.

    Returns:
        The id of each that the delivery file names by its id.
    """
    held = [
        (account.id, account.region, name, zone)
        for account in file.accounts.values()
        if account.load_balancer
        for name in account.load_balancer.domain.names
        if (zone := account.load_balancer.domain.zone_of(name))
    ]
    held += [
        (delivery.account.id, delivery.region, name, zone)
        for delivery in file.deliveries()
        if delivery.reach
        for name, zone in delivery.reach.records
    ]
    made: dict[tuple[str, str], str] = {}
    for account, region, name, zone in held:
        if (account, zone) not in made:
            of_name = name.removeprefix("*.").partition(".")[2] if zone.startswith("Z") else zone
            route53 = aws.client("route53", account, region)
            answer = route53.create_hosted_zone(Name=of_name, CallerReference=zone)
            made[account, zone] = answer["HostedZone"]["Id"].rpartition("/")[2]
    return {zone: id_ for (_, zone), id_ in made.items() if zone.startswith("Z")}


def renamed(content: Mapping[str, Any], ids: Mapping[str, str]) -> Any:
    """Return *content* with the ids that AWS chose in place of those in the delivery file."""

    def walk(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: walk(item) for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item) for item in value]
        return ids.get(value, value) if isinstance(value, str) else value

    return walk(content)
