"""The task definitions of one environment."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ecs_task_definition import (
    EcsTaskDefinition,
    EcsTaskDefinitionEphemeralStorage,
    EcsTaskDefinitionRuntimePlatform,
)
from constructs import Construct

from keyless_ecs.config.container import Container
from keyless_ecs.config.health_check import HealthCheck
from keyless_ecs.terraform import json_local, literal


class TaskDefinition(Construct):
    """The Fargate task that Terraform describes; the pipeline puts the image into it.

    There are two families. The template is what Terraform describes: the pipeline takes its newest
    revision, puts the image in and registers that in the family that runs. Of this one Terraform
    registers the first revision, the placeholder, and then ignores what becomes of it: or every
    deployment would be a difference in the next plan.
    https://github.com/hashicorp/terraform-provider-aws/issues/632

    A new revision leaves the old ones registered (``skip_destroy``), because a deployment that has
    begun may be filling one in.

    Args:
        family: Name of the family.
        cpu: CPU in units of 1/1024 vCPU.
        memory: Memory in MiB.
        architecture: ``x86_64`` or ``arm64``, for which the image is built.
        container: The container definition, see :func:`container_definition`.
        execution_role_arn: The role with which ECS starts the task.
        task_role_arn: The role of the application, None for none.
        ephemeral_storage: Disk in GiB, 20 where None.
        runs: Whether it is the first revision of the family that runs.

    Exposes *family*.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        family: str,
        cpu: int,
        memory: int,
        architecture: str,
        container: Mapping[str, Any],
        execution_role_arn: str,
        task_role_arn: str | None,
        ephemeral_storage: int | None = None,
        runs: bool = False,
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
                cpu_architecture=architecture.upper(),
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
            lifecycle=TerraformResourceLifecycle(ignore_changes="all") if runs else None,
        )
        self.family = task.family


def container_definition(
    container: Container, *, name: str, log_group: str, region: str, init_process: bool = False
) -> dict[str, Any]:
    """Return a container definition as ECS takes it, without what nobody asked for.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html

    Args:
        container: The container's settings; one that was set is written, also where it is 0 or
            false.
        name: Its name in the task definition.
        log_group: Where its logs go.
        region: The region of the log group.
        init_process: Whether a first process reaps what others leave behind, as ECS Exec does.
    """
    check = container.health_check
    settings: dict[str, tuple[str, Any]] = {
        "command": ("command", _literal(container.command)),
        "variables": (
            "environment",
            _sorted({key: literal(value) for key, value in container.variables.items()}, "value"),
        ),
        "secrets": ("secrets", _sorted(container.secrets, "valueFrom")),
        "health_check": ("healthCheck", check and _health_check(check)),
        "read_only_root": ("readonlyRootFilesystem", container.read_only_root),
    }
    return {
        "name": name,
        "image": container.image,
        "essential": True,
        **port_mappings(container.port),
        **{
            key: value
            for setting, (key, value) in settings.items()
            if setting in container.model_fields_set
            and getattr(container, setting) not in (None, (), {})
        },
        **({"linuxParameters": {"initProcessEnabled": True}} if init_process else {}),
        **log_configuration(name, log_group=log_group, region=region),
    }


def port_mappings(port: int | None) -> dict[str, Any]:
    """Return what opens *port* of a container, nothing where it has none."""
    mapping = {"containerPort": port, "hostPort": port, "protocol": "tcp"}
    return {"portMappings": [mapping]} if port else {}


def log_configuration(name: str, *, log_group: str, region: str) -> dict[str, Any]:
    """Return what sends the logs of the container *name* to CloudWatch."""
    return {
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group,
                "awslogs-region": region,
                "awslogs-stream-prefix": name,
            },
        }
    }


def _health_check(check: HealthCheck) -> dict[str, Any]:
    return {
        "command": _literal(check.test),
        "interval": check.interval,
        "timeout": check.timeout,
        "retries": check.retries,
        "startPeriod": check.start_period,
    }


def _literal(words: Sequence[str]) -> list[str]:
    return [literal(word) for word in words]


def _sorted(values: Mapping[str, str], key: str) -> list[dict[str, str]]:
    """ECS returns these lists sorted by name; in another order every plan would show a change."""
    return [{"name": name, key: value} for name, value in sorted(values.items())]
