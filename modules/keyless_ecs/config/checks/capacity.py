"""On what tasks run: what ECS takes as a strategy of capacity providers.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
"""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import Contradiction, of_delivery, warning, where_set
from keyless_ecs.config.delivery import Delivery


@of_delivery
def strategy(delivery: Delivery) -> Iterator[Contradiction]:
    """One provider has a base, and one at least a weight."""
    providers = delivery.environment.capacity.providers.values()
    here = where_set(delivery, "capacity")
    if sum(share.base > 0 for share in providers) > 1:
        yield here, "two providers have a base, and ECS takes one; leave it to fargate"
    if providers and not any(share.weight for share in providers):
        yield here, "no provider has a weight, so none would get tasks; give one a weight: 1"


@of_delivery
def one_way_to_say_it(delivery: Delivery) -> Iterator[Contradiction]:
    """A word and a strategy at one level say two things, of which one would be lost unseen."""
    for location, level in delivery.levels:
        said = level.capacity.model_fields_set
        if "use" in said and said & {"fargate", "fargate_spot"} and level.capacity.is_strategy:
            yield (
                (*location, "capacity", "use"),
                "is one capacity, and what stands beside it a strategy of several; leave one out",
            )


@warning
def one_task_on_spot(delivery: Delivery) -> Iterator[Contradiction]:
    """Spot is taken away at two minutes' notice."""
    spot_alone = [*delivery.environment.capacity.providers] == ["FARGATE_SPOT"]
    if spot_alone and delivery.environment.autoscaling is None and delivery.count == 1:
        yield (
            where_set(delivery, "capacity"),
            "one task on Spot alone is none whenever AWS takes it back; use count: 2, or a base: "
            "{fargate: {base: 1, weight: 0}, fargate_spot: 1}",
        )


@warning
def forced_deployments(delivery: Delivery) -> Iterator[Contradiction]:
    """https://github.com/hashicorp/terraform-provider-aws/issues/45678."""
    settings = delivery.environment
    if settings.capacity.is_strategy and settings.deployment.shifts_traffic:
        yield (
            where_set(delivery, "capacity"),
            "with a strategy of providers each change of the service by Terraform is a deployment, "
            "which shifts traffic in full, and is reported not to alternate the target groups",
        )
