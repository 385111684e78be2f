"""The task definition and its container."""

from typing import Any

from cdktf import TerraformStack

from keyless_ecs.aws.task_definition import TaskDefinition, container_definition
from tests.conftest import ReadContent, Resources

CONTAINER: dict[str, Any] = {"name": "papyrus", "image": "nginx", "log_group": "/ecs/x"}


def container(**changes: Any) -> dict[str, Any]:
    """Return a container definition that differs from the least one by *changes*."""
    return container_definition(**{**CONTAINER, "region": "ap-northeast-1", **changes})


def test_old_revisions_stay_registered(stack: TerraformStack, resources: Resources) -> None:
    """The service may run one of them, and a roll-back needs it; Terraform follows none."""
    TaskDefinition(
        stack,
        "task",
        family="papyrus-production",
        cpu=256,
        memory=512,
        arm=False,
        container=container(),
        execution_role_arn="arn:1",
        task_role_arn="arn:2",
    )

    assert resources("aws_ecs_task_definition") == {
        "task": {
            "family": "papyrus-production",
            "requires_compatibilities": ["FARGATE"],
            "network_mode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "runtime_platform": {"cpu_architecture": "X86_64", "operating_system_family": "LINUX"},
            "execution_role_arn": "arn:1",
            "task_role_arn": "arn:2",
            "container_definitions": "${jsonencode(local.task_containers)}",
            "skip_destroy": True,
        }
    }


def test_a_container_is_a_local(stack: TerraformStack, content: ReadContent) -> None:
    """A changed variable is one changed line in the pull request."""
    TaskDefinition(
        stack,
        "task",
        family="f",
        cpu=512,
        memory=1024,
        arm=True,
        container=container(),
        execution_role_arn="arn:1",
        task_role_arn="arn:2",
        ephemeral_storage=40,
    )

    task = content()["resource"]["aws_ecs_task_definition"]["task"]
    assert content()["locals"]["task_containers"] == [container()]
    assert task["runtime_platform"]["cpu_architecture"] == "ARM64"
    assert task["ephemeral_storage"] == {"size_in_gib": 40}


def test_the_least_container_has_nothing_at_its_default() -> None:
    """What AWS would assume anyway is not said."""
    assert container() == {
        "name": "papyrus",
        "image": "nginx",
        "essential": True,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/ecs/x",
                "awslogs-region": "ap-northeast-1",
                "awslogs-stream-prefix": "papyrus",
            },
        },
    }


def test_variables_and_secrets_are_sorted() -> None:
    """ECS sorts them; in the file's order every plan would show a change."""
    made = container(variables={"B": "2", "A": "1"}, secrets={"D": "arn:d", "C": "arn:c"})

    assert made["environment"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    assert made["secrets"] == [
        {"name": "C", "valueFrom": "arn:c"},
        {"name": "D", "valueFrom": "arn:d"},
    ]


def test_settings_reach_the_container() -> None:
    """Port, command, health check and a read-only root are said in ECS's own words."""
    check = {"command": ["CMD", "true"], "interval": 5}
    made = container(
        port=8080,
        command=["serve"],
        health_check=check,
        read_only_root=True,
        init_process=True,
    )

    assert made["portMappings"] == [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}]
    assert made["command"] == ["serve"]
    assert made["healthCheck"] == check
    assert made["readonlyRootFilesystem"] is True
    assert made["linuxParameters"] == {"initProcessEnabled": True}
