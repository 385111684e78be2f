"""The ECS service of one environment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cdktf import ITerraformDependable, Precondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ecs_service import (
    EcsService,
    EcsServiceCapacityProviderStrategy,
    EcsServiceDeploymentCircuitBreaker,
    EcsServiceDeploymentConfiguration,
    EcsServiceDeploymentConfigurationCanaryConfiguration,
    EcsServiceDeploymentConfigurationLinearConfiguration,
    EcsServiceLoadBalancer,
    EcsServiceLoadBalancerAdvancedConfiguration,
    EcsServiceNetworkConfiguration,
    EcsServiceTimeouts,
)
from constructs import Construct

from keyless_ecs.config.capacity import Share
from keyless_ecs.config.deployment import Deployment

if TYPE_CHECKING:
    from keyless_ecs.aws.target_groups import TargetGroups

_BESIDE_THE_WAIT = 20
"""Minutes that Terraform waits longer than a deployment takes: its own steps, and a slow start."""


@dataclass(frozen=True)
class Served:
    """How a load balancer reaches the tasks of a service.

    *grace_period* is in seconds; *role_arn* is of the role with which ECS shifts traffic;
    *wait_minutes* is what a deployment takes at most.
    """

    groups: "TargetGroups"
    role_arn: str
    container: str
    port: int
    grace_period: int
    wait_minutes: int


class Service(Construct):
    """A Fargate service whose running revision belongs to the pipeline.

    Terraform creates it with a family's newest revision and from then on ignores
    ``task_definition``: the pipeline deploys, and the next plan is empty. A service that comes in
    the place of another begins with the newest revision again, which is what was deployed last. A
    deployment that does not become healthy is stopped and rolled back by ECS itself. The strategy
    is written also where it is ECS's default: the provider keeps a block that is removed.

    Args:
        name: Service name.
        cluster_arn: The cluster.
        family: The task definition's family; without a revision it means the newest one.
        count: How many tasks run, or run first where they are scaled.
        scaled: Whether autoscaling owns the count from then on.
        subnets: Ids of the subnets.
        security_groups: Ids of the security groups.
        public_ip: Whether each task gets a public address.
        minimum_healthy_percent: Percent of *count* that keeps running while tasks are replaced.
        maximum_percent: Percent of *count* that may run meanwhile.
        shift: How traffic is shifted to new tasks, where they stand beside all the old ones.
        provider: The capacity provider, where the service has one in place of a launch type.
        shares: What each capacity provider gets, where there are several.
        exec_allowed: Whether ECS Exec opens a shell in the tasks.
        served: How a load balancer reaches the tasks, if one does.
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
        scaled: bool = False,
        subnets: Sequence[str],
        security_groups: Sequence[str],
        public_ip: bool,
        minimum_healthy_percent: int = 100,
        maximum_percent: int = 200,
        shift: Deployment | None = None,
        provider: Literal["FARGATE", "FARGATE_SPOT"] | None = None,
        shares: Mapping[str, Share] | None = None,
        exec_allowed: bool = False,
        served: Served | None = None,
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
            launch_type=None if provider or shares else "FARGATE",
            capacity_provider_strategy=_capacity(provider, shares),
            # Without it a changed strategy is an error at plan:
            # https://github.com/hashicorp/terraform-provider-aws/issues/43533
            force_new_deployment=True if shares else None,
            network_configuration=EcsServiceNetworkConfiguration(
                subnets=list(subnets),
                security_groups=list(security_groups),
                assign_public_ip=public_ip,
            ),
            deployment_circuit_breaker=EcsServiceDeploymentCircuitBreaker(
                enable=True, rollback=True
            ),
            deployment_configuration=_strategy(shift),
            deployment_minimum_healthy_percent=minimum_healthy_percent,
            deployment_maximum_percent=maximum_percent,
            # ECS balances zones by starting a task before it stops one, so it needs the room.
            # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
            availability_zone_rebalancing="ENABLED" if maximum_percent > 100 else "DISABLED",
            enable_execute_command=True if exec_allowed else None,
            propagate_tags="SERVICE",
            load_balancer=_load_balancer(served) if served else None,
            health_check_grace_period_seconds=served.grace_period if served else None,
            timeouts=_timeouts(served.wait_minutes) if served else None,
            lifecycle=TerraformResourceLifecycle(
                ignore_changes=["task_definition", *(["desired_count"] if scaled else [])],
                precondition=[_blue_serves(served)] if served and not shift else None,
            ),
            depends_on=list(depends_on) or None,
        )
        self.name = service.name


def _capacity(
    provider: str | None, shares: Mapping[str, Share] | None
) -> list[EcsServiceCapacityProviderStrategy] | None:
    shares = shares or ({provider: Share()} if provider else {})
    return [
        EcsServiceCapacityProviderStrategy(
            capacity_provider=name, base=share.base or None, weight=share.weight
        )
        for name, share in shares.items()
    ] or None


def _strategy(deployment: Deployment | None) -> EcsServiceDeploymentConfiguration:
    """Return the strategy; the provider takes minutes as text.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
    """
    if deployment is None:
        return EcsServiceDeploymentConfiguration(strategy="ROLLING")
    canary = linear = None
    if deployment.strategy == "canary":
        canary = EcsServiceDeploymentConfigurationCanaryConfiguration(
            canary_percent=deployment.share, canary_bake_time_in_minutes=str(deployment.step)
        )
    elif deployment.strategy == "linear":
        linear = EcsServiceDeploymentConfigurationLinearConfiguration(
            step_percent=deployment.share, step_bake_time_in_minutes=str(deployment.step)
        )
    return EcsServiceDeploymentConfiguration(
        strategy=deployment.strategy.upper(),
        bake_time_in_minutes=str(deployment.bake_minutes),
        canary_configuration=canary,
        linear_configuration=linear,
    )


def _load_balancer(served: Served) -> list[EcsServiceLoadBalancer]:
    groups = served.groups
    return [
        EcsServiceLoadBalancer(
            target_group_arn=groups.blue_arn,
            container_name=served.container,
            container_port=served.port,
            # There for every strategy: AWS wants it deployed before one is switched.
            # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-rolling-to-bluegreen.html
            advanced_configuration=EcsServiceLoadBalancerAdvancedConfiguration(
                alternate_target_group_arn=groups.green_arn,
                production_listener_rule=groups.rule.arn,
                role_arn=served.role_arn,
            ),
        )
    ]


def _timeouts(wait_minutes: int) -> EcsServiceTimeouts:
    """A delete waits for a deployment that runs."""
    minutes = f"{wait_minutes + _BESIDE_THE_WAIT}m"
    return EcsServiceTimeouts(update=minutes, delete=minutes)


def _blue_serves(served: Served) -> Precondition:
    """Refuse to roll tasks in blue while green serves: they would get no traffic."""
    return Precondition(
        condition=served.groups.only_blue_serves,
        error_message=(
            "The green target group serves, and a rolling deployment replaces the tasks of blue: "
            "deploy once more with the old strategy, which swings back to blue, and plan again."
        ),
    )
