"""How tasks are replaced."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import Contradiction, of_delivery, where_set
from keyless_ecs.config.delivery import Delivery


@of_delivery
def room_to_replace(delivery: Delivery) -> Iterator[Contradiction]:
    """A deployment that can neither stop a task nor start one never ends."""
    if problem := delivery.environment.deployment.problem(delivery.environment.count):
        yield where_set(delivery, "deployment"), problem
