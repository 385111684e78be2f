"""Where the tasks of one environment run, and what reaches them."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.data_aws_subnet import DataAwsSubnet
from cdktf_cdktf_provider_aws.data_aws_subnets import DataAwsSubnets, DataAwsSubnetsFilter
from cdktf_cdktf_provider_aws.data_aws_vpc import DataAwsVpc
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from keyless_ecs.terraform import address_part


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
        zones: Ids of the zones of the default VPC's subnets; all of them where empty.

    Exposes *subnets* and *security_groups*, for the service.
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
        if subnets:
            vpc_id = DataAwsSubnet(self, "subnet", id=subnets[0]).vpc_id
            self.subnets = list(subnets)
        else:
            vpc_id = DataAwsVpc(self, "vpc", default=True).id
            default_subnets = DataAwsSubnets(
                self,
                "subnets",
                filter=[
                    DataAwsSubnetsFilter(name="vpc-id", values=[vpc_id]),
                    # A default VPC may hold private subnets as well, without a way out.
                    DataAwsSubnetsFilter(name="default-for-az", values=["true"]),
                    *(
                        [DataAwsSubnetsFilter(name="availability-zone-id", values=list(zones))]
                        if zones
                        else []
                    ),
                ],
            )
            self.subnets = default_subnets.ids
        group = SecurityGroup(
            self,
            "service",
            name=name,
            description=f"Tasks of the ECS service {name}",
            vpc_id=vpc_id,
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
            VpcSecurityGroupIngressRule(
                self,
                f"ingress_{address_part(block)}",
                security_group_id=group.id,
                description=f"Port {port} from {block}",
                cidr_ipv4=None if ":" in block else block,
                cidr_ipv6=block if ":" in block else None,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
            )
        self.security_groups = [group.id, *security_groups]
