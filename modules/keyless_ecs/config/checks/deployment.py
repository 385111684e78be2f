"""How tasks are replaced: what goes with which strategy."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import Contradiction, of_delivery, warning, where_set
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.deployment import SMALLEST_SHARE
from keyless_ecs.config.github import TIMES
from keyless_ecs.config.pace import MAX_WAIT, wait_minutes

_STEPS = ("canary", "linear")


@of_delivery
def room_to_replace(delivery: Delivery) -> Iterator[Contradiction]:
    """A deployment that can neither stop a task nor start one never ends."""
    scaling = delivery.environment.autoscaling
    counts = scaling.counts if scaling else (delivery.environment.count,)
    if problem := delivery.environment.deployment.problem(counts):
        yield where_set(delivery, "deployment"), problem


@of_delivery
def settings_of_the_strategy(delivery: Delivery) -> Iterator[Contradiction]:
    """Steps are canary's and linear's; the bake is of all that shift traffic.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
    """
    deployment = delivery.environment.deployment
    said = deployment.model_fields_set
    if deployment.strategy not in _STEPS:
        for name in ("percent", "step_minutes"):
            if getattr(deployment, name) is not None:
                yield (
                    where_set(delivery, "deployment", name),
                    f"{deployment.strategy} has no steps; use canary or linear, or leave it out",
                )
    if "bake_minutes" in said and not deployment.shifts_traffic:
        yield (
            where_set(delivery, "deployment", "bake_minutes"),
            "rolling replaces the old tasks and keeps none; use another strategy, or leave it out",
        )


@of_delivery
def share_of_the_strategy(delivery: Delivery) -> Iterator[Contradiction]:
    """ECS takes no linear step below 3 percent."""
    deployment = delivery.environment.deployment
    smallest = SMALLEST_SHARE.get(deployment.strategy)
    if deployment.percent and smallest and deployment.percent < smallest:
        yield (
            where_set(delivery, "deployment", "percent"),
            f"{deployment.percent:g} percent is too small for {deployment.strategy}; "
            f"use {smallest:g} to 100",
        )


@of_delivery
def time_of_a_deployment(delivery: Delivery) -> Iterator[Contradiction]:
    """A job on a runner of GitHub's has 360 minutes, of which the rest of it takes some.

    https://docs.github.com/en/actions/reference/limits
    """
    needed = wait_minutes(delivery)
    if needed > MAX_WAIT and not any(share_of_the_strategy(delivery)):
        yield (
            where_set(delivery, "deployment"),
            f"takes up to {needed} minutes, and a job of GitHub waits {MAX_WAIT}; "
            "use larger shares, shorter steps or a shorter bake",
        )


@warning
def shorter_than_the_deployment(delivery: Delivery) -> Iterator[Contradiction]:
    """A job that gives up before ECS is ready fails, and the deployment goes on."""
    said, needed = delivery.environment.deployment.wait_minutes, wait_minutes(delivery)
    if said and said < needed and needed > TIMES["ECS_WAIT_MINUTES"]:
        yield (
            where_set(delivery, "deployment", "wait_minutes"),
            f"a deployment takes up to {needed} minutes, so the job would give up before; leave it "
            "out, or wait as long",
        )


@warning
def nothing_to_shift(delivery: Delivery) -> Iterator[Contradiction]:
    """ECS takes the strategies without a load balancer, and waits through their steps."""
    if delivery.environment.deployment.strategy in _STEPS and not delivery.reach:
        yield (
            where_set(delivery, "deployment", "strategy"),
            "there is no traffic to shift without a domain; blue_green does the same sooner",
        )
