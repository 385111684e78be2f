"""How tasks are replaced."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import Contradiction, of_delivery, where_set
from keyless_ecs.config.delivery import Delivery


@of_delivery
def room_to_replace(delivery: Delivery) -> Iterator[Contradiction]:
    """ECS stops a task before it starts another, or starts one before it stops another."""
    if not delivery.environment.deployment.has_room:
        yield (
            where_set(delivery, "deployment"),
            "100 to 100 percent leaves ECS no room to replace a task; "
            "lower minimum_healthy_percent or raise maximum_percent",
        )
