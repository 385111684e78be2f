"""Stops that no resource's replacement shows."""

import pytest

from keyless_ecs.plans import values
from keyless_ecs.plans.content import StackJson
from tests.conftest import Content

PROVIDER = "aws_iam_openid_connect_provider"


def addresses(old: Content, new: Content) -> list[str]:
    """Return the addresses at which a change from *old* to *new* stops."""
    stacks = StackJson({"resource": old}), StackJson({"resource": new})
    return [stop.address for rule in values.RULES for stop in rule("a", *stacks)]


def family(value: str) -> Content:
    """Return a stack that tells the pipeline this family, by a resource that it ignores."""
    task = {"family": value, "lifecycle": {"ignore_changes": "all"}}
    told = {"variable_name": "ECS_TASK_FAMILY", "value": "${aws_ecs_task_definition.task.family}"}
    return {
        "aws_ecs_task_definition": {"task": task},
        "github_actions_variable": {"family": told},
    }


def test_another_family_stops() -> None:
    """Its revisions are out of the pipeline's reach, whether Terraform replaces anything or not."""
    said = {"family": {"secret_name": "ECS_TASK_FAMILY", "plaintext_value": "shop"}}
    elsewhere = {"github_actions_secret": said}

    assert addresses(family("web"), family("web")) == []
    assert addresses(family("web"), family("shop")) == ["github_actions_variable.family"]
    assert addresses(family("web"), elsewhere) == ["github_actions_secret.family"]
    assert addresses(family("shop"), elsewhere) == []


@pytest.mark.parametrize(
    ("before", "after", "stops"),
    [
        (["client_id_list"], [], True),
        (["client_id_list"], ["client_id_list"], False),
        ([], [], False),
        ([], ["client_id_list"], False),
    ],
)
def test_audiences_that_were_let_alone_stop(
    before: list[str], after: list[str], stops: bool
) -> None:
    """After the adoption the list is what the file says: the others want to be named."""

    def provider(ignored: list[str]) -> Content:
        lifecycle = {"ignore_changes": ignored}
        return {PROVIDER: {"github_oidc": {"client_id_list": ["a"], "lifecycle": lifecycle}}}

    assert bool(addresses(provider(before), provider(after))) == stops
