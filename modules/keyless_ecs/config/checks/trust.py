"""Whom the roles of the jobs trust: what GitHub's tokens and AWS's checks of them cannot say."""

from collections import Counter
from collections.abc import Iterator

from keyless_ecs.config.checks.rule import (
    Contradiction,
    Whole,
    at,
    known,
    of_delivery,
    of_file,
    warning,
    where_set,
)
from keyless_ecs.config.delivery import Delivery


@of_delivery
def claims_of_enterprise_server(delivery: Delivery) -> Iterator[Contradiction]:
    """GitHub Enterprise Server has no immutable subjects; AWS checks its ``aud`` and ``sub``."""
    trust = delivery.environment.trust
    if not delivery.github.is_enterprise_server:
        return
    if delivery.by_ref:
        yield (
            at(delivery, "trust", "by"),
            "AWS checks only aud and sub of GitHub Enterprise Server, and without an environment "
            "they tell no job that builds from one that deploys; use by: environment",
        )
    if trust.subject == "immutable":
        yield (
            where_set(delivery, "trust", "subject"),
            "GitHub Enterprise Server presents no immutable subject; use legacy",
        )
    if trust.workflow:
        yield (
            where_set(delivery, "trust", "workflow"),
            "AWS checks only aud and sub of GitHub Enterprise Server; leave it out",
        )


@of_delivery
def settings_without_environment(delivery: Delivery) -> Iterator[Contradiction]:
    """Jobs that run without a GitHub environment are bound by none of its settings."""
    if not delivery.by_ref:
        return
    settings = delivery.environment.github
    here = where_set(delivery, "trust", "by")
    unbound = settings.model_fields_set - {"variables", "secrets", "as_secrets", "ruleset"}
    if unbound:
        yield (
            here,
            f"no environment binds these jobs, so github.{sorted(unbound)[0]} would do nothing; "
            "leave it out or use by: environment",
        )
    if any(secret.sealed for secret in settings.secrets.values()):
        yield here, "a sealed secret is sealed for an environment; use by: environment"


@of_file
def ref_beside_others(whole: Whole) -> Iterator[Contradiction]:
    """Jobs without an environment have nothing that tells one delivery from another."""
    repositories = Counter(name for each in whole.deliveries for name in known(_repository, each))
    for delivery in whole.deliveries:
        yield from known(_ref_beside_others, delivery, repositories)


def _ref_beside_others(delivery: Delivery, repositories: Counter[str]) -> Iterator[Contradiction]:
    repository = delivery.service.repository
    if delivery.by_ref and repositories[repository.lower()] > 1:
        yield (
            where_set(delivery, "trust", "by"),
            f"{repository} has more than one environment, and jobs without "
            "one cannot tell which they deploy to; use by: environment",
        )


def _repository(delivery: Delivery) -> Iterator[str]:
    yield delivery.service.repository.lower()


@warning
def who_can_deploy(delivery: Delivery) -> Iterator[Contradiction]:
    """A trust that stands on the repository's own protections alone."""
    if delivery.by_ref:
        yield (
            where_set(delivery, "trust", "by"),
            "no protection of a GitHub environment binds these jobs: whoever can push to "
            f"{', '.join(delivery.refs)} deploys",
        )
    elif delivery.github.is_enterprise_server:
        yield (
            at(delivery, "deploy_from"),
            "AWS checks no ref of GitHub Enterprise Server: only the environment's deployment "
            "policies keep other branches out",
        )


@warning
def who_makes_a_tag(delivery: Delivery) -> Iterator[Contradiction]:
    """GitHub lets whoever can write to a repository make a tag of any name at any commit.

    Said where a tag is what a release waits for: with a branch beside it, whoever can write to
    that deploys too, and docs/refs.md names both.
    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets
    """
    tags = delivery.deploy_from.tags
    alone = bool(tags) and not delivery.deploy_from.branch_patterns
    if alone and not (delivery.by_ref or delivery.gated or delivery.ref_makers):
        yield (
            at(delivery, "deploy_from", "tags"),
            f"whoever can write to the repository can make such a tag ({', '.join(tags)}) at any "
            "commit, reviewed or not, and deploy it; say who makes them, github: {ruleset: {roles: "
            "[maintain, admin]}} or {teams: […]} (docs/refs.md#who-may-make-a-ref), or name "
            "reviewers",
        )
