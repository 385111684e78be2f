"""The roles of the jobs, as the local AWS has them: who gets in, and what was used of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from keyless_ecs.config import Delivery
from keyless_ecs.rehearsal.aws.clients import NOBODY
from keyless_ecs.rehearsal.aws.gate import Decision
from keyless_ecs.rehearsal.aws.requests import Ask
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.github.store import GitHub
from keyless_ecs.rehearsal.pipeline.token import token
from keyless_ecs.rehearsal.report.record import Claim, Permission
from keyless_ecs.trust import evaluator
from keyless_ecs.trust.attempts import attempts
from keyless_ecs.trust.job_role import JobRole, roles_of

REFUSALS = frozenset({"AccessDenied", "InvalidIdentityToken"})
"""What STS answers to a token that it does not take."""


def tried(aws: LocalAws, github: GitHub, delivery: Delivery) -> Iterator[Claim]:
    """Try each role with tokens that must get in and with those that must not.

    Each goes to STS, which decides by the trust policy as IAM stores it.
    """
    owner = delivery.github.owner
    owner_id = str(github.user(owner)["id"])
    repository_id = str(github.repository(f"{owner}/{delivery.service.repository}")["id"])
    for role in roles_of(delivery):
        known = replace(role, owner_id=owner_id, repository_id=repository_id)
        yield from _tried(aws, delivery, known)


def _tried(aws: LocalAws, delivery: Delivery, role: JobRole) -> Iterator[Claim]:
    sts = aws.session(NOBODY, delivery.region).client("sts")
    for attempt in attempts(role):
        try:
            sts.assume_role_with_web_identity(
                RoleArn=delivery.role_arn(role.name),
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
            role=role.name,
            token=f"{attempt.name} ({attempt.form} subject)",
            subject=attempt.claims.get("sub", ""),
            expected=attempt.expected,
            admitted=admitted,
            by="sts",
        )


def permissions(
    aws: LocalAws, delivery: Delivery, decisions: Sequence[Decision]
) -> Iterator[Permission]:
    """Return each permission of the jobs' roles, with how often the rehearsal used it."""
    for role in roles_of(delivery):
        arn = delivery.role_arn(role.name)
        used = [d.ask for d in decisions if d.allowed and d.role == arn]
        yield from _used(role.name, _statements(aws, delivery, role.name), used)


def _used(
    role: str, statements: Iterable[Mapping[str, Any]], used: Sequence[Ask]
) -> Iterator[Permission]:
    for statement in statements:
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
                role=role,
                sid=statement["Sid"],
                action=action,
                resource=", ".join(statement["Resource"]),
                uses=covered.count(action),
            )


def _statements(aws: LocalAws, delivery: Delivery, role: str) -> Iterator[Mapping[str, Any]]:
    iam = aws.client("iam", delivery.account.id, delivery.region)
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        found = iam.get_role_policy(RoleName=role, PolicyName=policy)
        yield from found["PolicyDocument"]["Statement"]
