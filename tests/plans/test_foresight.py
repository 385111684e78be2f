"""What Terraform would destroy, from the JSON that stood there and the one that stands there."""

from typing import Any

import pytest

from keyless_ecs.plans import foresight
from keyless_ecs.plans.content import StackJson
from keyless_ecs.plans.foresight import Cause, Step
from tests.conftest import Content

AES256 = {"encryption_type": "AES256"}
SERVICE = "aws_ecs_service.service"
CLUSTER = "aws_ecs_cluster.cluster"
BEFORE: Content = {
    "provider": {"aws": [{"region": "eu-west-1", "allowed_account_ids": ["123456789012"]}]},
    "locals": {"rules": {"rules": []}},
    "resource": {
        "aws_ecr_repository": {
            "registry": {"name": "web", "encryption_configuration": [{"encryption_type": "AES256"}]}
        },
        "aws_ecr_lifecycle_policy": {
            "registry_lifecycle": {
                "repository": "${aws_ecr_repository.registry.name}",
                "policy": "${jsonencode(local.rules)}",
            }
        },
        "aws_ecs_cluster": {"cluster": {"name": "web"}},
        "aws_ecs_service": {
            "service": {
                "name": "web",
                "cluster": "${aws_ecs_cluster.cluster.arn}",
                "launch_type": "FARGATE",
                "task_definition": "${aws_ecs_task_definition.task.arn}",
                "lifecycle": {"ignore_changes": ["task_definition"]},
            }
        },
        "aws_ecs_task_definition": {
            "task": {"family": "web", "cpu": "256", "container_definitions": "[]"}
        },
        "aws_iam_role": {"task_role": {"name": "web-task"}},
    },
}


def foresee(old: Content, new: Content) -> dict[str, Step]:
    """Return what is foreseen."""
    return foresight.foresee(StackJson(old), StackJson(new))


def after(type_: str, thing: str, /, **arguments: Any) -> Content:
    """Return the stack with these arguments of one resource; None takes an argument away."""
    named = {**BEFORE["resource"].get(type_, {})}
    changed = {**named.get(thing, {}), **arguments}
    named[thing] = {key: value for key, value in changed.items() if value is not None}
    return {**BEFORE, "resource": {**BEFORE["resource"], type_: named}}


def without(address: str, **blocks: Any) -> Content:
    """Return the stack without the resource at *address*, and with these *blocks*."""
    type_, name = address.split(".")
    named = {key: it for key, it in BEFORE["resource"][type_].items() if key != name}
    return {**BEFORE, **blocks, "resource": {**BEFORE["resource"], type_: named}}


def acts(new: Content, old: Content = BEFORE) -> dict[str, str]:
    """Return what is foreseen at each address."""
    return {address: step.act for address, step in foresee(old, new).items()}


def test_nothing_is_foreseen_of_what_stays() -> None:
    """A change in place destroys nothing."""
    assert acts(BEFORE) == {}
    assert acts(after("aws_ecs_service", "service", desired_count=3)) == {}


def test_what_is_gone_is_destroyed() -> None:
    """An address that no longer stands there is one that Terraform destroys."""
    assert foresee(BEFORE, without(CLUSTER))[CLUSTER] == Step("destroy", Cause(CLUSTER))


def test_what_is_called_otherwise_stays() -> None:
    """``moved`` says what a thing was called, and references to it follow."""
    new = without(CLUSTER, moved=[{"from": CLUSTER, "to": "aws_ecs_cluster.main"}])
    new["resource"]["aws_ecs_cluster"] = {"main": {"name": "web"}}
    new["resource"]["aws_ecs_service"] = {
        "service": {
            **BEFORE["resource"]["aws_ecs_service"]["service"],
            "cluster": "${aws_ecs_cluster.main.arn}",
        }
    }

    assert acts(new) == {}


def test_what_is_forgotten_stays() -> None:
    """A ``removed`` block lets Terraform forget a thing and leave it where it is."""
    forgotten = {"from": CLUSTER, "lifecycle": {"destroy": False}}
    destroyed = {"from": CLUSTER, "lifecycle": {"destroy": True}}

    assert CLUSTER not in acts(without(CLUSTER, removed=[forgotten]))
    assert CLUSTER in acts(without(CLUSTER, removed=[destroyed]))


def test_a_changed_argument_replaces() -> None:
    """One that AWS cannot change; the cause says which, from what, to what."""
    steps = foresee(BEFORE, after("aws_ecr_repository", "registry", name="shop"))

    cause = Cause("aws_ecr_repository.registry", "name", "web", "shop")
    assert steps["aws_ecr_repository.registry"] == Step("replace", cause)


def test_what_names_a_replaced_thing_is_replaced_too() -> None:
    """Its new id is not known before the apply; the first cause is the one that is told."""
    content = after("aws_security_group", "group", description="b", vpc_id="vpc-1")
    rule = {"rule": {"security_group_id": "${aws_security_group.group.id}"}}
    content["resource"]["aws_vpc_security_group_egress_rule"] = rule
    old = after("aws_security_group", "group", description="a", vpc_id="vpc-1")
    old["resource"]["aws_vpc_security_group_egress_rule"] = rule

    cause = Cause("aws_security_group.group", "description", "a", "b")
    assert foresee(old, content) == {
        "aws_security_group.group": Step("replace", cause),
        "aws_vpc_security_group_egress_rule.rule": Step("replace", cause),
    }


