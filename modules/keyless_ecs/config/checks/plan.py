"""What GitHub's plans and products have: which protections exist, and whose machines run jobs."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import (
    Contradiction,
    at,
    of_delivery,
    where_set,
)
from keyless_ecs.config.delivery import Delivery

_PROTECTIONS = ("reviewers", "wait_minutes", "prevent_self_review", "admins_bypass")


@of_delivery
def protections_of_the_plan(delivery: Delivery) -> Iterator[Contradiction]:
    """G6: below Enterprise, private repositories have no reviewers and no timer; on Free nothing.

    GitHub answers 422 at apply, or forgets the setting and shows a change in every plan.
    https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
    """
    plan = delivery.github.plan
    free = delivery.by_ref or not delivery.is_private or delivery.github.is_enterprise_server
    if free or plan in (None, "enterprise"):
        return
    if plan == "free":
        yield (
            at(delivery),
            "GitHub Free has no environments in private repositories, so nothing could hold this "
            "one's refs and variables; use Pro, Team or Enterprise, or a public repository "
            "(visibility: public)",
        )
        return
    settings = delivery.environment.github
    for key in _PROTECTIONS:
        asked = (
            key in settings.model_fields_set if key == "admins_bypass" else getattr(settings, key)
        )
        if key == "reviewers":
            asked = bool(settings.reviewers.users or settings.reviewers.teams)
        if asked and not (key == "admins_bypass" and settings.admins_bypass):
            yield (
                where_set(delivery, "github", key),
                f"private repositories have this with GitHub Enterprise alone, not with {plan}; "
                "leave it out, and let a ruleset say who makes the branches and tags that deploy: "
                "github: {ruleset: …}",
            )


@of_delivery
def rulesets_of_the_plan(delivery: Delivery) -> Iterator[Contradiction]:
    """On Free, private repositories have no rulesets: GitHub answers 403 at apply.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets
    """
    has_none = delivery.github.plan == "free" and delivery.is_private
    # What has an environment is refused for that already.
    if delivery.ref_makers and has_none and delivery.by_ref:
        yield (
            where_set(delivery, "github", "ruleset"),
            "GitHub Free has no rulesets in private repositories; leave it out, or use Pro, Team "
            "or Enterprise, or a public repository (visibility: public)",
        )


@of_delivery
def self_review_without_reviewers(delivery: Delivery) -> Iterator[Contradiction]:
    """G7: GitHub answers 422, and a retry makes a weaker environment."""
    settings = delivery.environment.github
    if settings.prevent_self_review and not (settings.reviewers.users or settings.reviewers.teams):
        yield (
            where_set(delivery, "github", "prevent_self_review"),
            "nobody reviews, so nothing is prevented, and GitHub refuses it; name who approves: "
            "github: {reviewers: {teams: [<team>]}}, or leave it out",
        )


@of_delivery
def runners_of_enterprise_server(delivery: Delivery) -> Iterator[Contradiction]:
    """P13: it has no hosted runners, so that a job without a runner of its own never starts.

    https://docs.github.com/en/enterprise-server@latest/admin/managing-github-actions-for-your-enterprise/getting-started-with-github-actions-for-your-enterprise/getting-started-with-github-actions-for-github-enterprise-server
    """
    if not delivery.github.is_enterprise_server:
        return
    mend = "GitHub Enterprise Server has no hosted runners; name one of yours: [self-hosted]"
    if delivery.builds and delivery.service.build.runs_on is None:
        yield ("services", delivery.service_key, "build", "runs_on"), f"missing; {mend}"
    if delivery.environment.deployment.runs_on is None:
        yield at(delivery, "deployment", "runs_on"), f"missing; {mend}"
