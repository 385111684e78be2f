"""The role of the pipeline: what its trust policy is made from, and what it is tried against."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.refs import Refs, full
from keyless_ecs.github.workflows import FILES
from keyless_ecs.trust.claims import GITHUB_COM, has_claim_keys

UNKNOWN_OWNER_ID = "0010"
UNKNOWN_REPOSITORY_ID = "0020"
"""Stand for ids that Terraform looks up at plan time. GitHub's own begin with no zero."""

Form = Literal["legacy", "immutable"]
"""Of a subject: without ids, or with them."""


@dataclass(frozen=True)
class DeployRole:
    """What a deploy role is meant to trust: the settings from which its trust policy is made."""

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
    owner_id: Callable[[], str] = lambda: UNKNOWN_OWNER_ID,
    repository_id: Callable[[], str] = lambda: UNKNOWN_REPOSITORY_ID,
) -> DeployRole:
    """Return the delivery's deploy role.

    Args:
        delivery: The environment.
        owner_id: Gives the owner's id where the delivery file does not; called only if the trust
            policy names it.
        repository_id: The same for the repository's id.
    """
    github, service = delivery.github, delivery.service
    trust, deploy_from = delivery.environment.trust, delivery.deploy_from
    # AWS checks no further claims of GitHub Enterprise Server, and it has no immutable subject.
    names_repository_id = has_claim_keys(github.provider)
    names_owner_id = names_repository_id and trust.subject != "legacy"
    return DeployRole(
        name=delivery.deploy_role,
        provider_arn=delivery.oidc_provider_arn,
        owner=github.owner,
        owner_id=github.owner_id or (owner_id() if names_owner_id else UNKNOWN_OWNER_ID),
        repository=service.repository,
        repository_id=service.repository_id
        or (repository_id() if names_repository_id else UNKNOWN_REPOSITORY_ID),
        environment=delivery.github_environment,
        branches=deploy_from.branch_patterns,
        tags=deploy_from.tags,
        exceptions=deploy_from.exceptions,
        audience=delivery.audience,
        issuer=github.provider,
        subject=trust.subject,
        by=trust.by,
        workflows=FILES if trust.workflow else (),
    )
