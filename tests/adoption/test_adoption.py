"""What the first apply and the next push would change of what there is, and what keeps it."""

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from keyless_ecs import adoption
from keyless_ecs.adoption import Found, role
from keyless_ecs.adoption.comparison import Compared
from keyless_ecs.config import load
from keyless_ecs.plans import StackJson
from tests.conftest import Content

REGION, ACCOUNT = "ap-northeast-1", "123456789012"
STACK = "papyrus-production"


def arn(service: str, resource: str, region: str = REGION) -> str:
    """Return an ARN of the example's account."""
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


SERVICE: Content = {
    "serviceArn": arn("ecs", "service/books/papyrus"),
    "serviceName": "papyrus",
    "clusterArn": arn("ecs", "cluster/books"),
    "desiredCount": 6,
    "launchType": "FARGATE",
    "loadBalancers": [],
    "serviceRegistries": [],
    "taskDefinition": arn("ecs", "task-definition/books:41"),
    "deploymentConfiguration": {"maximumPercent": 150, "minimumHealthyPercent": 50},
    "deployments": [{"status": "PRIMARY"}],
    "networkConfiguration": {
        "awsvpcConfiguration": {
            "subnets": ["subnet-0123456789abcdef1", "subnet-0123456789abcdef0"],
            "securityGroups": ["sg-0123456789abcdef0"],
            "assignPublicIp": "DISABLED",
        }
    },
    "schedulingStrategy": "REPLICA",
    "deploymentController": {"type": "ECS"},
    "enableExecuteCommand": True,
    "tags": [{"key": "team", "value": "books"}, {"key": "aws:x", "value": "y"}],
}
CONTAINER: Content = {
    "name": "app",
    "image": "nginx",
    "essential": True,
    "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
    "command": ["serve", "--all"],
    "environment": [{"name": "LOG_LEVEL", "value": "debug"}, {"name": "PIN", "value": "0042"}],
    "secrets": [
        {"name": "DB", "valueFrom": arn("secretsmanager", "secret:db-AbCdEf")},
        {"name": "KEY", "valueFrom": "/books/key"},
    ],
    "healthCheck": {"command": ["CMD-SHELL", "curl -f localhost || exit 1"], "interval": 15},
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/books", "awslogs-region": REGION},
    },
    "mountPoints": [],
    "volumesFrom": [],
}
TASK: Content = {
    "taskDefinitionArn": arn("ecs", "task-definition/books:41"),
    "family": "books",
    "revision": 41,
    "cpu": "1024",
    "memory": "2048",
    "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
    "ephemeralStorage": {"sizeInGiB": 40},
    "executionRoleArn": arn("iam", "role/ecsTaskExecutionRole", ""),
    "taskRoleArn": arn("iam", "role/books", ""),
    "containerDefinitions": [CONTAINER],
    "volumes": [],
}
ROLE: Content = {
    "RoleName": "books-deploy",
    "Arn": arn("iam", "role/books-deploy", ""),
    "Path": "/",
    "AssumeRolePolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": arn("iam", "root", "")},
                "Action": "sts:AssumeRole",
            }
        ],
    },
    "MaxSessionDuration": 14400,
}
PROVIDER: Content = {
    "Url": "token.actions.githubusercontent.com",
    "ClientIDList": ["sts.amazonaws.com", "acme"],
}


@pytest.fixture
def adopting(example: Content) -> Content:
    """Return a delivery file that names what there is, and says nothing else of it."""
    production = example["services"]["papyrus"]["environments"]["production"]
    production.update(
        cluster={"name": "books"},
        service_name="papyrus",
        trust={"role_name": "books-deploy"},
        adopt="all",
    )
    example["accounts"]["main"]["oidc_provider"] = "adopt"
    return example


Compare = Callable[..., list[Compared]]


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """Return what compares what there is with a delivery file."""

    def run(data: Content, **found: Content) -> list[Compared]:
        path = tmp_path / "delivery.yaml"
        path.write_text(json.dumps(data))
        file = load(path, lenient=True)
        things = Found()
        for kind, thing in found.items():
            getattr(things, kind).append(thing)
        stacks = {name: StackJson({}) for name in file.stack_names()}
        return list(adoption.compared(things, file, stacks))

    return run


ALL: Mapping[str, Content] = {
    "services": SERVICE,
    "task_definitions": TASK,
    "roles": ROLE,
    "providers": PROVIDER,
}


def kept(data: Content, compared: list[Compared]) -> Content:
    """Return *data* with the lines that the report says."""
    *_, last = adoption.report(compared)
    lines = YAML(typ="safe").load(last.partition("\n\n")[2])

    def over(one: Any, other: Any) -> Any:
        if not (isinstance(one, dict) and isinstance(other, dict)):
            return other
        return one | {key: over(one.get(key), value) for key, value in other.items()}

    merged: Content = over(copy.deepcopy(data), lines)
    return merged


