"""The tokens with which a role of the pipeline is tried, and what should come of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from keyless_ecs.config.refs import Refs
from keyless_ecs.trust import evaluator
from keyless_ecs.trust.claims import (
    DEPLOY_WORKFLOW,
    GITHUB_COM,
    Job,
    condition_keys,
    has_claim_keys,
)
from keyless_ecs.trust.job_role import Form, JobRole

_PULL_REQUEST = "refs/pull/1/merge"


@dataclass(frozen=True)
class Attempt:
    """A token with which somebody tries to assume the role."""

    name: str
    form: Form
    issuer: str
    claims: Mapping[str, str]
    expected: bool
    """Whether the role should let it in."""
    why: str

    def succeeds(self, trust: evaluator.Policy, role: JobRole) -> bool:
        """Say whether *trust* lets the token in."""
        return evaluator.assumes_with_web_identity(
            trust,
            provider_arn=role.provider_of(self.issuer),
            issuer=self.issuer,
            claims=condition_keys(self.issuer, self.claims),
        )


@dataclass(frozen=True)
class _Case:
    """An attempt before it takes one of the forms of subject."""

    name: str
    why: str
    job: Mapping[str, Any] = field(default_factory=dict)
    """What is other than in the job that the role trusts."""
    claims: Mapping[str, str | None] = field(default_factory=dict)
    """What is other in its token; None for a claim that is not there."""
    suffix: str = ""
    """What stands behind the subject."""
    prefix: str = ""
    allowed: bool = False
    allowed_by_name: bool = False
    """Whether the form of subject without ids is let in."""


def attempts(role: JobRole) -> list[Attempt]:
    """Return the tokens to try *role* with, and for each what should come of it."""
    trusted = trusted_job(role)
    found = []
    for case in _cases(role, trusted):
        for form in role.forms:
            if not role.takes(form) and not case.allowed:
                # Refused for its form alone, which says nothing of the case.
                continue
            job = replace(trusted, immutable=form == "immutable", **case.job)
            subject = f"{case.prefix}{job.subject}{case.suffix}"
            claims = {**job.claims, "sub": subject, **case.claims}
            allowed = case.allowed or (case.allowed_by_name and form == "legacy")
            found.append(
                Attempt(
                    name=case.name,
                    form=form,
                    issuer=job.issuer,
                    claims={name: value for name, value in claims.items() if value is not None},
                    expected=allowed and role.takes(form),
                    why=case.why if role.takes(form) else f"the role takes {role.subject} subjects",
                )
            )
    return found


def trusted_job(role: JobRole) -> Job:
    """Return a job that the role lets in."""
    return Job(
        owner=role.owner,
        owner_id=role.owner_id,
        repository=role.repository,
        repository_id=role.repository_id,
        ref=role.refs.examples[0],
        environment=role.environment if role.by == "environment" else None,
        workflow=role.workflows[0] if role.workflows else DEPLOY_WORKFLOW,
        audience=role.audience,
        issuer=role.issuer,
    )


def _cases(role: JobRole, trusted: Job) -> Iterator[_Case]:
    yield from _trusted_cases(role)
    yield from _ref_cases(role, trusted)
    yield from _subject_cases(role, trusted)
    yield from _repository_cases(role, trusted)
    if role.by == "ref":
        # Here the subject names the ref: what holds of the branch's is to hold of the tag's.
        for ref in _one_of_each(role)[1:]:
            tag = replace(trusted, ref=ref)
            for case in [*_subject_cases(role, tag), *_repository_cases(role, tag)]:
                yield replace(case, name=f"{case.name}, tag", job={"ref": ref, **case.job})
    yield from _workflow_cases(role, trusted)
    yield from _token_cases(role)


def _trusted_cases(role: JobRole) -> Iterator[_Case]:
    for ref in role.refs.examples:
        kind = "branch" if ref.startswith("refs/heads/") else "tag"
        yield _Case(f"allowed {kind}: {ref}", "deploy_from names it", {"ref": ref}, allowed=True)
        for file in role.workflows[1:]:
            yield _Case(
                f"allowed {kind}: {ref}, {file}",
                "deploy_from names it",
                {"ref": ref, "workflow": file},
                allowed=True,
            )


def _ref_cases(role: JobRole, trusted: Job) -> Iterator[_Case]:
    """Yield what only the ref tells from a trusted job: each calls its workflow file."""
    called = {"job_workflow_ref": trusted.claims["job_workflow_ref"]}
    # An Enterprise Server's tokens have the claim too, but STS does not read it.
    unchecked = role.by == "environment" and not has_claim_keys(role.issuer)
    names_it = "names the environment" if role.by == "environment" else "without environment"
    others = [
        *((name, ref, why, "push") for name, ref, why in other_refs(role)),
        (f"pull request, {names_it}", _PULL_REQUEST, "its code is not reviewed", "pull_request"),
    ]
    for name, ref, why, event in others:
        yield _Case(
            f"{name}: {ref}",
            "only GitHub's deployment policy refuses it" if unchecked else why,
            {"ref": ref, "event": event},
            called,
            allowed=unchecked,
        )


def other_refs(role: JobRole) -> list[tuple[str, str, str]]:
    """Return refs that the role does not allow: what each is, the ref, and why it is refused."""
    not_named = "deploy_from does not name it"
    refs = [
        _first_other(role, [f"refs/heads/{n}" for n in ("feature/x", "wip", "0", "_", "Q", "z.z")]),
        _first_other(role, [f"refs/tags/{name}" for name in ("latest", "0.0", "_", "Q", "z")]),
    ]
    found = [
        ("other branch" if ref.startswith("refs/heads/") else "other tag", ref, not_named)
        for ref in refs
        if ref
    ]
    for branch in _names(role, "refs/heads/")[:1]:
        queue = f"refs/heads/gh-readonly-queue/{branch}/pr-1-0a1b2c"
        found += [
            ("branch that begins like it", f"refs/heads/{branch}-2", not_named),
            ("branch that ends like it", f"refs/heads/x/{branch}", not_named),
            ("branch in other case", f"refs/heads/{branch.swapcase()}", "AWS compares case"),
            ("tag named like the branch", f"refs/tags/{branch}", "a tag, no branch"),
            ("merge queue", queue, "not merged yet"),
        ]
    for tag in _names(role, "refs/tags/")[:1]:
        found += [
            ("tag that ends like it", f"refs/tags/x{tag}", not_named),
            ("branch named like the tag", f"refs/heads/{tag}", "a branch, no tag"),
        ]
    for ref in role.refs.examples:
        kind = "/".join(ref.split("/")[:2])
        found.append(("ref named like a full ref", f"{kind}/{ref}", not_named))
    found += _beside_wildcards(role)
    return [other for other in found if _first_other(role, [other[1]])]


def _beside_wildcards(role: JobRole) -> Iterator[tuple[str, str, str]]:
    """Yield refs that a wildcard of IAM covers, and those that are excluded."""
    for pattern in role.refs.allowed:
        for deeper in dict.fromkeys(_deeper(pattern)):
            kind = "branch" if deeper.startswith("refs/heads/") else "tag"
            yield f"other {kind}", deeper, "* ends at a slash"
    for excluded in role.refs.refused:
        for ref in Refs((excluded,)).examples:
            yield "excluded ref", ref, "deploy_from.except names it"


def _deeper(pattern: str) -> Iterator[str]:
    """Yield refs that have a slash where *pattern* has the star of a segment."""
    *stars, _ = pattern.split("*")
    for place in range(len(stars)):
        parts = pattern.split("*")
        yield "".join(
            part + ("" if number == len(parts) - 1 else "1/2" if number == place else str(number))
            for number, part in enumerate(parts)
        )


def _names(role: JobRole, prefix: str) -> list[str]:
    """Return names that the role allows of branches, or of tags."""
    return [ref.removeprefix(prefix) for ref in role.refs.examples if ref.startswith(prefix)]


def _first_other(role: JobRole, refs: Iterable[str]) -> str | None:
    """Return the first ref that the role does not allow, None where it allows all."""
    return next((ref for ref in refs if not role.refs.admits(ref)), None)


def _subject_cases(role: JobRole, trusted: Job) -> Iterator[_Case]:
    """Yield what stands behind the repository in the subject."""
    if role.by == "ref":
        yield _Case(
            f"names an environment: {role.environment}",
            "its subject names no ref",
            {"environment": role.environment},
        )
        yield _Case(
            "environment named like the ref",
            "GitHub writes its colon as %3A",
            {"environment": f"x:ref:{trusted.ref}"},
        )
        yield from _customized_cases(role, trusted)
        return
    environment = role.environment
    other = "another environment"
    yield _Case("no environment", "its subject names the ref", {"environment": None})
    yield _Case(
        "pull request without environment",
        "its subject says pull_request",
        {"environment": None, "event": "pull_request", "ref": _PULL_REQUEST},
    )
    names = {
        "other environment": ("staging" if environment != "staging" else "production", other),
        "environment that begins like it": (f"{environment}-2", other),
        "environment that ends like it": (f"pre{environment}", other),
        "environment in other case": (environment.swapcase(), "AWS compares case"),
        "environment named with the ref": (
            f"{environment}:ref:{trusted.ref}",
            "GitHub writes its colon as %3A",
        ),
    }
    if role.other_environment:
        names["environment of the other role"] = (role.other_environment, "has a role of its own")
    for name, (value, why) in names.items():
        if value != environment:
            yield _Case(f"{name}: {value}", why, {"environment": value})
    yield from _spelling_cases(role, trusted)
    yield from _customized_cases(role, trusted)


def _customized_cases(role: JobRole, trusted: Job) -> Iterator[_Case]:
    """Yield subjects of which an administrator chose other parts; their order is free."""
    why = "not the default subject"
    workflow = f"job_workflow_ref:{trusted.claims['job_workflow_ref']}"
    yield _Case("customized subject, more before", why, prefix=f"{workflow}:")
    if role.by == "environment":
        yield _Case("customized subject, more behind", why, suffix=f":{workflow}")
        yield _Case(
            "customized subject, an actor so named",
            why,
            {"environment": None},
            suffix=f":actor:{trusted.subject.rpartition(':')[2]}",
        )
        return
    if not role.refs.admits(f"{trusted.ref}:{workflow}"):
        yield _Case("customized subject, more behind", why, suffix=f":{workflow}")
    yield _Case(
        "customized subject, environment and ref",
        why,
        {"environment": role.environment},
        suffix=f":ref:{trusted.ref}",
    )


def _spelling_cases(role: JobRole, trusted: Job) -> Iterator[_Case]:
    """Yield other spellings of an environment's name; GitHub encodes the colon and nothing else."""
    environment = role.environment
    presented = trusted.subject.rpartition(":")[2]
    spellings = {
        "environment unencoded": environment,
        "environment with %3a": presented.replace("%3A", "%3a"),
        "environment encoded as in a URL": quote(environment, safe=""),
        "environment encoded as in a form": quote(environment, safe="").replace("%20", "+"),
        "environment encoded twice": quote(presented, safe=""),
    }
    seen = {presented}
    for name, spelling in spellings.items():
        if spelling not in seen:
            seen.add(spelling)
            # Cut off what GitHub presents, and set the other spelling in its place.
            yield _Case(
                f"{name}: {spelling}",
                f"GitHub presents {presented}",
                {"environment": ""},
                {"environment": environment},
                suffix=spelling,
            )
    if presented != environment:
        yield _Case(
            f"environment named {presented}",
            "GitHub writes both names alike",
            {"environment": presented},
            allowed=True,
        )


