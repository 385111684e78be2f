"""Which refs deploy, and who makes them: what a place cannot say, and what meets another's."""

from collections.abc import Iterator
from itertools import combinations

from keyless_ecs.config.checks.rule import (
    Contradiction,
    Whole,
    at,
    known,
    of_delivery,
    of_file,
    warning_of_file,
    where_set,
)
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.github import Ruleset
from keyless_ecs.config.refs import EVERYTHING, STAR, Refs, canonical, covers, full, overlap
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
    elif delivery.ref_makers:
        yield (
            here,
            "with github.ruleset nobody else could make any branch of the repository; set github: "
            "{ruleset: none} in this environment, or name the branches that deploy",
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
                # On purpose, as it is said.
                or pattern == f"refs/heads/{EVERYTHING}"
                or not _both_take(mine, pattern, theirs, other)
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


def _both_take(mine: Refs, pattern: str, theirs: Refs, other: str) -> bool:
    """Tell whether there is a ref that comes through a pattern of each."""
    return (
        overlap(pattern, other)
        and not any(covers(each, other) for each in mine.refused)
        and not any(covers(each, pattern) for each in theirs.refused)
    )


def _before(delivery: Delivery, kind: str) -> int:
    return len(delivery.deploy_from.branch_patterns) if kind == "tags" else 0


def _wider(pattern: str, other: str) -> bool:
    """Tell which of two patterns that meet is to be made narrower: the one that says less."""
    return (len(pattern.replace(STAR, "")), other) < (len(other.replace(STAR, "")), pattern)


@of_file
def nobody_makes_them(whole: Whole) -> Iterator[Contradiction]:
    """A ruleset that names nobody reads as one that lets nobody, and is none."""
    for delivery in whole.deliveries:
        yield from known(_nobody_makes_them, delivery, whole)


def _nobody_makes_them(delivery: Delivery, whole: Whole) -> Iterator[Contradiction]:
    said = "ruleset" in delivery.environment.github.model_fields_set
    here = where_set(delivery, "github", "ruleset")
    # What stands there under a key that is not known is wrong in itself.
    if said and not delivery.ref_makers and whole.keys(*here) <= Ruleset.model_fields.keys():
        yield (
            here,
            "names nobody, so there would be none; write {roles: [maintain, admin]} or {teams: "
            "[<team>]}, or the word none",
        )


@warning_of_file
def rulesets_that_meet(whole: Whole) -> Iterator[Contradiction]:
    """Rulesets add up: who is named in one of two on a ref is stopped by the other.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets#about-rule-layering
    """
    for one, other in combinations(whole.deliveries, 2):
        if _one_repository(one, other):
            yield from known(_add_up, one, other)


def _add_up(one: Delivery, other: Delivery) -> Iterator[Contradiction]:
    mine, theirs = one.deploy_from.refs, other.deploy_from.refs
    differ = {*one.ref_makers} != {*other.ref_makers}
    if not (one.ref_makers and other.ref_makers and differ):
        return
    met = (
        pattern
        for pattern in mine.allowed
        if any(_both_take(mine, pattern, theirs, each) for each in theirs.allowed)
    )
    if pattern := next(met, None):
        yield (
            where_set(other, "github", "ruleset"),
            f'"{as_name(pattern)}" deploys {one.environment_key} of {one.service_key} too, where '
            f"{' and '.join(one.ref_makers)} make it: rulesets add up, and only who is named in "
            "both makes such a ref; name the same here and there, or keep the refs apart",
        )
