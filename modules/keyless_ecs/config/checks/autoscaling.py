"""How many tasks run: bounds, measures and hours."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import Contradiction, of_delivery, warning, where_set
from keyless_ecs.config.delivery import Delivery


@of_delivery
def bounds(delivery: Delivery) -> Iterator[Contradiction]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html."""
    scaling = delivery.environment.autoscaling
    if scaling is None:
        return
    if scaling.min > scaling.max:
        yield (
            where_set(delivery, "autoscaling", "min"),
            f"{scaling.min} is more than the max of {scaling.max}; swap them",
        )
    schedules = scaling.schedules.values()
    most = max(scaling.max, *(each.max or 0 for each in schedules), 0)
    least = min(scaling.min, *(each.min for each in schedules if each.min is not None), 5_000)
    for key, hours in scaling.schedules.items():
        here = where_set(delivery, "autoscaling", "schedules", key)
        if hours.min is None and hours.max is None:
            yield here, "changes nothing; say min, max or both"
        if hours.min is not None and hours.max is not None and hours.min > hours.max:
            yield here, f"the min of {hours.min} is more than the max of {hours.max}; swap them"
        elif hours.min is not None and hours.min > most:
            yield (
                here,
                f"the min of {hours.min} is above any max, {most}; raise the max with it",
            )
        elif hours.max is not None and hours.max < least:
            yield (
                here,
                f"the max of {hours.max} is below any min, {least}; lower the min with it",
            )


@of_delivery
def count_beside_scaling(delivery: Delivery) -> Iterator[Contradiction]:
    """The first count is the lower bound, and from then on scaling's."""
    if delivery.environment.autoscaling is None:
        return
    for location, level in delivery.levels:
        if level.says("count") and level.says("autoscaling"):
            yield (*location, "count"), "autoscaling decides how many tasks run; leave it out"


@of_delivery
def requests_of_one_group(delivery: Delivery) -> Iterator[Contradiction]:
    """The measure counts the requests of one target group, and a strategy serves from both.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
    """
    scaling = delivery.environment.autoscaling
    if scaling is None or scaling.requests is None:
        return
    here = where_set(delivery, "autoscaling", "requests")
    strategy = delivery.environment.deployment.strategy
    if delivery.reach is None:
        yield here, "are counted by a load balancer; set domain, or scale by cpu or memory"
    elif strategy != "rolling":
        yield (
            here,
            f"are counted in one target group, and {strategy} shifts them between two; scale by "
            "cpu or memory, or deploy rolling",
        )


@warning
def nothing_that_raises(delivery: Delivery) -> Iterator[Contradiction]:
    """What follows a measure does not leave zero by itself, and a lowered bound stays lowered."""
    scaling = delivery.environment.autoscaling
    if scaling is None or not scaling.schedules:
        return
    lowest = min((it.min for it in scaling.schedules.values() if it.min is not None), default=None)
    if lowest is not None and lowest < scaling.min:
        raised = any(it.min is not None and it.min > lowest for it in scaling.schedules.values())
        if not raised:
            yield (
                where_set(delivery, "autoscaling", "schedules"),
                f"lower the min to {lowest} and nothing raises it again; add hours that do",
            )
