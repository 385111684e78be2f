"""The task definition of one environment."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf_cdktf_provider_aws.ecs_task_definition import (
    EcsTaskDefinition,
    EcsTaskDefinitionEphemeralStorage,
    EcsTaskDefinitionRuntimePlatform,
)
from constructs import Construct

from keyless_ecs.terraform import json_local


class TaskDefinition(Construct):
    """The Fargate task that Terraform describes; the pipeline puts the image into it.

    A new revision leaves the old ones registered (``skip_destroy``), because the service may run
    one of them and a roll-back needs it. Terraform does not follow the pipeline's revisions
    (``track_latest`` is off by default), or every deployment would be a difference in the next
    plan: https://github.com/hashicorp/terraform-provider-aws/issues/632

    Args:
        family: Name of the family.
        cpu: CPU in units of 1/1024 vCPU.
        memory: Memory in MiB.
        arm: Whether the image is for ARM and not for x86.
        container: The container definition, see :func:`container_definition`.
        execution_role_arn: The role with which ECS starts the task.
        task_role_arn: The role of the application.
        ephemeral_storage: Disk in GiB, 20 where None.

    Exposes *arn* and *family*.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        family: str,
        cpu: int,
        memory: int,
        arm: bool,
        container: Mapping[str, Any],
        execution_role_arn: str,
        task_role_arn: str,
        ephemeral_storage: int | None = None,
    ) -> None:
        super().__init__(scope, id_)
        task = EcsTaskDefinition(
            self,
            "Default",
            family=family,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(cpu),
            memory=str(memory),
            runtime_platform=EcsTaskDefinitionRuntimePlatform(
                operating_system_family="LINUX",
                cpu_architecture="ARM64" if arm else "X86_64",
            ),
            ephemeral_storage=(
                EcsTaskDefinitionEphemeralStorage(size_in_gib=ephemeral_storage)
                if ephemeral_storage
                else None
            ),
            execution_role_arn=execution_role_arn,
            task_role_arn=task_role_arn,
            container_definitions=json_local(self, "containers", [container]),
            skip_destroy=True,
        )
        self.arn = task.arn
        self.family = task.family


def container_definition(
    *,
    name: str,
    image: str,
    log_group: str,
    region: str,
    port: int | None = None,
    command: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    health_check: Mapping[str, Any] | None = None,
    read_only_root: bool = False,
    init_process: bool = False,
) -> dict[str, Any]:
    """Return a container definition as ECS takes it, without what is at its default.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    """
    optional = {
        "portMappings": (
            [{"containerPort": port, "hostPort": port, "protocol": "tcp"}] if port else None
        ),
        "command": list(command),
        "environment": _sorted(variables, "value"),
        "secrets": _sorted(secrets, "valueFrom"),
        "healthCheck": health_check,
        "readonlyRootFilesystem": read_only_root,
        # Reaps what ECS Exec leaves behind.
        "linuxParameters": {"initProcessEnabled": True} if init_process else None,
    }
    return {
        "name": name,
        "image": image,
        "essential": True,
        **{key: value for key, value in optional.items() if value},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group,
                "awslogs-region": region,
                "awslogs-stream-prefix": name,
            },
        },
    }


def _sorted(values: Mapping[str, str] | None, key: str) -> list[dict[str, str]]:
    """ECS returns these lists sorted by name; in another order every plan would show a change."""
    return [{"name": name, key: value} for name, value in sorted((values or {}).items())]
