"""The ECS service."""

from typing import Any

from cdktf import TerraformStack

from keyless_ecs.aws.service import Service
from tests.conftest import Resources


def service(stack: TerraformStack, resources: Resources, **changes: Any) -> dict[str, Any]:
    """Return the service that differs from a plain one by *changes*."""
    plain: dict[str, Any] = {
        "name": "papyrus-production",
        "cluster_arn": "arn:cluster",
        "family": "papyrus-production",
        "count": 1,
        "subnets": ["subnet-1"],
        "security_groups": ["sg-1"],
        "public_ip": True,
    }
    Service(stack, "service", **{**plain, **changes})
    return resources("aws_ecs_service")["service"]


def test_the_pipeline_owns_the_running_revision(
    stack: TerraformStack, resources: Resources
) -> None:
    """A deployment is no difference in the next plan; a service made anew begins with the last."""
    made = service(stack, resources)

    assert made["task_definition"] == "papyrus-production"
    assert made["lifecycle"] == {"ignore_changes": ["task_definition"]}


def test_a_failed_deployment_rolls_back(stack: TerraformStack, resources: Resources) -> None:
    """ECS itself stops what does not become healthy and returns to what was."""
    made = service(stack, resources)

    assert made["deployment_circuit_breaker"] == {"enable": True, "rollback": True}


def test_exec_is_off_unless_asked_for(stack: TerraformStack, resources: Resources) -> None:
    """A shell in production is a decision, not a default."""
    assert "enable_execute_command" not in service(stack, resources)


def test_spot_replaces_the_launch_type(stack: TerraformStack, resources: Resources) -> None:
    """ECS refuses a service that names both a launch type and capacity providers."""
    made = service(stack, resources, provider="FARGATE_SPOT", exec_allowed=True)

    assert made["capacity_provider_strategy"] == [
        {"capacity_provider": "FARGATE_SPOT", "weight": 1}
    ]
    assert "launch_type" not in made
    assert made["enable_execute_command"] is True
