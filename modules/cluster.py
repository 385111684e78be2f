"""The ECS cluster of one environment."""

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.ecs_cluster import EcsCluster, EcsClusterSetting
from cdktf_cdktf_provider_aws.ecs_cluster_capacity_providers import EcsClusterCapacityProviders
from constructs import Construct


class Cluster(Construct):
    """An ECS cluster for Fargate tasks, with Container Insights.

    Args:
        name: Cluster name, 1 to 255 characters.
        spot: Whether tasks may run on Fargate Spot.

    Exposes *arn*, *name* and *ready*: what must exist before a service can run in it.
    """

    def __init__(self, scope: Construct, id_: str, *, name: str, spot: bool = False) -> None:
        super().__init__(scope, id_)
        cluster = EcsCluster(
            self,
            "Default",
            name=name,
            setting=[EcsClusterSetting(name="containerInsights", value="enabled")],
        )
        self.ready: list[ITerraformDependable] = []
        if spot:
            providers = EcsClusterCapacityProviders(
                self,
                "capacity",
                cluster_name=cluster.name,
                capacity_providers=["FARGATE", "FARGATE_SPOT"],
            )
            self.ready.append(providers)
        self.arn = cluster.arn
        self.name = cluster.name
