"""Makes what a delivery file takes for granted: what exists in AWS and GitHub before Terraform."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.github.store import GitHub

OWNER_ID = 1001
REPOSITORY_ID = 2001
PERSON_ID = 3001
_SOME_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
    }
)
CIDR = "10.200.0.0/16"
"""Of the network in which existing subnets lie; moto's default VPC is 172.31.0.0/16."""


def github(file: DeliveryFile, path: Path) -> GitHub:
    """Make a GitHub with the owner, repositories, reviewers and teams of the file, and no more."""
    deliveries = list(file.deliveries())
    settings = [delivery.environment.github for delivery in deliveries]
    repositories = {
        service.repository: int(service.repository_id or REPOSITORY_ID + number)
        for number, service in enumerate(file.services.values())
    }
    return GitHub.create(
        path,
        owner=file.github.owner,
        owner_id=int(file.github.owner_id or OWNER_ID),
        repositories=repositories,
        users=_numbered(user for each in settings for user in each.reviewers.users),
        teams=_numbered(
            team for each in settings for team in (*each.reviewers.teams, *each.ruleset.teams)
        ),
    )


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: PERSON_ID + number for number, name in enumerate(dict.fromkeys(names))}


def state(aws: LocalAws, file: DeliveryFile) -> None:
    """Make the bucket in which the stacks keep their state."""
    if file.state.s3:
        region = file.state.s3.region
        account = next(iter(file.accounts.values())).id
        where = {} if region == "us-east-1" else {"LocationConstraint": region}
        aws.client("s3", account, region).create_bucket(
            Bucket=file.state.s3.bucket, **({"CreateBucketConfiguration": where} if where else {})
        )


def oidc_providers(aws: LocalAws, file: DeliveryFile) -> None:
    """Make the OIDC provider of each account that has one already."""
    for account in file.accounts.values():
        if account.oidc_provider != "create":
            aws.client("iam", account.id, account.region).create_open_id_connect_provider(
                Url=file.github.issuer,
                ClientIDList=[file.github.audience_in(account.partition)],
                ThumbprintList=["0" * 40],
            )


def policies(aws: LocalAws, delivery: Delivery) -> None:
    """Make the policies of the account's own that its roles attach."""
    iam = aws.client("iam", delivery.account.id, delivery.region)
    attached = (*delivery.task.task_role_policies, *delivery.task.execution_role_policies)
    boundary = delivery.account.permissions_boundary
    for arn in {*attached, *([boundary] if boundary else [])}:
        path, _, name = arn.partition(":policy")[2].rpartition("/")
        if f":{delivery.account.id}:" not in arn:
            continue
        try:
            iam.create_policy(PolicyName=name, Path=f"{path}/", PolicyDocument=_SOME_POLICY)
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityAlreadyExists":
                raise


def network(aws: LocalAws, delivery: Delivery) -> dict[str, str]:
    """Make the subnets and security groups that the environment names.

    AWS chooses an id for each.

    Returns:
        The id of each by the id in the delivery file.
    """
    settings = delivery.environment.network
    if not settings.subnets and not settings.security_groups:
        return {}
    ec2 = aws.client("ec2", delivery.account.id, delivery.region)
    vpc = ec2.create_vpc(CidrBlock=CIDR)["Vpc"]["VpcId"]
    made = {}
    for number, subnet in enumerate(settings.subnets):
        block = f"10.200.{number}.0/24"
        made[subnet] = ec2.create_subnet(VpcId=vpc, CidrBlock=block)["Subnet"]["SubnetId"]
    for group in settings.security_groups:
        made[group] = ec2.create_security_group(
            GroupName=group.removeprefix("sg-"), Description="made before", VpcId=vpc
        )["GroupId"]
    return made


def zones(aws: LocalAws, file: DeliveryFile) -> dict[str, str]:
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
