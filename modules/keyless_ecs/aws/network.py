"""Where the tasks of one environment run, and what reaches them."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_subnet import DataAwsSubnet
from cdktf_cdktf_provider_aws.data_aws_subnets import DataAwsSubnets, DataAwsSubnetsFilter
from cdktf_cdktf_provider_aws.data_aws_vpc import DataAwsVpc
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from keyless_ecs.terraform import address_of, address_part

VPC_BLOCK = "the VPC"


@dataclass(frozen=True)
class Place:
    """A VPC and subnets in it.

    *vpc* stands for the VPC's id in an expression; *found* is the address of what looks up the
    subnets, if anything does.
    """

    vpc: str
    subnets: Sequence[str]
    found: str | None = None

    @property
    def vpc_id(self) -> str:
        """The VPC's id, as a reference."""
        return f"${{{self.vpc}}}"


def place(scope: Construct, *, subnets: Sequence[str] = (), zones: Sequence[str] = ()) -> Place:
    """Look up where to run.

    Args:
        scope: What the data sources stand below.
        subnets: Ids of existing subnets of one VPC; the default VPC's where empty.
        zones: The ids of the zones to which those of the default VPC are narrowed; all where empty.
    """
    if subnets:
        of_subnet = DataAwsSubnet(scope, "subnet", id=subnets[0])
        return Place(f"{address_of(of_subnet)}.vpc_id", list(subnets))
    vpc = f"{address_of(DataAwsVpc(scope, 'vpc', default=True))}.id"
    found = DataAwsSubnets(
        scope,
        "subnets",
        filter=[
            DataAwsSubnetsFilter(name="vpc-id", values=[f"${{{vpc}}}"]),
            # A default VPC may hold private subnets as well, without a way out.
            DataAwsSubnetsFilter(name="default-for-az", values=["true"]),
            *(
                [DataAwsSubnetsFilter(name="availability-zone-id", values=list(zones))]
                if zones
                else []
            ),
        ],
    )
    return Place(vpc, found.ids, address_of(found))


def admit(
    scope: Construct, id_: str, *, group: str, port: int | None, source: str, name: str = ""
) -> VpcSecurityGroupIngressRule:
    """Let *source* in to *port* of the security group *group*.

    Args:
        scope: What the rule stands below.
        id_: Its construct's id.
        group: The id of the group.
        port: The port.
        source: A CIDR block, or the id of a security group whose members come in.
        name: What *source* is called, where it is a reference.
    """
    is_block = "/" in source or name == VPC_BLOCK
    return VpcSecurityGroupIngressRule(
        scope,
        id_,
        security_group_id=group,
        description=f"Port {port} from {name or source}",
        cidr_ipv4=source if is_block and ":" not in source else None,
        cidr_ipv6=source if is_block and ":" in source else None,
        referenced_security_group_id=None if is_block else source,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
    )


class Network(Construct):
    """The default VPC and its subnets, or existing subnets, and a security group for the service.

    The group lets everything out, because a task must reach ECR, CloudWatch and whatever the
    application talks to, and nothing in but *ingress* on *port*.

    Args:
        name: Name of the security group.
        subnets: Ids of existing subnets of one VPC; the default VPC's where empty.
        security_groups: Ids of further groups that the tasks join.
        port: The container's port.
        ingress: CIDR blocks that reach the port.
        zones: The zones to which the default VPC's subnets are narrowed, by id.

    Exposes *place*, its *subnets*, *group* (the id of the service's own) and *security_groups*, for
    the service.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        subnets: Sequence[str] = (),
        security_groups: Sequence[str] = (),
        port: int | None = None,
        ingress: Sequence[str] = (),
        zones: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, id_)
        here = place(self, subnets=subnets, zones=zones)
        group = SecurityGroup(
            self,
            "service",
            name=name,
            description=f"Tasks of the ECS service {name}",
            vpc_id=here.vpc_id,
            # In another VPC it is another group, and tasks run in this one until they are replaced.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )
        VpcSecurityGroupEgressRule(
            self,
            "egress",
            security_group_id=group.id,
            description="Image, logs and whatever the application talks to",
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="-1",
        )
        for block in ingress:
            admit(self, f"ingress_{address_part(block)}", group=group.id, port=port, source=block)
        self.place = here
        self.subnets = here.subnets
        self.group = group.id
        self.security_groups = [group.id, *security_groups]