def test_a_cluster_takes_its_service_along() -> None:
    """A service cannot change its cluster, and one of another name is another cluster."""
    new = after("aws_ecs_cluster", "cluster", name="shop")

    assert acts(new) == {CLUSTER: "replace", SERVICE: "replace"}


def test_the_same_cluster_named_otherwise_is_the_same() -> None:
    """A reference and the ARN that it comes to are one value: others may own it from now on."""
    arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/web"

    assert acts(after("aws_ecs_service", "service", cluster=arn)) == {}


def test_a_local_is_looked_into() -> None:
    """A policy stands as a local; the text that names it stays what it is."""
    new = {**BEFORE, "locals": {"rules": {"rules": [{"rulePriority": 1}]}}}

    assert acts(new) == {"aws_ecr_lifecycle_policy.registry_lifecycle": "replace"}


@pytest.mark.parametrize("ignored", ["all", ["family"], ["cpu", "family"]])
def test_what_the_lifecycle_ignores_plans_nothing(ignored: Any) -> None:
    """Under its own ``ignore_changes``, as it stands in the new JSON."""
    lifecycle = {"ignore_changes": ignored}
    new = after("aws_ecs_task_definition", "task", family="shop", lifecycle=lifecycle)

    assert acts(new) == {}
    assert acts(after("aws_ecs_task_definition", "task", family="shop")) != {}


def test_a_part_that_is_ignored_ignores_no_more() -> None:
    """``encryption_configuration[0].kms_key`` says nothing of the type of encryption."""
    kms = [{"encryption_type": "KMS"}]
    for path, ignores in (
        ("encryption_configuration", True),
        ("encryption_configuration[0].encryption_type", True),
        ("encryption_configuration[0].kms_key", False),
    ):
        lifecycle = {"ignore_changes": [path]}
        new = after(
            "aws_ecr_repository", "registry", encryption_configuration=kms, lifecycle=lifecycle
        )
        assert (acts(new) == {}) == ignores, path


@pytest.mark.parametrize(
    ("type_", "name", "arguments"),
    [
        ("aws_ecs_service", "service", {"launch_type": None}),
        ("aws_ecs_service", "service", {"scheduling_strategy": "REPLICA"}),
        ("aws_ecr_repository", "registry", {"encryption_configuration": None}),
        (
            "aws_ecr_repository",
            "registry",
            {"encryption_configuration": AES256},
        ),
        ("aws_iam_role", "task_role", {"path": "/"}),
    ],
)
def test_a_default_that_is_written_or_left_out_is_no_change(
    type_: str, name: str, arguments: Content
) -> None:
    """What the provider computes it keeps; what is the default is the same as nothing."""
    new = after(type_, name, **arguments)

    assert acts(new) == {}


def test_a_launch_type_in_place_of_a_strategy_replaces() -> None:
    """There was none, so what it becomes is another one."""
    old = after("aws_ecs_service", "service", launch_type=None)

    assert acts(BEFORE, old) == {SERVICE: "replace"}


def test_another_region_replaces_what_is_regional() -> None:
    """Roles are the account's, and stay; a resource with a region of its own stays too."""
    old, new = (
        {**BEFORE, "provider": {"aws": [{"region": it}]}} for it in ("eu-west-1", "eu-west-2")
    )

    assert set(foresee(old, new).values()) == {
        Step("replace", Cause("provider.aws", "region", "eu-west-1", "eu-west-2"))
    }
    assert "aws_iam_role.task_role" not in foresee(old, new)


@pytest.mark.parametrize(
    ("provider", "old", "new", "lost"),
    [
        ("aws", {"allowed_account_ids": ["1" * 12]}, {"allowed_account_ids": ["2" * 12]}, True),
        ("aws", {"assume_role": [{"role_arn": "a"}]}, {"assume_role": [{"role_arn": "b"}]}, False),
        ("github", {"owner": "acme"}, {"owner": "other"}, True),
        ("github", {"owner": "acme"}, {"owner": "Acme"}, False),
    ],
)
def test_what_is_looked_for_elsewhere_is_lost_from_sight(
    provider: str, old: Content, new: Content, lost: bool
) -> None:
    """In another account or under another owner Terraform finds nothing, and makes it again."""
    thing = {"aws": "aws_iam_role", "github": "github_repository_environment"}[provider]
    content = {"resource": {thing: {"it": {"name": "x", "repository": "r", "environment": "e"}}}}

    steps = foresee(
        {**content, "provider": {provider: [old]}}, {**content, "provider": {provider: [new]}}
    )
    assert {address: step.act for address, step in steps.items()} == (
        {f"{thing}.it": "lose"} if lost else {}
    )