def _repository_cases(role: JobRole, trusted: Job) -> Iterator[_Case]:
    """Yield other repositories and owners, and the same names with other ids.

    Each calls the workflow file of the right one, as any repository may that can read it.
    """
    called = {"job_workflow_ref": trusted.claims["job_workflow_ref"]}
    for case in _other_repositories(role):
        yield replace(case, claims={**called, **case.claims})


def _other_repositories(role: JobRole) -> Iterator[_Case]:
    owner, repository = role.owner, role.repository
    other_owner = {"owner_id": f"7{role.owner_id}", "repository_id": f"8{role.repository_id}"}
    other_repository = {"repository_id": f"9{role.repository_id}"}
    another = "another repository"
    stranger = "mallory" if owner.lower() != "mallory" else "eve"
    yield _Case("fork", "a repository of its own", {"owner": stranger, **other_owner})
    yield _Case(
        "other owner, same repository name", another, {"owner": f"not-{owner}", **other_owner}
    )
    yield _Case(
        "other repository of the owner",
        another,
        {"repository": f"not-{repository}", **other_repository},
    )
    yield _Case(f"owner begins like it: {owner}2", another, {"owner": f"{owner}2", **other_owner})
    yield _Case(f"owner ends like it: x{owner}", another, {"owner": f"x{owner}", **other_owner})
    yield _Case(
        f"repository begins like it: {repository}-2",
        another,
        {"repository": f"{repository}-2", **other_repository},
    )
    yield _Case(
        f"repository ends like it: x{repository}",
        another,
        {"repository": f"x{repository}", **other_repository},
    )
    for kind, name in (("owner", owner), ("repository", repository)):
        if name.swapcase() != name:
            yield _Case(
                f"{kind} in other case: {name.swapcase()}",
                "AWS compares case",
                {kind: name.swapcase()},
            )
    # Nobody but the ids can tell these from the real ones.
    checked = role.repository_id_checked and has_claim_keys(role.issuer)
    why = "other ids" if checked or role.subject == "immutable" else "a name alone is trusted"
    recycled = {
        "recycled names, other ids": other_owner,
        "repository deleted and made anew": other_repository,
        "repository id begins like it": {"repository_id": f"{role.repository_id}0"},
    }
    for name, ids in recycled.items():
        yield _Case(name, why, ids, allowed_by_name=not checked)
    for other in (f"{role.repository_id}0", f"9{role.repository_id}") if checked else ():
        yield _Case(
            f"right subject, other repository_id: {other}",
            "the claim is checked beside it",
            claims={"repository_id": other},
        )
    yield _Case("repository renamed", "trusted by its old name", {"repository": f"{repository}3"})
    yield _Case("owner renamed", "trusted by its old name", {"owner": f"{owner}3"})
    yield _Case(
        "repository given to another owner",
        "no longer this owner's",
        {"owner": stranger, "owner_id": other_owner["owner_id"]},
    )


