"""The deploy roles, as the local AWS has them: who gets in, and what was used of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from keyless_ecs.config import Delivery
from keyless_ecs.rehearsal.aws.clients import NOBODY
from keyless_ecs.rehearsal.aws.gate import Decision
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.github.store import GitHub
from keyless_ecs.rehearsal.pipeline.token import token
from keyless_ecs.rehearsal.report.record import Claim, Permission
from keyless_ecs.trust import evaluator
from keyless_ecs.trust.attempts import attempts
from keyless_ecs.trust.deploy_role import deploy_role_of

REFUSALS = frozenset({"AccessDenied", "InvalidIdentityToken"})
"""What STS answers to a token that it does not take."""


def tried(aws: LocalAws, github: GitHub, delivery: Delivery) -> Iterator[Claim]:
    """Try the deploy role with tokens that must get in and with those that must not.

    Each goes to STS, which decides by the trust policy as IAM stores it.
    """
    owner = delivery.github.owner
    role = replace(
        deploy_role_of(delivery),
        owner_id=str(github.user(owner)["id"]),
        repository_id=str(github.repository(f"{owner}/{delivery.service.repository}")["id"]),
    )
    sts = aws.session(NOBODY, delivery.region).client("sts")
    for attempt in attempts(role):
        try:
            sts.assume_role_with_web_identity(
                RoleArn=delivery.role_arn(delivery.deploy_role),
                RoleSessionName="attempt",
                WebIdentityToken=token(attempt.claims),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in REFUSALS:
                raise
            admitted = False
        else:
            admitted = True
        yield Claim(
            role=delivery.deploy_role,
            token=f"{attempt.name} ({attempt.form} subject)",
            subject=attempt.claims.get("sub", ""),
            expected=attempt.expected,
            admitted=admitted,
            by="sts",
        )


def permissions(
    aws: LocalAws, delivery: Delivery, decisions: Sequence[Decision]
) -> Iterator[Permission]:
    """Return each permission of the deploy role, with how often the rehearsal used it."""
    role = delivery.role_arn(delivery.deploy_role)
    used = [d.ask for d in decisions if d.allowed and d.role == role]
    for statement in _statements(aws, delivery):
        covered = [
            ask.action
            for ask in used
            if evaluator.permits(
                {"Statement": statement},
                action=ask.action,
                resource=ask.resource,
                context=ask.context,
            )
        ]
        for action in statement["Action"]:
            yield Permission(
                role=delivery.deploy_role,
                sid=statement["Sid"],
                action=action,
                resource=", ".join(statement["Resource"]),
                uses=covered.count(action),
            )


def _statements(aws: LocalAws, delivery: Delivery) -> Iterator[Mapping[str, Any]]:
    iam = aws.client("iam", delivery.account.id, delivery.region)
    role = delivery.deploy_role
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        found = iam.get_role_policy(RoleName=role, PolicyName=policy)
        yield from found["PolicyDocument"]["Statement"]
