"""The GitHub environment: names that GitHub folds, and what its provider cannot keep."""

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
from keyless_ecs.config.providers import Providers
from keyless_ecs.config.shown import shown


@of_delivery
def names_in_github(delivery: Delivery) -> Iterator[Contradiction]:
    """GitHub folds the case of names, so two that differ in case alone are one."""
    settings = delivery.environment.github
    for kind, names in (("variables", settings.variables), ("secrets", settings.secrets)):
        seen: dict[str, str] = {}
        for name in names:
            first = seen.setdefault(name.upper(), name)
            if first != name:
                yield (
                    where_set(delivery, "github", kind, name),
                    f"GitHub takes it for {first}, which stands above; keep one of them",
                )
    secrets = {name.upper(): name for name in settings.secrets}
    for name in settings.variables:
        if name.upper() in secrets:
            yield (
                where_set(delivery, "github", "variables", name),
                "stands among the secrets as well; keep it in one of them",
            )


@of_file
def colon_in_the_name(whole: Whole) -> Iterator[Contradiction]:
    """G11: https://github.com/integrations/terraform-provider-github/issues/2387."""
    for delivery in whole.deliveries:
        yield from known(_colon_in_the_name, delivery, whole.file.providers)


def _colon_in_the_name(delivery: Delivery, providers: Providers) -> Iterator[Contradiction]:
    if ":" in delivery.github_environment and not delivery.by_ref and not providers.keeps_colons:
        named = bool(delivery.environment.github.name)
        yield (
            where_set(delivery, "github", "name") if named else at(delivery),
            "before release 6.13 the GitHub provider loses the variables of an environment whose "
            f"name holds a colon, {shown(delivery.github_environment)}, and cannot destroy it; "
            'choose another name, or take that release: providers: {github: "~> 6.13"}',
        )


@of_delivery
def reviewers(delivery: Delivery) -> Iterator[Contradiction]:
    """GitHub takes six reviewers, users and teams together."""
    if problem := delivery.environment.github.reviewers.problem():
        yield where_set(delivery, "github", "reviewers"), problem


@of_delivery
def name_of_the_companion(delivery: Delivery) -> Iterator[Contradiction]:
    """https://docs.github.com/en/rest/deployments/environments: at most 255 characters."""
    if delivery.by_ref or not delivery.has_build_role or len(delivery.build_environment) <= 255:
        return
    yield (
        where_set(delivery, "github", "name"),
        f"the environment in which its image is built, {shown(delivery.build_environment)}, would "
        f"have {len(delivery.build_environment)} characters and GitHub takes 255; shorten it",
    )


@warning
def for_jobs_of_ones_own(delivery: Delivery) -> Iterator[Contradiction]:
    """Nothing that is generated reads these: whoever expects it of the build should know."""
    settings = delivery.environment.github
    for kind, names in (("variables", settings.variables), ("secrets", settings.secrets)):
        if names:
            read = "reads it: it is" if len(names) == 1 else "reads them: they are"
            yield (
                where_set(delivery, "github", kind),
                f"{', '.join(names)}: no generated job {read} for jobs of your own",
            )
