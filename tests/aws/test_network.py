"""Where the tasks run."""

from cdktf import TerraformStack

from keyless_ecs.aws.network import Network
from tests.conftest import ReadContent, Resources


def test_the_default_vpc_is_the_default(stack: TerraformStack, content: ReadContent) -> None:
    """An account as AWS hands it over needs no setting."""
    Network(stack, "network", name="papyrus-production")

    data = content()["data"]
    assert data["aws_vpc"]["network_vpc"]["default"] is True
    assert data["aws_subnets"]["network_subnets"]["filter"] == [
        {"name": "vpc-id", "values": ["${data.aws_vpc.network_vpc.id}"]},
        {"name": "default-for-az", "values": ["true"]},
    ]


def test_existing_subnets_need_only_their_ids(stack: TerraformStack, content: ReadContent) -> None:
    """The VPC is that of the first subnet; the default VPC is not even looked up."""
    network = Network(
        stack, "network", name="x", subnets=["subnet-1", "subnet-2"], security_groups=["sg-1"]
    )

    assert set(content()["data"]) == {"aws_subnet"}
    assert network.subnets == ["subnet-1", "subnet-2"]
    assert network.security_groups[1:] == ["sg-1"]
    group = content()["resource"]["aws_security_group"]["network_service"]
    assert group["vpc_id"] == "${data.aws_subnet.network_subnet.vpc_id}"


def test_nothing_gets_in_unless_said(stack: TerraformStack, resources: Resources) -> None:
    """The service has a security group of its own that lets everything out and nothing in."""
    Network(stack, "network", name="x", port=8080)

    assert resources("aws_vpc_security_group_ingress_rule") == {}
    egress = resources("aws_vpc_security_group_egress_rule")["network_egress"]
    assert (egress["ip_protocol"], egress["cidr_ipv4"]) == ("-1", "0.0.0.0/0")


def test_ingress_opens_the_port_alone(stack: TerraformStack, resources: Resources) -> None:
    """Each block gets a rule of its own, for the container's port and no other."""
    Network(stack, "network", name="x", port=8080, ingress=["10.0.0.0/8", "fd00::/8"])

    rules = resources("aws_vpc_security_group_ingress_rule")
    assert {name: rule["from_port"] for name, rule in rules.items()} == {
        "network_ingress_10_dot_0_dot_0_dot_0_slash_8": 8080,
        "network_ingress_fd00_colon_colon_slash_8": 8080,
    }
    assert [rule.get("cidr_ipv6") for rule in rules.values()] == [None, "fd00::/8"]
