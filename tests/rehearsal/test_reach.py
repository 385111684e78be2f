"""Requests through the stored rules of the local AWS, and traffic that is shifted."""

from collections.abc import Callable

import pytest

from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.errors import UnexpectedOutcomeError
from keyless_ecs.rehearsal.report.record import Revision
from keyless_ecs.rehearsal.scene import named, reach, services
from tests.conftest import Content
from tests.support.config import changed

LISTENER = (
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:"
    "listener/app/edge/0123456789abcdef/0123456789abcdef"
)
DOMAIN = {"names": ["papyrus.example.com"], "certificate": "none"}


@pytest.fixture
def delivery(example: Content, loaded: Callable[[Content], DeliveryFile]) -> Delivery:
    """Return the example's environment, reached over plain HTTP."""
    data = changed(example, "services.papyrus.environments.production.domain", DOMAIN)
    (only,) = loaded(data).deliveries()
    return only


def test_a_request_finds_the_group_that_serves(
    aws: LocalAws, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By host, in the order of priorities; and the other group after a shift."""
    monkeypatch.setattr(services, "running", lambda *_: Revision("papyrus:1", "nginx"))
    _balance(aws, delivery)

    assert reach.request(aws, delivery) == reach.Answer("papyrus-production-blue", "nginx")
    reach.swing(aws, delivery)
    assert reach.request(aws, delivery) == reach.Answer("papyrus-production-green", "nginx")


def test_a_request_that_no_rule_matches_is_said(
    aws: LocalAws, example: Content, loaded: Callable[[Content], DeliveryFile]
) -> None:
    """It would be a 404 to whoever asks."""
    other = {**DOMAIN, "names": ["other.example.com"]}
    data = changed(example, "services.papyrus.environments.production.domain", other)
    (delivery,) = loaded(data).deliveries()

    with pytest.raises(UnexpectedOutcomeError, match=r"no rule matches other\.example\.com/"):
        reach.request(aws, delivery)


def test_what_the_file_names_is_there(
    aws: LocalAws, example: Content, loaded: Callable[[Content], DeliveryFile]
) -> None:
    """A listener of others, with its balancer in the tasks' VPC, and subnets in two zones."""
    subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    here = "services.papyrus.environments.production"
    data = changed(example, f"{here}.domain", {"paths": ["/x"]})
    data = changed(data, f"{here}.load_balancer", LISTENER)
    file = loaded(changed(data, f"{here}.network", {"subnets": subnets}))
    (delivery,) = file.deliveries()
    place = delivery.account.id, delivery.region

    ids = named.make(aws, file)[place]

    found = aws.client("ec2", *place).describe_subnets(SubnetIds=[ids[it] for it in subnets])
    assert len({subnet["AvailabilityZone"] for subnet in found["Subnets"]}) == 2
    elb = aws.client("elbv2", *place)
    assert delivery.reach
    (balancer,) = elb.describe_load_balancers(Names=[delivery.reach.balancer_name])["LoadBalancers"]
    assert {balancer["VpcId"]} == {subnet["VpcId"] for subnet in found["Subnets"]}
    (listener,) = elb.describe_listeners(ListenerArns=[ids[LISTENER]])["Listeners"]
    assert (listener["Port"], listener["Protocol"]) == (443, "HTTPS")
    assert named.renamed({"a": [LISTENER]}, ids) == {"a": [ids[LISTENER]]}


def _balance(aws: LocalAws, delivery: Delivery) -> None:
    """Make what Terraform would make: a load balancer, two groups, and their rule."""
    ec2 = aws.client("ec2", delivery.account.id, delivery.region)
    subnets = ec2.describe_subnets()["Subnets"]
    elb = aws.client("elbv2", delivery.account.id, delivery.region)
    (balancer,) = elb.create_load_balancer(
        Name="papyrus-production", Subnets=[it["SubnetId"] for it in subnets]
    )["LoadBalancers"]
    (listener,) = elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"]
    groups = [
        elb.create_target_group(
            Name=f"papyrus-production-{colour}",
            Port=80,
            Protocol="HTTP",
            TargetType="ip",
            VpcId=subnets[0]["VpcId"],
        )["TargetGroups"][0]["TargetGroupArn"]
        for colour in ("blue", "green")
    ]
    weighted = [
        {"TargetGroupArn": arn, "Weight": weight}
        for arn, weight in zip(groups, (100, 0), strict=True)
    ]
    elb.create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=10,
        Conditions=[
            {"Field": "host-header", "HostHeaderConfig": {"Values": ["papyrus.example.com"]}}
        ],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}],
    )
