"""Each ref against the three places that are told which may deploy, and where they differ."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.github.patterns import filter_takes, fnmatch_covers
from keyless_ecs.github.refs import fnmatch_pattern, push_filters
from keyless_ecs.trust import evaluator
from keyless_ecs.trust.attempts import other_refs, trusted_job
from keyless_ecs.trust.claims import condition_keys
from keyless_ecs.trust.job_role import JobRole, deploy_role_of
from keyless_ecs.trust.policy import trust_policy

_KINDS = {"refs/heads/": "branches", "refs/tags/": "tags"}
_WIDTH = 45


@dataclass(frozen=True)
class Said:
    """What each place says of a *ref*; *environment* is None where no environment binds jobs."""

    ref: str
    wanted: bool
    push: bool
    environment: bool | None
    role: bool

    @property
    def why(self) -> str:
        """Where the places differ, and what comes of it."""
        if self.role and not self.wanted:
            return "the environment alone refuses it: AWS cannot check refs here"
        if self.environment and not self.role:
            return "an exception: the role alone refuses it"
        if self.push and not self.wanted:
            return "starts the jobs of another environment"
        return ""


def said_of_refs(delivery: Delivery, beside: Iterable[Delivery]) -> list[Said]:
    """Return what the places say of refs that may deploy *delivery*, and of others near them.

    Args:
        delivery: The environment.
        beside: All environments of its repository, which share a workflow file.
    """
    role = deploy_role_of(delivery)
    filters = push_filters(list(beside))
    trust = trust_policy(role)
    refs = dict.fromkeys([*role.refs.examples, *(ref for _, ref, _ in other_refs(role))])
    return [
        Said(
            ref=ref,
            wanted=role.refs.admits(ref),
            push=filter_takes(filters.get(_KINDS[prefix], []), ref.removeprefix(prefix)),
            environment=None if delivery.by_ref else _policies_take(role, ref),
            role=_gets_in(role, trust, ref),
        )
        for ref in refs
        for prefix in _KINDS
        if ref.startswith(prefix)
    ]


def _policies_take(role: JobRole, ref: str) -> bool:
    return any(fnmatch_covers(fnmatch_pattern(pattern), ref) for pattern in role.refs.allowed)


def _gets_in(role: JobRole, trust: evaluator.Policy, ref: str) -> bool:
    """Say whether a job that runs on *ref* gets in by a form of subject that the role takes."""
    jobs = (
        replace(trusted_job(role), ref=ref, immutable=form == "immutable")
        for form in role.forms
        if role.takes(form)
    )
    return any(
        evaluator.assumes_with_web_identity(
            trust,
            provider_arn=role.provider_arn,
            issuer=role.issuer,
            claims=condition_keys(role.issuer, job.claims),
        )
        for job in jobs
    )


def lines(delivery: Delivery, said: Sequence[Said]) -> Iterator[str]:
    """Yield a table of them for a person to read; the refs on which the places differ say why."""
    yield f"{delivery.name}: refs, as each place takes them"
    makers = " and ".join(delivery.ref_makers)
    yield f"made by {f'{makers} alone' if makers else 'whoever can write to the repository'}"
    yield f"{'ref':{_WIDTH}}  on.push  environment  role"
    yield "-" * 100
    for each in said:
        marks = (_mark(each.push), _mark(each.environment), _mark(each.role))
        cells = f"{marks[0]:7}  {marks[1]:11}  {marks[2]:4}"
        yield f"{each.ref:{_WIDTH}}  {cells}  {each.why}".rstrip()


def _mark(takes: bool | None) -> str:
    return "-" if takes is None else "yes" if takes else "no"
