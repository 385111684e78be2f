"""The registry: whose images an environment promotes."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import Contradiction, Whole, at, known, of_file, where_set
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import did_you_mean


@of_file
def promoted_from(whole: Whole) -> Iterator[Contradiction]:
    """Images come from another environment of the service, one that has a registry."""
    for delivery in whole.deliveries:
        yield from known(_promoted_from, delivery, whole)


def _promoted_from(delivery: Delivery, whole: Whole) -> Iterator[Contradiction]:
    source = delivery.registry.shared_from
    if source is None:
        return
    location = where_set(delivery, "registry", "from")
    if location != at(delivery, "registry", "from"):
        level = "in defaults" if location[0] == "defaults" else "in the service"
        yield location, f"set {level} it would leave no owner; set it in an environment"
        return
    others = whole.keys(*at(delivery)[:-1]) - {delivery.environment_key}
    if source not in others:
        mend = did_you_mean(source, others) if others else "there is none; leave it out"
        yield location, f"{shown(source)} is not another environment of this service; {mend}"
        return
    if source not in delivery.service.environments:
        return
    owner = delivery.service.environments[source].registry
    if owner.shared_from:
        yield (
            location,
            f"{source} has no registry of its own, it shares that of {owner.shared_from}; "
            f"use {owner.shared_from}",
        )
    elif delivery.source and delivery.source.partition != delivery.partition:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-cross-account-resource-access.html
        yield (
            location,
            f"{source} is in the partition {delivery.source.partition} and this one in "
            f"{delivery.partition}: neither lets in roles of the other; leave it out",
        )