def _workflow_cases(role: JobRole, trusted: Job) -> Iterator[_Case]:
    """Yield other workflow files: as good as the right one, unless the role is bound to files."""
    bound = bool(role.workflows) and has_claim_keys(role.issuer)
    why = "bound to other workflow files" if bound else "bound to no workflow file"
    for ref, home, file, at in _near_workflows(role) if bound else _other_workflows(role, trusted):
        yield _Case(
            f"workflow {home}/{file} at {at}",
            why,
            {"ref": ref},
            {"job_workflow_ref": f"{home}/.github/workflows/{file}@{at}"},
            allowed=not bound,
        )
    if role.by == "environment" and trusted.ref.startswith("refs/heads/"):
        yield _Case(
            "pull_request_target, names it",
            why if bound else "runs the branch's own workflow",
            {"event": "pull_request_target", "workflow": "pull-request.yml"},
            allowed=not bound,
        )


def _other_workflows(role: JobRole, trusted: Job) -> Iterator[tuple[str, str, str, str]]:
    """Yield a run's ref and the workflow file of its job: the repository, the file, at which ref.

    A job may be one of a file that its run's own workflow calls.
    """
    for home in (f"{role.owner}/{role.repository}", f"not-{role.owner}/ci"):
        yield trusted.ref, home, "other.yml", trusted.ref