def test_its_lines_keep_what_there_is(compare: Compare, adopting: Content, tmp_path: Path) -> None:
    """With them the file is taken, and nothing differs but what it says that none can keep."""
    first = compare(adopting, **ALL)
    assert all(it.differences for it in first)

    data = kept(adopting, first)
    assert {difference.setting for it in compare(data, **ALL) for difference in it.differences} == {
        "trust"
    }
    path = tmp_path / "delivery.yaml"
    assert load(path).services["papyrus"].environments["production"].count == 6


def test_every_setting_of_a_service_is_compared(compare: Compare, adopting: Content) -> None:
    """Six tasks in subnets of their own would become one in the default VPC.

    hashicorp/terraform-provider-aws#335
    """
    (it,) = compare(adopting, services=SERVICE)

    assert (it.stack, it.when) == (STACK, "the first apply")
    assert {one.setting: (one.now, one.then) for one in it.differences} == {
        "desired count": ("6", "1"),
        "subnets": (
            "subnet-0123456789abcdef0, subnet-0123456789abcdef1",
            "those of the default VPC",
        ),
        "security groups": ("sg-0123456789abcdef0", "one of its own"),
        "minimum_healthy_percent": ("50", "100"),
        "maximum_percent": ("150", "200"),
        "ECS Exec": ("yes", "no"),
        "tag team": ("books", "none"),
    }


@pytest.mark.parametrize(
    ("there", "setting"),
    [
        ({"loadBalancers": [{"targetGroupArn": "arn:x:targetgroup/a/1"}]}, "load balancers"),
        ({"serviceRegistries": [{"registryArn": "arn:x:service/srv-1"}]}, "service registries"),
        ({"healthCheckGracePeriodSeconds": 90}, "health check grace period"),
        (
            {"deploymentConfiguration": {"alarms": {"alarmNames": ["5xx"], "enable": True}}},
            "deployment alarms",
        ),
        ({"schedulingStrategy": "DAEMON"}, "scheduling strategy"),
        ({"deploymentController": {"type": "CODE_DEPLOY"}}, "deployment controller"),
        ({"launchType": "EC2"}, "capacity"),
        ({"deployments": [{"serviceConnectConfiguration": {"enabled": True}}]}, "Service Connect"),
    ],
)
def test_what_cannot_be_kept_is_named(
    compare: Compare, adopting: Content, there: Content, setting: str
) -> None:
    """It has no line of the file, and says what it means."""
    (it,) = compare(adopting, services={**SERVICE, **there})

    (difference,) = (one for one in it.differences if one.setting == setting)
    assert difference.lines == {}
    assert difference.note


@pytest.mark.parametrize("capacity", ["fargate", "fargate_spot"])
def test_other_providers_of_a_cluster_are_named(
    compare: Compare, adopting: Content, capacity: str
) -> None:
    """The list of a cluster's providers is set as a whole, where this file sets it."""
    adopting["services"]["papyrus"]["environments"]["production"]["capacity"] = capacity
    cluster = {
        "clusterArn": arn("ecs", "cluster/books"),
        "capacityProviders": ["FARGATE", "machines"],
        "defaultCapacityProviderStrategy": [{"capacityProvider": "machines"}],
        "settings": [{"name": "containerInsights", "value": "disabled"}],
    }
    (it,) = compare(adopting, clusters=cluster)

    sets = {("other capacity providers", "machines"), ("default strategy", "machines")}
    assert {(one.setting, one.now) for one in it.differences} == {
        ("Container Insights", "disabled"),
        *(() if capacity == "fargate" else sets),
    }
    assert compare(adopting, clusters={**cluster, "clusterArn": arn("ecs", "cluster/x")}) == []


@pytest.mark.parametrize(
    ("strategy", "word"), [("FARGATE", "fargate_provider"), ("FARGATE_SPOT", "fargate_spot")]
)
def test_a_capacity_provider_is_a_word(
    compare: Compare, adopting: Content, strategy: str, word: str
) -> None:
    """The console makes services with a provider, which has no launch type."""
    service = {k: v for k, v in SERVICE.items() if k != "launchType"}
    service["capacityProviderStrategy"] = [{"capacityProvider": strategy, "weight": 1}]
    (it,) = compare(adopting, services=service)

    (difference,) = (one for one in it.differences if one.setting == "capacity")
    assert (difference.now, difference.then) == (word, "fargate")


def test_a_deployment_strategy_is_compared(compare: Compare, adopting: Content) -> None:
    """One that shifts traffic is not taken back to rolling unseen."""
    deployment = {**SERVICE["deploymentConfiguration"], "strategy": "BLUE_GREEN"}
    (it,) = compare(adopting, services={**SERVICE, "deploymentConfiguration": deployment})

    (difference,) = (one for one in it.differences if one.setting == "deployment strategy")
    assert (difference.now, difference.then) == ("blue_green", "rolling")


