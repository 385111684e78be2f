"""The task definition and its container."""

from typing import Any

from cdktf import TerraformStack

from keyless_ecs.aws.task_definition import TaskDefinition, container_definition
from keyless_ecs.config.container import Container
from tests.conftest import ReadContent, Resources

PARAMETER = "arn:aws:ssm:ap-northeast-1:123456789012:parameter/papyrus"


def container(**settings: Any) -> dict[str, Any]:
    """Return the definition of a container of which *settings* were asked for."""
    return container_definition(
        Container(image="nginx", **settings),
        name="papyrus",
        log_group="/ecs/x",
        region="ap-northeast-1",
    )


def defined(stack: TerraformStack, **other: Any) -> None:
    """Define in *stack* a task that has *other* arguments than the usual ones."""
    usual: dict[str, Any] = {
        "family": "papyrus-production",
        "cpu": 256,
        "memory": 512,
        "architecture": "x86_64",
        "container": container(),
        "execution_role_arn": "arn:1",
        "task_role_arn": "arn:2",
    }
    TaskDefinition(stack, "task", **{**usual, **other})


def test_old_revisions_stay_registered(stack: TerraformStack, resources: Resources) -> None:
    """The service may run one of them, and a roll-back needs it; Terraform follows none."""
    defined(stack)

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


def test_what_runs_is_the_pipelines(stack: TerraformStack, resources: Resources) -> None:
    """Of the family that runs Terraform registers the first revision, and no other."""
    defined(stack, task_role_arn=None, runs=True)

    made = resources("aws_ecs_task_definition")["task"]
    assert made["lifecycle"] == {"ignore_changes": "all"}
    assert "task_role_arn" not in made


def test_a_container_is_a_local(stack: TerraformStack, content: ReadContent) -> None:
    """A changed variable is one changed line in the pull request."""
    defined(stack, architecture="arm64", ephemeral_storage=40)

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
    made = container(
        variables={"B": "2", "A": "1"}, secrets={"D": f"{PARAMETER}/d", "C": f"{PARAMETER}/c"}
    )

    assert made["environment"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    assert made["secrets"] == [
        {"name": "C", "valueFrom": f"{PARAMETER}/c"},
        {"name": "D", "valueFrom": f"{PARAMETER}/d"},
    ]


def test_settings_reach_the_container() -> None:
    """Port, command, health check and a read-only root are said in ECS's own words."""
    made = container(
        port=8080,
        command=["serve"],
        health_check={"command": ["true"], "interval": 5},
        read_only_root=True,
    )

    assert made["portMappings"] == [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}]
    assert made["command"] == ["serve"]
    assert made["healthCheck"] == {
        "command": ["CMD", "true"],
        "interval": 5,
        "timeout": 5,
        "retries": 3,
        "startPeriod": 0,
    }
    assert made["readonlyRootFilesystem"] is True


def test_what_was_asked_for_is_written_though_it_is_the_default() -> None:
    """False and 0 are answers, and whoever gave them finds them; nothing and empty are none."""
    made = container(read_only_root=False, port=None, command=[], variables={})

    assert made == {**container(), "readonlyRootFilesystem": False}


def test_terraform_reads_no_text_of_the_container() -> None:
    """A dollar in a command or a variable arrives as it was written."""
    made = container(
        command=["echo", "${HOME}"],
        variables={"PRICE": "%{x}"},
        health_check={"command": ["CMD-SHELL", "test ${PORT}"]},
    )

    assert made["command"] == ["echo", "$${HOME}"]
    assert made["environment"] == [{"name": "PRICE", "value": "%%{x}"}]
    assert made["healthCheck"]["command"] == ["CMD-SHELL", "test $${PORT}"]


def test_exec_has_a_process_to_reap() -> None:
    """ECS Exec leaves processes behind, and the application need not know of them."""
    made = container_definition(
        Container(), name="papyrus", log_group="/ecs/x", region="eu-west-1", init_process=True
    )

    assert made["linuxParameters"] == {"initProcessEnabled": True}
