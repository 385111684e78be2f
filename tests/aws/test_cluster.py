"""The ECS cluster and its logs."""

from cdktf import TerraformStack

from keyless_ecs.aws.cluster import Cluster
from keyless_ecs.aws.log_group import LogGroup
from tests.conftest import Resources


def test_container_insights_are_on(stack: TerraformStack, resources: Resources) -> None:
    """What the tasks use is measured from the first day."""
    Cluster(stack, "cluster", name="papyrus-production")

    assert resources("aws_ecs_cluster") == {
        "cluster": {
            "name": "papyrus-production",
            "setting": [{"name": "containerInsights", "value": "enabled"}],
        }
    }
    assert resources("aws_ecs_cluster_capacity_providers") == {}


def test_spot_is_offered_only_where_asked_for(stack: TerraformStack, resources: Resources) -> None:
    """Fargate Spot needs the cluster to name it."""
    Cluster(stack, "cluster", name="papyrus-production", providers=True)

    providers = resources("aws_ecs_cluster_capacity_providers")["cluster_capacity"]
    assert providers["capacity_providers"] == ["FARGATE", "FARGATE_SPOT"]


def test_logs_are_not_kept_for_ever(stack: TerraformStack, resources: Resources) -> None:
    """A log group without retention grows and costs without end."""
    LogGroup(stack, "logs", name="/ecs/papyrus-production", retention_days=30)

    assert resources("aws_cloudwatch_log_group") == {
        "logs": {"name": "/ecs/papyrus-production", "retention_in_days": 30}
    }
