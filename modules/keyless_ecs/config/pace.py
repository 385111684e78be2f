"""How long a deployment takes, and what in GitHub has to wait as long."""

import math
from typing import TYPE_CHECKING

from keyless_ecs.config.github import TIMES

if TYPE_CHECKING:
    from keyless_ecs.config.delivery import Delivery

MAX_WAIT = 310
"""Minutes. A job of GitHub's runners ends after 360, and has more to do than to wait."""
_ROLLOUT = 10


def wait_minutes(delivery: "Delivery") -> int:
    """Return how many minutes a job waits for ECS to complete a deployment.

    Ten for new tasks to start, what the load balancer gives new ones and old ones, and the
    strategy's steps and bake; each part rounded up.
    """
    settings = delivery.environment
    target_group = settings.target_group
    at_the_balancer = target_group.health_check.grace_period + target_group.deregistration_delay
    balancer = math.ceil(at_the_balancer / 60) if settings.domain else 0
    needed = _ROLLOUT + balancer + settings.deployment.shift_minutes
    return max(TIMES["ECS_WAIT_MINUTES"], needed)
