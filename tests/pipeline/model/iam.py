"""IAM and STS: what a job may do with the role that it has assumed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keyless_ecs.rehearsal.aws import requests
from keyless_ecs.rehearsal.aws.requests import Ask, Call
from keyless_ecs.trust import claims, evaluator
from tests.pipeline.model.terraform import Registry, Role


class AwsError(Exception):
    """AWS refuses a call: its code, and what it says."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Session:
    """What a job holds after it has assumed a role."""

    role: str
    region: str
    ends: int
    """The minute at which it ends."""

    @property
    def account(self) -> str:
        """The account of the role."""
        return self.role.split(":")[4]


@dataclass
class Iam:
    """Roles, their policies, and those of the registries."""

    roles: Mapping[str, Role]
    registries: list[Registry]
    _decided: dict[str, bool] = field(default_factory=dict)

    def assume(self, arn: str, job: claims.Job, seconds: int) -> Role:
        """Return the role that the bearer of a job's token gets.

        https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
        """
        role = self.roles.get(arn)
        if role is None or not self.trusts(role, job):
            raise AwsError("AccessDenied", f"{arn} does not take {job.subject} of {job.ref}")
        if seconds > role.session:
            raise AwsError("ValidationError", "DurationSeconds exceeds the MaxSessionDuration")
        return role

    def check(self, session: Session, service: str, operation: str, given: Any) -> None:
        """Refuse a call that the session's role may not make."""
        asks = requests.asks(
            Call(service, operation, given, session.region, ""), account=session.account
        )
        if asks is None:
            raise ValueError(f"what {service}:{operation} needs is not known here")
        for ask in asks:
            if not self._may(session.role, ask):
                raise AwsError(
                    "AccessDeniedException", f"{session.role}: {ask.action} on {ask.resource}"
                )

    def trusts(self, role: Role, job: claims.Job) -> bool:
        """Say whether a role takes the token of a job."""
        key = f"{role.arn} {job}"
        if key not in self._decided:
            account = role.arn.split(":")[4]
            self._decided[key] = evaluator.assumes_with_web_identity(
                role.trust,
                provider_arn=f"arn:aws:iam::{account}:oidc-provider/{job.issuer}",
                issuer=job.issuer,
                claims=claims.condition_keys(job.issuer, job.claims),
            )
        return self._decided[key]

    def _may(self, role: str, ask: Ask) -> bool:
        key = f"{role} {ask.action} {ask.resource} {json.dumps(dict(ask.context))}"
        if key not in self._decided:
            context = {**ask.context, "aws:PrincipalArn": role}
            policies = self.roles[role].policies
            self._decided[key] = evaluator.permits(
                {"Statement": [s for policy in policies for s in policy["Statement"]]},
                action=ask.action,
                resource=ask.resource,
                context=context,
            ) and self._lets_in(role, ask, context)
        return self._decided[key]

    def _lets_in(self, role: str, ask: Ask, context: Mapping[str, str]) -> bool:
        """Say whether a registry of another account lets the role in; one's own need not."""
        own = role.split(":")[4]
        for registry in self.registries:
            arn = requests.repository_arn(
                registry.name, account=registry.account, region=registry.region
            )
            if arn == ask.resource and registry.account != own:
                return registry.policy is not None and evaluator.grants(
                    registry.policy, action=ask.action, principal=("AWS", role), context=context
                )
        return True
