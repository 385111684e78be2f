"""The service of one environment: where it runs, how it is reached, and how it is scaled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cdktf import ITerraformDependable, TerraformOutput
from constructs import Construct

from keyless_ecs.aws.cluster import Cluster, ExistingCluster
from keyless_ecs.aws.network import Network
from keyless_ecs.aws.service import Service
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.regions import FARGATE_ZONES

_PROVIDERS: dict[str, Literal["FARGATE", "FARGATE_SPOT"] | None] = {
    "fargate": None,
    "fargate_provider": "FARGATE",
    "fargate_spot": "FARGATE_SPOT",
}


@dataclass(frozen=True)
class RunningService:
    """A service, by *name*, and the *url* under which it is reached, if it is."""

    name: str
    url: str | None


def running_service(
    stack: Construct,
    delivery: Delivery,
    cluster: Cluster | ExistingCluster,
    *,
    family: str,
    after: Sequence[ITerraformDependable],
) -> RunningService:
    """Create the service of *delivery*, with its network and what stands in front of it.

    Args:
        stack: The stack.
        delivery: The environment.
        cluster: Where it runs.
        family: The task definition's family.
        after: What its first task needs besides.
    """
    settings, capacity = delivery.environment, delivery.environment.capacity
    network = Network(
        stack,
        "network",
        name=delivery.name,
        subnets=settings.network.subnets,
        security_groups=settings.network.security_groups,
        port=delivery.container.port,
        ingress=settings.network.ingress,
        zones=FARGATE_ZONES.get(delivery.region, ()),
    )
    reached = None
    if delivery.reach:
        # Here, because these bindings would cost every run a tenth of its time.
        from keyless_ecs.stacks.reach import reach

        reached = reach(stack, delivery, network)
    service = Service(
        stack,
        "service",
        name=delivery.service_name,
        cluster_arn=cluster.arn,
        family=family,
        count=delivery.count,
        scaled=settings.autoscaling is not None,
        subnets=network.subnets,
        security_groups=network.security_groups,
        public_ip=settings.network.assign_public_ip,
        minimum_healthy_percent=settings.deployment.minimum_healthy_percent,
        maximum_percent=settings.deployment.maximum_percent,
        shift=settings.deployment if settings.deployment.shifts_traffic else None,
        provider=_PROVIDERS[capacity.use],
        shares=capacity.shares,
        exec_allowed=settings.exec,
        served=reached.to_tasks if reached else None,
        depends_on=[*after, *cluster.ready, *(reached.ready if reached else ())],
    )
    if settings.autoscaling:
        from keyless_ecs.aws.autoscaling import Autoscaling

        Autoscaling(
            stack,
            "autoscaling",
            cluster=cluster.name,
            service=service.name,
            minimum=settings.autoscaling.min,
            maximum=settings.autoscaling.max,
            measures=settings.autoscaling.measures,
            schedules=settings.autoscaling.schedules,
            label=reached.label if reached else None,
        )
    if reached:
        TerraformOutput(stack, "url", value=reached.url)
        TerraformOutput(stack, "load_balancer_dns_name", value=reached.dns_name)
    return RunningService(service.name, reached.url if reached else None)
