"""The one table of what resources are and bill."""

from keyless_ecs.plans.matters import MATTERS
from keyless_ecs.review.cost import bills
from keyless_ecs.review.facts import FACTS
from tests.conftest import ROOT
from tests.support.rehearsed import STACK, generated

PINNED = (ROOT / "tests/data/addresses.txt").read_text().split()


def test_every_type_that_is_written_has_a_row() -> None:
    """Without one, a plan would be told in Terraform's words, and its cost not at all.

    Add a row to FACTS in keyless_ecs/review/facts.py.
    """
    types = {address.partition(".")[0] for address in PINNED if "." in address}

    assert types - FACTS.keys() == set()
    assert MATTERS.keys() - FACTS.keys() == set()


def test_the_example_bills_what_aws_bills() -> None:
    """https://aws.amazon.com/fargate/pricing/ and the pages of ECR and CloudWatch."""
    assert dict(bills(generated(STACK))).keys() == {
        "aws_cloudwatch_log_group.logs",
        "aws_ecr_repository.registry",
        "aws_ecs_cluster.cluster",
        "aws_ecs_service.service",
    }


def test_settings_change_the_bill() -> None:
    """Spot, disk beyond what is free, addresses, how long logs stay."""
    stack = {
        "resource": {
            "aws_ecs_service": {
                "service": {
                    "desired_count": 1,
                    "capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT"}],
                    "network_configuration": {"assign_public_ip": True},
                }
            },
            "aws_ecs_task_definition": {"task": {"ephemeral_storage": {"size_in_gib": 30}}},
            "aws_cloudwatch_log_group": {"logs": {}},
        }
    }

    said = " / ".join(text for _, text in bills(stack))
    assert "1 task by the second, at the price of Spot; a public IPv4 address" in said
    assert "10 GiB of disk" in said
    assert "for ever" in said
