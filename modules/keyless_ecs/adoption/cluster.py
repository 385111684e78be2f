"""An ECS cluster as ``aws ecs describe-clusters`` shows it, against the file."""

from collections.abc import Iterator

from keyless_ecs.adoption.difference import Difference, lost_tags, tags, told
from keyless_ecs.adoption.found import Thing
from keyless_ecs.config.delivery import Delivery

_ATTACHED = {"FARGATE", "FARGATE_SPOT"}
"""The providers that a cluster gets where its service names one: :mod:`keyless_ecs.aws.cluster`."""


def is_of(cluster: Thing, delivery: Delivery) -> bool:
    """Tell whether *cluster* is the one that the environment describes as its own."""
    arn = delivery.arn("ecs", f"cluster/{delivery.cluster_name}")
    return not delivery.environment.cluster.existing and cluster.get("clusterArn") == arn


def differences(cluster: Thing, delivery: Delivery) -> Iterator[Difference]:
    """Yield what the first apply would change of *cluster*.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Cluster.html
    """
    share = "share it with cluster: {existing: …} and leave it out of adopt, and it stays as it is"
    if delivery.environment.capacity.providers:
        if others := {*cluster.get("capacityProviders", [])} - _ATTACHED:
            note = f"services that run on them lose them; {share}"
            yield Difference("other capacity providers", told(others), "none", note=note)
        if strategy := cluster.get("defaultCapacityProviderStrategy"):
            providers = told([it.get("capacityProvider") for it in strategy])
            yield Difference("default strategy", providers, "none", note=share)
    for setting in cluster.get("settings", []):
        if setting.get("name") == "containerInsights" and setting.get("value") != "enabled":
            note = f"its metrics are billed; {share}"
            yield Difference("Container Insights", told(setting["value"]), "enabled", note=note)
    yield from lost_tags(tags(cluster.get("tags", []), "key", "value"), delivery.tags, delivery)
