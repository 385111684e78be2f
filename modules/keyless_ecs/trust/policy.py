"""Whom a role of the pipeline trusts: its trust policy."""

from collections.abc import Mapping, Sequence
from typing import Any

from keyless_ecs.aws.iam import PolicyDocument, Statement, document
from keyless_ecs.trust.claims import has_claim_keys
from keyless_ecs.trust.job_role import JobRole
from keyless_ecs.trust.refs import Conditions, statements


def trust_policy(role: JobRole) -> PolicyDocument:
    """Return who assumes *role*: jobs of one GitHub environment, or of the named refs.

    Every key is AND, every value OR, of a negated operator NOR. No ``ForAllValues:``: it holds
    where a claim is missing.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
    """
    checked = role.by == "ref" or has_claim_keys(role.issuer)
    conditions = statements(role.refs) if checked else [Conditions()]
    return document(*(_statement(role, refs, number) for number, refs in enumerate(conditions)))


def _statement(role: JobRole, refs: Conditions, number: int) -> Statement:
    by_ref, provider = role.by == "ref", role.issuer
    equals: dict[str, str | Sequence[str]] = {f"{provider}:aud": role.audience}
    like: dict[str, Sequence[str]] = {}
    not_like: dict[str, Sequence[str]] = {}
    if by_ref:
        like[f"{provider}:sub"] = _of_refs(role, refs.like)
        not_like[f"{provider}:sub"] = _of_refs(role, refs.not_like)
    else:
        equals[f"{provider}:sub"] = subjects(role)
        # The subject of a job with an environment names no ref, and a pull request that names
        # the environment has the same subject: only this refuses it.
        like[f"{provider}:ref"] = refs.like
        not_like[f"{provider}:ref"] = refs.not_like
    if has_claim_keys(provider) and role.repository_id_checked:
        # No other repository ever gets it: a name alone could be taken over once the
        # repository is renamed or deleted.
        equals[f"{provider}:repository_id"] = role.repository_id
    if role.workflows:
        # At any ref, since the run's own is checked beside it.
        like[f"{provider}:job_workflow_ref"] = [
            f"{role.owner}/{role.repository}/.github/workflows/{name}@refs/*"
            for name in role.workflows
        ]
    condition = {"StringEquals": equals, "StringLike": like, "StringNotLike": not_like}
    named = {operator: _with_values(keys) for operator, keys in condition.items()}
    kind = "JobsWithoutEnvironment" if by_ref else "JobsOfTheGitHubEnvironment"
    return {
        "Sid": f"{kind}{number + 1 if number else ''}",
        "Effect": "Allow",
        "Principal": {"Federated": role.provider_arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": _with_values(named),
    }


def _with_values(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {key: values for key, values in keys.items() if values}


def subjects(role: JobRole) -> list[str]:
    """Return the subjects that the jobs of the role's repository may present.

    Repositories created, renamed or transferred since 2026-07-15 carry ids in it, older ones do
    not unless they opt in. https://docs.github.com/en/actions/reference/security/oidc
    """
    if role.by == "ref":
        return _of_refs(role, [each for refs in statements(role.refs) for each in refs.like])
    return _in_both_forms(role, [environment_context(role.environment)])


def _of_refs(role: JobRole, refs: Sequence[str]) -> list[str]:
    return _in_both_forms(role, [f"ref:{ref}" for ref in refs])


def _in_both_forms(role: JobRole, contexts: Sequence[str]) -> list[str]:
    repositories = {
        "legacy": f"{role.owner}/{role.repository}",
        "immutable": f"{role.owner}@{role.owner_id}/{role.repository}@{role.repository_id}",
    }
    return [
        f"repo:{repositories[form]}:{context}"
        for form in role.forms
        if role.takes(form)
        for context in contexts
    ]


def environment_context(name: str) -> str:
    """Return the end of the subject of a job with an environment; a colon becomes ``%3A``."""
    return f"environment:{name.replace(':', '%3A')}"
