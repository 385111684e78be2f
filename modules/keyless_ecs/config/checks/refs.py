"""Which refs deploy: exceptions that a place cannot say, and patterns that meet another's."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import (
    Contradiction,
    Whole,
    at,
    known,
    of_delivery,
    warning_of_file,
)
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.refs import EVERYTHING, STAR, canonical, covers, full, overlap
from keyless_ecs.config.shown import as_name, shown


@of_delivery
def exceptions(delivery: Delivery) -> Iterator[Contradiction]:
    """An exception takes something away, not all, and in a way that IAM can say."""
    deploy_from = delivery.deploy_from
    for position, excluded in enumerate(deploy_from.exceptions):
        here = at(delivery, "deploy_from", "except", position)
        refs = full(deploy_from.branch_patterns, deploy_from.tags, [excluded])
        if not refs.refused:
            yield here, f"{shown(excluded)} excludes nothing that may deploy; leave it out"
        for pattern in refs.allowed:
            name = pattern.split("/", 2)[2]
            for each in refs.refused:
                if covers(each, pattern):
                    yield (
                        here,
                        f"{shown(excluded)} excludes all of {shown(name)}; leave one of them out",
                    )
                elif overlap(each, pattern) and EVERYTHING in pattern and _cut(excluded):
                    yield from _below(delivery, position, name)


def _cut(excluded: str) -> bool:
    """Tell whether IAM, where ``*`` covers slashes, would exclude more than *excluded* means."""
    return STAR in excluded and EVERYTHING not in canonical(excluded)


def _below(delivery: Delivery, position: int, name: str) -> Iterator[Contradiction]:
    excluded = delivery.deploy_from.exceptions[position]
    others = set(map(canonical, delivery.deploy_from.exceptions))
    ends = excluded.find(STAR) == len(excluded) - 1
    if ends and f"{excluded}/**" in others:
        return
    mend = f'name "{as_name(excluded)}/**" as well' if ends else "write the names out, without *"
    yield (
        at(delivery, "deploy_from", "except", position),
        f"AWS, whose * covers slashes, cannot take {shown(excluded)} alone out of {shown(name)}; "
        f"{mend}",
    )


@of_delivery
def exceptions_on_enterprise_server(delivery: Delivery) -> Iterator[Contradiction]:
    """Deployment policies have no exceptions, and AWS checks no ref of an Enterprise Server."""
    unchecked = delivery.github.is_enterprise_server and not delivery.by_ref
    if unchecked and delivery.deploy_from.exceptions:
        yield (
            at(delivery, "deploy_from", "except"),
            "nothing enforces it: deployment policies have no exceptions, and AWS checks no ref "
            "of GitHub Enterprise Server; use patterns that cover only what may deploy",
        )


@of_delivery
def any_branch(delivery: Delivery) -> Iterator[Contradiction]:
    """Every branch is for an environment that nothing protects: else who may push may wait."""
    if not delivery.deploy_from.any_branch:
        return
    here, settings = at(delivery, "deploy_from", "any_branch"), delivery.environment.github
    if delivery.by_ref:
        yield (
            here,
            "without an environment whoever can push a branch has the role, and no branch rule "
            "protects all; name the branches, or use by: environment",
        )
    elif settings.reviewers.users or settings.reviewers.teams or settings.wait_minutes:
        yield (
            here,
            "this environment is protected by github.reviewers or wait_minutes, and whoever can "
            "push a branch could ask for a deployment of it; name the branches",
        )


@warning_of_file
def environments_that_meet(whole: Whole) -> Iterator[Contradiction]:
    """A ref of one environment that another's pattern covers as well deploys to both.

    So a release candidate reaches production: ``v*.*.*`` covers ``v0.1.0-rc.1``.
    """
    for delivery in whole.deliveries:
        for other in whole.deliveries:
            if other is not delivery and _one_repository(delivery, other):
                yield from known(_meet, delivery, other)


def _one_repository(one: Delivery, other: Delivery) -> bool:
    return one.service.repository.lower() == other.service.repository.lower()


def _meet(wide: Delivery, narrow: Delivery) -> Iterator[Contradiction]:
    mine, theirs = wide.deploy_from.refs, narrow.deploy_from.refs
    for pattern in mine.allowed:
        for other in theirs.allowed:
            if (
                other in mine.allowed
                or pattern in theirs.allowed
                or not _wider(pattern, other)
                or not overlap(pattern, other)
                # On purpose, as it is said.
                or pattern == f"refs/heads/{EVERYTHING}"
                or any(covers(each, other) for each in mine.refused)
                or any(covers(each, pattern) for each in theirs.refused)
            ):
                continue
            kind = "tags" if other.startswith("refs/tags/") else "branches"
            name, their_name = (as_name(each.split("/", 2)[2]) for each in (pattern, other))
            yield (
                at(wide, "deploy_from", kind, [*mine.allowed].index(pattern) - _before(wide, kind)),
                f'"{name}" also takes what deploys {narrow.environment_key} of '
                f'{narrow.service_key}, "{their_name}"; keep it out with '
                f'deploy_from: {{except: ["{their_name}"]}}, or name it here too if both are meant',
            )


def _before(delivery: Delivery, kind: str) -> int:
    return len(delivery.deploy_from.branch_patterns) if kind == "tags" else 0


def _wider(pattern: str, other: str) -> bool:
    """Tell which of two patterns that meet is to be made narrower: the one that says less."""
    return (len(pattern.replace(STAR, "")), other) < (len(other.replace(STAR, "")), pattern)
