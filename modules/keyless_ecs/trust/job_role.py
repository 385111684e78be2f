"""The roles of the pipeline: what a trust policy is made from, and what it is tried against."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.refs import Refs, full
from keyless_ecs.github.workflows import DEPLOY, PUSH
from keyless_ecs.trust.claims import GITHUB_COM, has_claim_keys

UNKNOWN_OWNER_ID = "0010"
UNKNOWN_REPOSITORY_ID = "0020"
"""Stand for ids that Terraform looks up at plan time. GitHub's own begin with no zero."""

LookUp = Callable[[], str]
Form = Literal["legacy", "immutable"]
"""Of a subject: without ids, or with them."""


@dataclass(frozen=True)
class JobRole:
    """What a role of the pipeline is meant to trust: from these settings its trust policy is made.

    An environment has two: one for the job that builds or finds an image, in the companion of its
    GitHub environment, and one for the job that deploys.
    """

    name: str
    provider_arn: str
    """The account's OIDC provider."""
    owner: str
    repository: str
    environment: str
    branches: Sequence[str] = ()
    tags: Sequence[str] = ()
    exceptions: Sequence[str] = ()
    """Patterns of names, as :mod:`keyless_ecs.config.refs` reads them."""
    owner_id: str = UNKNOWN_OWNER_ID
    repository_id: str = UNKNOWN_REPOSITORY_ID
    audience: str = "sts.amazonaws.com"
    issuer: str = GITHUB_COM
    subject: Literal["both", "legacy", "immutable"] = "both"
    by: Literal["environment", "ref"] = "environment"
    """``ref``: jobs without an environment, whose subject names the branch or tag."""
    workflows: Sequence[str] = ()
    """The workflow files that it is bound to; none for any."""
    repository_id_checked: bool = True
    other_environment: str = ""
    """The GitHub environment of the other role's jobs."""
    other_workflow: str = ""
    """The workflow file of the other role's jobs."""

    @property
    def refs(self) -> Refs:
        """The refs that get in."""
        return full(self.branches, self.tags, self.exceptions)

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms of subject in which GitHub may present a job of this repository."""
        return ("legacy", "immutable") if has_claim_keys(self.issuer) else ("legacy",)

    def takes(self, form: Form) -> bool:
        """Say whether it takes this form of subject."""
        return self.subject in ("both", form)

    def provider_of(self, issuer: str) -> str:
        """Return the ARN of the account's OIDC provider for *issuer*."""
        return f"{self.provider_arn.partition(':oidc-provider/')[0]}:oidc-provider/{issuer}"


def deploy_role_of(
    delivery: Delivery,
    *,
    owner_id: LookUp = lambda: UNKNOWN_OWNER_ID,
    repository_id: LookUp = lambda: UNKNOWN_REPOSITORY_ID,
) -> JobRole:
    """Return the role of the delivery's job that deploys.

    Args:
        delivery: The environment.
        owner_id: Gives the owner's id where the delivery file does not; called only if the trust
            policy names it.
        repository_id: The same for the repository's id.
    """
    return replace(
        _role_of(delivery, DEPLOY, owner_id, repository_id),
        name=delivery.deploy_role,
        environment=delivery.github_environment,
        other_environment=delivery.build_environment if delivery.has_build_role else "",
        other_workflow=PUSH,
    )


def build_role_of(
    delivery: Delivery,
    *,
    owner_id: LookUp = lambda: UNKNOWN_OWNER_ID,
    repository_id: LookUp = lambda: UNKNOWN_REPOSITORY_ID,
) -> JobRole:
    """Return the role of the delivery's job that builds the image or finds it.

    Args:
        delivery: The environment.
        owner_id: As for :func:`deploy_role_of`.
        repository_id: As for :func:`deploy_role_of`.
    """
    return replace(
        _role_of(delivery, PUSH, owner_id, repository_id),
        name=delivery.build_role,
        environment=delivery.build_environment,
        other_environment=delivery.github_environment,
        other_workflow=DEPLOY,
    )


def roles_of(delivery: Delivery) -> list[JobRole]:
    """Return the roles of the delivery's jobs, in the order in which they are assumed."""
    built = [build_role_of(delivery)] if delivery.has_build_role else []
    return [*built, deploy_role_of(delivery)]


def _role_of(delivery: Delivery, workflow: str, owner_id: LookUp, repository_id: LookUp) -> JobRole:
    """Return what both roles have in common, with *workflow* as the file of the role's jobs."""
    github, service = delivery.github, delivery.service
    trust, deploy_from = delivery.environment.trust, delivery.deploy_from
    # AWS checks no further claims of GitHub Enterprise Server, and it has no immutable subject.
    names_repository_id = has_claim_keys(github.provider)
    names_owner_id = names_repository_id and trust.subject != "legacy"
    return JobRole(
        name="",
        provider_arn=delivery.oidc_provider_arn,
        owner=github.owner,
        owner_id=github.owner_id or (owner_id() if names_owner_id else UNKNOWN_OWNER_ID),
        repository=service.repository,
        repository_id=service.repository_id
        or (repository_id() if names_repository_id else UNKNOWN_REPOSITORY_ID),
        environment="",
        branches=deploy_from.branch_patterns,
        tags=deploy_from.tags,
        exceptions=deploy_from.exceptions,
        audience=delivery.audience,
        issuer=github.provider,
        subject=trust.subject,
        by=trust.by,
        # Without an environment the two jobs have one subject: the file alone tells them apart.
        workflows=(workflow,) if trust.workflow or delivery.by_ref else (),
    )
