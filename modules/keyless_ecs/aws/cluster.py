"""The ECS cluster of one environment."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.ecs_cluster import EcsCluster, EcsClusterSetting
from cdktf_cdktf_provider_aws.ecs_cluster_capacity_providers import EcsClusterCapacityProviders
from constructs import Construct


@dataclass(frozen=True)
class ExistingCluster:
    """A cluster that others own: nothing is looked up, its ARN follows from its name."""

    arn: str
    name: str
    ready: Sequence[ITerraformDependable] = ()


class Cluster(Construct):
    """An ECS cluster for Fargate tasks, with Container Insights.

    Args:
        name: Cluster name, 1 to 255 characters.
        providers: Whether services name a capacity provider, Fargate's or Fargate Spot's.

    Exposes *arn*, *name* and *ready*: what must exist before a service can run in it.
    """

    def __init__(self, scope: Construct, id_: str, *, name: str, providers: bool = False) -> None:
        super().__init__(scope, id_)
        cluster = EcsCluster(
            self,
            "Default",
            name=name,
            setting=[EcsClusterSetting(name="containerInsights", value="enabled")],
        )
        self.ready: list[ITerraformDependable] = []
        if providers:
            capacity = EcsClusterCapacityProviders(
                self,
                "capacity",
                cluster_name=cluster.name,
                capacity_providers=["FARGATE", "FARGATE_SPOT"],
            )
            self.ready.append(capacity)
        self.arn = cluster.arn
        self.name = cluster.name
