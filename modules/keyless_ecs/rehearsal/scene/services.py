"""The ECS services, as the local AWS has them."""

from moto.ecs.models import ecs_backends

from keyless_ecs.config import Delivery
from keyless_ecs.config.autoscaling import Autoscaling
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.report.record import Revision


def running(aws: LocalAws, delivery: Delivery) -> Revision:
    """Return the revision that a service runs, and the image of its container."""
    ecs = aws.client("ecs", delivery.account.id, delivery.region)
    (service,) = ecs.describe_services(
        cluster=delivery.cluster_name, services=[delivery.service_name]
    )["services"]
    definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])
    found = definition["taskDefinition"]
    (image,) = [
        container["image"]
        for container in found["containerDefinitions"]
        if container["name"] == delivery.container_name
    ]
    return Revision(f"{found['family']}:{found['revision']}", image)


def start_tasks(
    aws: LocalAws, delivery: Delivery, *, count: int | None = None, state: str = "COMPLETED"
) -> None:
    """Let as many tasks run as the service wants, or *count*, and its deployment be in *state*.

    Moto has no scheduler that would do either.
    """
    aws.client("ecs", delivery.account.id, delivery.region).update_service(
        cluster=delivery.cluster_name,
        service=delivery.service_name,
        desiredCount=delivery.count if count is None else count,
    )
    services = ecs_backends[delivery.account.id][delivery.region].services
    service = services[f"{delivery.cluster_name}:{delivery.service_name}"]
    service.deployments[0]["rolloutState"] = state


def scale_out(aws: LocalAws, delivery: Delivery, scaling: Autoscaling) -> None:
    """Do what scaling does: as many tasks as may run, and the bounds of its first schedule."""
    start_tasks(aws, delivery, count=scaling.max)
    client = aws.client("application-autoscaling", delivery.account.id, delivery.region)
    for hours in [*scaling.schedules.values()][:1]:
        bounds = {"MinCapacity": hours.min, "MaxCapacity": hours.max}
        client.register_scalable_target(
            ServiceNamespace="ecs",
            ScalableDimension="ecs:service:DesiredCount",
            ResourceId=f"service/{delivery.cluster_name}/{delivery.service_name}",
            **{bound: count for bound, count in bounds.items() if count is not None},
        )


def newest(aws: LocalAws, delivery: Delivery) -> tuple[str, int]:
    """Return the newest revision of the family, ``family:revision``, and its memory in MiB."""
    ecs = aws.client("ecs", delivery.account.id, delivery.region)
    found = ecs.describe_task_definition(taskDefinition=delivery.task_family)["taskDefinition"]
    return f"{found['family']}:{found['revision']}", int(found["memory"])