def _near_workflows(role: JobRole) -> Iterator[tuple[str, str, str, str]]:
    """Yield the same for a role that is bound to files: those that come near to one of them."""
    owner, repository = role.owner, role.repository
    here = f"{owner}/{repository}"
    for ref in _one_of_each(role):
        for other in filter(None, ("other.yml", role.other_workflow)):
            yield ref, here, other, ref
        for file in role.workflows:
            for near in (f"x-{file}", f"{file}@x.yml"):
                yield ref, here, near, ref
            for home in (f"not-{here}", f"x{here}", f"{owner}/x{repository}"):
                yield ref, home, file, ref


def _token_cases(role: JobRole) -> Iterator[_Case]:
    """Yield tokens for another audience, from another issuer, and with a claim missing."""
    audience = role.audience
    audiences = [f"https://github.com/{role.owner}", f"{audience}.cn", f"x{audience}"]
    if audience != "sts.amazon.com":
        audiences.append("sts.amazon.com")
    for other in audiences:
        yield _Case(f"other audience: {other}", "meant for another", {"audience": other})
    needed = ["aud", "sub"]
    if has_claim_keys(role.issuer):
        needed += ["repository_id"] if role.repository_id_checked else []
        needed += ["ref"] if role.by == "environment" else []
        needed += ["job_workflow_ref"] if role.workflows else []
    for claim in needed:
        yield _Case(f"no {claim} in the token", "a missing claim fails", claims={claim: None})
    issuers = [f"{role.issuer}/mallory", "token.actions.mallory.ghe.com", "oidc.example.com"]
    if role.issuer != GITHUB_COM:
        issuers.append(GITHUB_COM)
    for issuer in issuers:
        yield _Case(f"other issuer: {issuer}", "the role trusts one provider", {"issuer": issuer})


def _one_of_each(role: JobRole) -> list[str]:
    """Return a branch and a tag that the role allows, as far as it allows both."""
    examples = role.refs.examples
    branches = [ref for ref in examples if ref.startswith("refs/heads/")]
    tags = [ref for ref in examples if ref.startswith("refs/tags/")]
    return [*branches[:1], *tags[:1]]