def test_a_strategy_of_both_providers_is_kept(compare: Compare, adopting: Content) -> None:
    """With its bases and weights, by the line that the report says."""
    service = {k: v for k, v in SERVICE.items() if k != "launchType"}
    service["capacityProviderStrategy"] = [
        {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 3},
    ]
    first = compare(adopting, services=service)
    (difference,) = (one for one in first[0].differences if one.setting == "capacity")
    lines = difference.lines["services"]["papyrus"]["environments"]["production"]
    assert lines == {"capacity": {"fargate": {"base": 1, "weight": 1}, "fargate_spot": 3}}

    assert compare(kept(adopting, first), services=service)[0].differences == ()


@pytest.mark.parametrize(
    ("there", "setting"),
    [
        ({"volumes": [{"name": "data"}]}, "volumes"),
        ({"containerDefinitions": [CONTAINER, {"name": "proxy"}]}, "container proxy"),
        ({"containerDefinitions": [{**CONTAINER, "user": "1000"}]}, "container's user"),
        (
            {"containerDefinitions": [{**CONTAINER, "logConfiguration": {"logDriver": "x"}}]},
            "log driver",
        ),
    ],
)
def test_what_the_next_push_drops_is_named(
    compare: Compare, adopting: Content, there: Content, setting: str
) -> None:
    """A sidecar, a volume: the pipeline registers what the file describes, and no more."""
    (it,) = compare(adopting, task_definitions={**TASK, **there}, services=SERVICE)[1:]

    (difference,) = (one for one in it.differences if one.setting == setting)
    assert (it.when, difference.lines) == ("the next push", {})
    assert "drops it" in difference.note


def test_a_credential_is_not_shown(compare: Compare, adopting: Content) -> None:
    """In no line and no row: it stands in clear in the task definition, and goes nowhere else."""
    token = "ghp_" + "abcdefghijklmnopqrstuvwxyzABCDEF0123"
    variables = [{"name": "TOKEN", "value": token}]
    task = {**TASK, "containerDefinitions": [{**CONTAINER, "environment": variables}]}
    shown = "\n".join(adoption.report(compare(adopting, task_definitions=task, services=SERVICE)))

    assert "variable TOKEN" in shown
    assert "keep it in Secrets Manager" in shown
    assert token not in shown


def test_who_gets_in_no_more_is_named(compare: Compare, adopting: Content) -> None:
    """A trust policy is replaced as a whole; what IAM reads alike is alike."""
    (it,) = compare(adopting, roles=ROLE)

    (trust,) = (one for one in it.differences if one.setting == "trust")
    assert trust.now == "arn:aws:iam::123456789012:root"


def test_who_gets_in_on_conditions_is_told_from_who_does_not() -> None:
    """A trust policy of the console's has none: it is replaced, and tasks still get in."""
    statement: Content = {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    bound = {**statement, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
    stack = StackJson({"locals": {"task_role_trust": {"Statement": [bound]}}})
    others = {**statement, "Principal": {"Service": "ec2.amazonaws.com"}}
    there = {"AssumeRolePolicyDocument": {"Statement": [statement, others]}}

    assert [it.then for it in role.trust(there, "task_role", stack)] == [
        "tasks of this account and region alone",
        "not in",
    ]


def test_a_boundary_of_the_file_is_not_taken_back(compare: Compare, adopting: Content) -> None:
    """One role has none, another may: a line that ends it for one would end it for all."""
    adopting["accounts"]["main"]["permissions_boundary"] = arn("iam", "policy/boundary", "")
    (it,) = compare(adopting, roles={**ROLE, "PermissionsBoundary": {}})

    (boundary,) = (one for one in it.differences if one.setting == "permissions boundary")
    assert (boundary.now, boundary.lines) == ("none", {})


@pytest.mark.parametrize("mode", ["adopt", "create"])
def test_other_audiences_are_named(compare: Compare, adopting: Content, mode: str) -> None:
    """They are let alone while the provider is adopted, and removed afterwards unless named."""
    adopting["accounts"]["main"]["oidc_provider"] = mode
    (it,) = compare(adopting, providers=PROVIDER)

    (difference,) = it.differences
    assert difference.lines == {"accounts": {"main": {"audiences": ["acme"]}}}
    assert difference.then == ("kept while it is adopted" if mode == "adopt" else "none")


def test_a_provider_without_our_audience_lets_no_job_in(
    compare: Compare, adopting: Content
) -> None:
    """Its list is let alone, so it must hold what our jobs ask for."""
    (it,) = compare(adopting, providers={**PROVIDER, "ClientIDList": ["acme"]})

    assert "add-client-id-to-open-id-connect-provider" in it.differences[0].note


def test_things_of_others_are_left_out(compare: Compare, adopting: Content) -> None:
    """Another cluster, region, family or account: nothing of the file describes it."""
    for kind, thing in (
        ("services", {**SERVICE, "clusterArn": arn("ecs", "cluster/other")}),
        ("services", {**SERVICE, "serviceArn": arn("ecs", "service/books/papyrus", "eu-west-1")}),
        ("task_definitions", TASK),
        ("roles", {**ROLE, "Arn": "arn:aws:iam::210987654321:role/books-deploy"}),
        ("providers", {**PROVIDER, "Url": "example.com"}),
    ):
        assert compare(adopting, **{kind: thing}) == []
