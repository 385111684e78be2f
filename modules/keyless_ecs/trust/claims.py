"""The token that a job of GitHub presents, and what AWS reads of it.

What a token says is GitHub's documentation of it:
https://docs.github.com/en/actions/reference/security/oidc
"""

from collections.abc import Mapping
from dataclasses import dataclass

GITHUB_COM = "token.actions.githubusercontent.com"
DEPLOY_WORKFLOW = "ecs-deploy.yml"

STANDARD_CLAIMS = frozenset({"aud", "sub"})
GITHUB_CLAIMS = frozenset(
    {
        *("actor", "actor_id", "enterprise_id", "environment", "job_workflow_ref"),
        *("ref", "repository", "repository_id", "repository_owner_id", "workflow"),
    }
)
"""Of a GitHub token's claims, those that STS makes condition keys of.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
"""


def has_claim_keys(issuer: str) -> bool:
    """Say whether STS makes condition keys of GitHub's own claims, for this issuer.

    It does for github.com, also with an enterprise's path, and for ``*.ghe.com``; not for an
    Enterprise Server, whose tokens have no immutable subjects either.
    """
    of_ghe_com = issuer.startswith("token.actions.") and issuer.endswith(".ghe.com")
    return issuer.partition("/")[0] == GITHUB_COM or ("/" not in issuer and of_ghe_com)


def condition_keys(issuer: str, claims: Mapping[str, str]) -> dict[str, str]:
    """Return those of a token's claims that a trust policy can ask for."""
    known = STANDARD_CLAIMS | (GITHUB_CLAIMS if has_claim_keys(issuer) else frozenset())
    return {claim: value for claim, value in claims.items() if claim in known}


@dataclass(frozen=True)
class Job:
    """A job of a workflow run, as far as its token tells of it."""

    owner: str
    owner_id: str
    repository: str
    repository_id: str
    ref: str
    """The full ref that started the run; of a pull request ``refs/pull/<number>/merge``."""
    environment: str | None = None
    event: str = "push"
    workflow: str = DEPLOY_WORKFLOW
    """The file of the job, in the repository."""
    audience: str = "sts.amazonaws.com"
    issuer: str = GITHUB_COM
    immutable: bool = False
    """Whether the subject carries the ids: since 2026-07-15, and where opted in."""

    @property
    def subject(self) -> str:
        """The ``sub``: the environment hides the ref, and a pull request has none."""
        if self.immutable:
            repository = f"{self.owner}@{self.owner_id}/{self.repository}@{self.repository_id}"
        else:
            repository = f"{self.owner}/{self.repository}"
        if self.environment is not None:
            # A colon inside a value would end it.
            return f"repo:{repository}:environment:{self.environment.replace(':', '%3A')}"
        if self.event == "pull_request":
            return f"repo:{repository}:pull_request"
        return f"repo:{repository}:ref:{self.ref}"

    @property
    def claims(self) -> dict[str, str]:
        """The claims that matter here; times, hashes and run numbers are left out."""
        repository = f"{self.owner}/{self.repository}"
        workflow = f"{repository}/.github/workflows/{self.workflow}@{self.ref}"
        return {
            "iss": f"https://{self.issuer}",
            "aud": self.audience,
            "sub": self.subject,
            "repository": repository,
            "repository_id": self.repository_id,
            "repository_owner": self.owner,
            "repository_owner_id": self.owner_id,
            "ref": self.ref,
            "event_name": self.event,
            "workflow_ref": workflow,
            "job_workflow_ref": workflow,
            **({"environment": self.environment} if self.environment is not None else {}),
        }
