"""The ECS service of one environment."""

from collections.abc import Sequence
from typing import Literal

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ecs_service import (
    EcsService,
    EcsServiceCapacityProviderStrategy,
    EcsServiceDeploymentCircuitBreaker,
    EcsServiceNetworkConfiguration,
)
from constructs import Construct


class Service(Construct):
    """A Fargate service whose running revision belongs to the pipeline.

    Terraform creates it with a family's newest revision and from then on ignores
    ``task_definition``: the pipeline deploys, and the next plan is empty. A service that comes in
    the place of another begins with the newest revision again, which is what was deployed last. A
    deployment that does not become healthy is stopped and rolled back by ECS itself.

    Args:
        name: Service name.
        cluster_arn: The cluster.
        family: The task definition's family; without a revision it means the newest one.
        count: How many tasks run.
        subnets: Ids of the subnets.
        security_groups: Ids of the security groups.
        public_ip: Whether each task gets a public address.
        minimum_healthy_percent: Percent of *count* that keeps running while tasks are replaced.
        maximum_percent: Percent of *count* that may run meanwhile.
        provider: The capacity provider, where the service has one in place of a launch type.
        exec_allowed: Whether ECS Exec opens a shell in the tasks.
        depends_on: What must exist before the first task can start.

    Exposes *name*.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        cluster_arn: str,
        family: str,
        count: int,
        subnets: Sequence[str],
        security_groups: Sequence[str],
        public_ip: bool,
        minimum_healthy_percent: int = 100,
        maximum_percent: int = 200,
        provider: Literal["FARGATE", "FARGATE_SPOT"] | None = None,
        exec_allowed: bool = False,
        depends_on: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        service = EcsService(
            self,
            "Default",
            name=name,
            cluster=cluster_arn,
            task_definition=family,
            desired_count=count,
            launch_type=None if provider else "FARGATE",
            capacity_provider_strategy=(
                [EcsServiceCapacityProviderStrategy(capacity_provider=provider, weight=1)]
                if provider
                else None
            ),
            network_configuration=EcsServiceNetworkConfiguration(
                subnets=list(subnets),
                security_groups=list(security_groups),
                assign_public_ip=public_ip,
            ),
            deployment_circuit_breaker=EcsServiceDeploymentCircuitBreaker(
                enable=True, rollback=True
            ),
            deployment_minimum_healthy_percent=minimum_healthy_percent,
            deployment_maximum_percent=maximum_percent,
            enable_execute_command=True if exec_allowed else None,
            propagate_tags="SERVICE",
            lifecycle=TerraformResourceLifecycle(ignore_changes=["task_definition"]),
            depends_on=list(depends_on) or None,
        )
        self.name = service.name
