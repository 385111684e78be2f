"""Makes what a delivery file takes for granted: what exists in AWS and GitHub before Terraform."""

import json
from collections.abc import Iterable
from pathlib import Path

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
