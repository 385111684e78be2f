"""Whom the deploy role trusts: its trust policy."""

from collections.abc import Sequence

from keyless_ecs.aws.iam import PolicyDocument, document
from keyless_ecs.trust.claims import has_claim_keys
from keyless_ecs.trust.deploy_role import DeployRole


def trust_policy(role: DeployRole) -> PolicyDocument:
    """Return who assumes *role*: jobs of one GitHub environment, or of the named refs.

    Every key is AND, every value OR. No ``ForAllValues:``: it holds where a claim is missing.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    by_ref, provider = role.by == "ref", role.issuer
    equals: dict[str, str | Sequence[str]] = {f"{provider}:aud": role.audience}
    like: dict[str, Sequence[str]] = {}
    (like if by_ref else equals)[f"{provider}:sub"] = subjects(role)
    if has_claim_keys(provider):
        if role.repository_id_checked:
            # No other repository ever gets it: a name alone could be taken over once the
            # repository is renamed or deleted.
            equals[f"{provider}:repository_id"] = role.repository_id
        if not by_ref:
            # The subject of a job with an environment names no ref, and a pull request that names
            # the environment has the same subject: only this refuses it.
            like[f"{provider}:ref"] = role.refs
    if role.workflows:
        like[f"{provider}:job_workflow_ref"] = [
            f"{role.owner}/{role.repository}/.github/workflows/{name}@{ref}"
            for name in role.workflows
            for ref in role.refs
        ]
    return document(
        {
            "Sid": "JobsWithoutEnvironment" if by_ref else "JobsOfTheGitHubEnvironment",
            "Effect": "Allow",
            "Principal": {"Federated": role.provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": equals, **({"StringLike": like} if like else {})},
        }
    )


def subjects(role: DeployRole) -> list[str]:
    """Return the subjects that the jobs of the role's repository may present.

    Repositories created, renamed or transferred since 2026-07-15 carry ids in it, older ones do
    not unless they opt in. https://docs.github.com/en/actions/reference/security/oidc
    """
    repositories = {
        "legacy": f"{role.owner}/{role.repository}",
        "immutable": f"{role.owner}@{role.owner_id}/{role.repository}@{role.repository_id}",
    }
    if role.by == "ref":
        contexts = [f"ref:{ref}" for ref in role.refs]
    else:
        contexts = [environment_context(role.environment)]
    return [
        f"repo:{repositories[form]}:{context}"
        for form in role.forms
        if role.takes(form)
        for context in contexts
    ]


def environment_context(name: str) -> str:
    """Return the end of the subject of a job with an environment; a colon becomes ``%3A``."""
    return f"environment:{name.replace(':', '%3A')}"
