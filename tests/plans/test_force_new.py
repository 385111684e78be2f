"""The table of what forces replacement, against the bindings and against real plans."""

import importlib
import inspect
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.config.providers import CONSTRAINTS
from keyless_ecs.plans.force_new import FORCE_NEW, REGION
from keyless_ecs.rehearsal.github import plugin
from keyless_ecs.rehearsal.terraform.providers import Providers, provide
from keyless_ecs.rehearsal.terraform.terraform import Terraform
from tests.conftest import ROOT
from tests.support.terraform import needs_terraform

ADDRESSES = ROOT / "tests/data/addresses.txt"


def arguments_of(type_: str, block: str = "") -> set[str]:
    """Return the arguments that the bindings have for a type of resource, or for a block of it."""
    provider, _, rest = type_.partition("_")
    module = importlib.import_module(f"cdktf_cdktf_provider_{provider}.{rest}")
    (name,) = (
        name
        for name, it in vars(module).items()
        if inspect.isclass(it) and getattr(it, "TF_RESOURCE_TYPE", None) == type_
    )
    ending = "".join(map(str.capitalize, block.split("_"))) if block else "Config"
    return set(inspect.signature(getattr(module, name + ending).__init__).parameters)


def test_every_type_that_is_written_has_a_row() -> None:
    """Without one nothing that changes in it would ever be seen to destroy it."""
    written = {line.split()[1].partition(".")[0] for line in ADDRESSES.read_text().splitlines()}

    assert sorted(written - FORCE_NEW.keys()) == []


@pytest.mark.parametrize("type_", FORCE_NEW)
def test_every_argument_of_a_row_exists(type_: str) -> None:
    """An argument that the provider does not know is a row that watches nothing."""
    known = arguments_of(type_)
    for argument in FORCE_NEW[type_]:
        block, _, inner = argument.partition(".")
        assert block in known, argument
        assert not inner or inner in arguments_of(type_, block), argument


@pytest.mark.parametrize("type_", FORCE_NEW)
def test_what_is_regional_is_replaced_with_its_region(type_: str) -> None:
    """The bindings of version 6 give every regional resource an argument ``region``."""
    regional = "region" in arguments_of(type_)

    assert (FORCE_NEW[type_].get("region") is REGION) == regional


ROLE = "arn:aws:iam::123456789012:role/"
LB = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/x/1/"
GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/"
CONTAINERS = '[{{"name": "{}", "image": "nginx"}}]'
POLICY = '{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "{}"}}]}}'

CHANGES: Mapping[str, Mapping[str, tuple[Any, Any]]] = {
    "aws_acm_certificate": {
        "domain_name": ("a.example.com", "b.example.com"),
        "subject_alternative_names": (["c.example.com"], ["d.example.com"]),
        "validation_method": ("DNS", "EMAIL"),
    },
    "aws_acm_certificate_validation": {
        "certificate_arn": (f"{CERTIFICATE}a", f"{CERTIFICATE}b"),
        "validation_record_fqdns": (["a"], ["b"]),
    },
    "aws_appautoscaling_policy": {
        "name": ("a", "b"),
        "resource_id": ("service/a/a", "service/b/b"),
        "scalable_dimension": ("ecs:service:DesiredCount", "ecs:service:Other"),
        "service_namespace": ("ecs", "custom-resource"),
    },
    "aws_appautoscaling_scheduled_action": {
        "name": ("a", "b"),
        "resource_id": ("service/a/a", "service/b/b"),
        "scalable_dimension": ("ecs:service:DesiredCount", "ecs:service:Other"),
        "service_namespace": ("ecs", "custom-resource"),
        "schedule": ("rate(1 hour)", "rate(2 hours)"),
        "scalable_target_action": (
            [{"min_capacity": "1", "max_capacity": "2"}],
            [{"min_capacity": "2", "max_capacity": "3"}],
        ),
    },
    "aws_appautoscaling_target": {
        "max_capacity": (2, 3),
        "min_capacity": (1, 2),
        "resource_id": ("service/a/a", "service/b/b"),
        "role_arn": (f"{ROLE}a", f"{ROLE}b"),
        "scalable_dimension": ("ecs:service:DesiredCount", "ecs:service:Other"),
        "service_namespace": ("ecs", "custom-resource"),
    },
    "aws_cloudwatch_log_group": {
        "kms_key_id": (f"{KEY}a", f"{KEY}b"),
        "name": ("/a", "/b"),
        "retention_in_days": (30, 60),
    },
    "aws_ecr_lifecycle_policy": {
        "policy": ('{"rules": []}', '{"rules": [1]}'),
        "repository": ("aa", "bb"),
    },
    "aws_ecr_repository": {
        "encryption_configuration": (
            [{"encryption_type": "AES256", "kms_key": ""}],
            [{"encryption_type": "KMS", "kms_key": f"{KEY}a"}],
        ),
        "image_scanning_configuration": ([{"scan_on_push": True}], [{"scan_on_push": False}]),
        "image_tag_mutability": ("MUTABLE", "IMMUTABLE"),
        "name": ("aa", "bb"),
    },
    "aws_ecr_repository_policy": {
        "policy": (POLICY.format("ecr:A"), POLICY.format("ecr:B")),
        "repository": ("aa", "bb"),
    },
    "aws_ecs_cluster": {
        "name": ("a", "b"),
        "setting": (
            [{"name": "containerInsights", "value": "enabled"}],
            [{"name": "containerInsights", "value": "disabled"}],
        ),
    },
    "aws_ecs_service": {
        "cluster": ("a", "b"),
        "deployment_circuit_breaker": (
            [{"enable": True, "rollback": True}],
            [{"enable": True, "rollback": False}],
        ),
        "deployment_controller": ([{"type": "ECS"}], [{"type": "EXTERNAL"}]),
        "deployment_maximum_percent": (200, 150),
        "deployment_minimum_healthy_percent": (100, 50),
        "desired_count": (1, 2),
        "enable_execute_command": (False, True),
        "health_check_grace_period_seconds": (60, 30),
        "launch_type": ("FARGATE", "EC2"),
        "name": ("a", "b"),
        "network_configuration": (
            [{"subnets": ["subnet-1"], "security_groups": ["sg-1"], "assign_public_ip": True}],
            [{"subnets": ["subnet-2"], "security_groups": ["sg-2"], "assign_public_ip": False}],
        ),
        "propagate_tags": ("SERVICE", "TASK_DEFINITION"),
        "scheduling_strategy": ("REPLICA", "DAEMON"),
        "task_definition": ("a:1", "b:2"),
    },
    "aws_ecs_task_definition": {
        "container_definitions": (CONTAINERS.format("a"), CONTAINERS.format("b")),
        "cpu": ("256", "512"),
        "execution_role_arn": (f"{ROLE}a", f"{ROLE}b"),
        "family": ("a", "b"),
        "ipc_mode": ("host", "none"),
        "memory": ("512", "1024"),
        "network_mode": ("awsvpc", "bridge"),
        "pid_mode": ("host", "task"),
        "requires_compatibilities": (["FARGATE"], ["EC2"]),
        "task_role_arn": (f"{ROLE}a", f"{ROLE}b"),
        "volume": ([{"name": "a"}], [{"name": "b"}]),
    },
    "aws_iam_openid_connect_provider": {
        "client_id_list": (["a"], ["b"]),
        "thumbprint_list": (["a" * 40], ["b" * 40]),
        "url": ("https://a.example.com", "https://b.example.com"),
    },
    "aws_iam_role": {
        "assume_role_policy": (POLICY.format("sts:A"), POLICY.format("sts:B")),
        "description": ("a", "b"),
        "max_session_duration": (3600, 7200),
        "name": ("a", "b"),
        "path": ("/", "/b/"),
        "permissions_boundary": (f"{ROLE}a", f"{ROLE}b"),
    },
    "aws_iam_role_policy": {
        "name": ("a", "b"),
        "policy": (POLICY.format("s3:A"), POLICY.format("s3:B")),
        "role": ("a", "b"),
    },
    "aws_iam_role_policy_attachment": {
        "policy_arn": (f"{ROLE}a", f"{ROLE}b"),
        "role": ("a", "b"),
    },
    "aws_lb": {
        "drop_invalid_header_fields": (True, False),
        "enable_deletion_protection": (False, True),
        "idle_timeout": (60, 61),
        "internal": (False, True),
        "load_balancer_type": ("application", "network"),
        "name": ("a", "b"),
    },
    "aws_lb_listener": {
        "certificate_arn": (f"{CERTIFICATE}a", f"{CERTIFICATE}b"),
        "default_action": (
            [{"type": "forward", "target_group_arn": f"{GROUP}a/1"}],
            [{"type": "forward", "target_group_arn": f"{GROUP}b/1"}],
        ),
        "load_balancer_arn": (f"{LB}a/1", f"{LB}b/1"),
        "port": (443, 444),
        "protocol": ("HTTPS", "TLS"),
        "ssl_policy": ("a", "b"),
    },
    "aws_lb_listener_certificate": {
        "certificate_arn": (f"{CERTIFICATE}a", f"{CERTIFICATE}b"),
        "listener_arn": (f"{LISTENER}a", f"{LISTENER}b"),
    },
    "aws_lb_listener_rule": {
        "action": (
            [{"type": "forward", "target_group_arn": f"{GROUP}a/1"}],
            [{"type": "forward", "target_group_arn": f"{GROUP}b/1"}],
        ),
        "condition": (
            [{"host_header": [{"values": ["a"]}]}],
            [{"host_header": [{"values": ["b"]}]}],
        ),
        "listener_arn": (f"{LISTENER}a", f"{LISTENER}b"),
        "priority": (1, 2),
    },
    "aws_lb_target_group": {
        "deregistration_delay": (30, 60),
        "health_check": (
            [{"path": "/a", "matcher": "200", "protocol": "HTTP"}],
            [{"path": "/b", "matcher": "201", "protocol": "HTTP"}],
        ),
        "name": ("a", "b"),
        "port": (80, 81),
        "protocol": ("HTTP", "HTTPS"),
        "protocol_version": ("HTTP1", "HTTP2"),
        "target_type": ("ip", "instance"),
        "vpc_id": ("vpc-1", "vpc-2"),
    },
    "aws_route53_record": {
        "name": ("a.example.com", "b.example.com"),
        "records": (["a"], ["b"]),
        "set_identifier": ("a", "b"),
        "ttl": (60, 61),
        "weighted_routing_policy": ([{"weight": 1}], [{"weight": 2}]),
        "type": ("A", "CNAME"),
        "zone_id": ("Z1", "Z2"),
    },
    "aws_security_group": {
        "description": ("a", "b"),
        "name": ("a", "b"),
        "vpc_id": ("vpc-1", "vpc-2"),
    },
}
"""Every argument that is written or may be, as it was and as it becomes, by type of resource."""

OLDER = {
    "aws_ecs_service": {"propagate_tags"},
    "aws_iam_openid_connect_provider": {"client_id_list"},
    "aws_lb_listener_rule": {"priority"},
    "aws_lb_target_group": {"protocol_version"},
}
"""Where an older AWS provider differs: what one of both replaces for, the other changes in place.

6.25 moves a rule with SetRulePriorities, and knows that ELB changes no group's protocol version.
"""


@pytest.fixture(scope="module")
def provided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Providers]:
    """Return the AWS provider that runs here."""
    sources = {"aws": "hashicorp/aws", "github": "integrations/github"}
    required = {
        name: {"source": source, "version": CONSTRAINTS[name]} for name, source in sources.items()
    }
    folder = tmp_path_factory.mktemp("provided")
    with plugin.serving(folder / "github.json") as github:
        yield provide(Terraform.find(), folder / "w", required=required, github=github)


@needs_terraform
@pytest.mark.terraform
def test_real_plans_replace_for_what_the_table_says(provided: Providers, tmp_path: Path) -> None:
    """No more, or a run would stop for nothing; no less, or it would let something be destroyed.

    Planned from a state that is made up, so no AWS is asked: ``replace_paths`` of each resource.
    https://developer.hashicorp.com/terraform/internals/json-format#change-representation
    """
    schemas = provided.schemas["aws"]["resource_schemas"]
    changes = {type_: values for type_, values in CHANGES.items() if type_ in schemas}
    assert len(changes) == len(CHANGES)
    write(tmp_path, provided, changes)
    provided.terraform.init(tmp_path)
    provided.terraform.run(tmp_path, "plan", "-input=false", "-refresh=false", "-out=plan.tfplan")
    shown = json.loads(provided.terraform.run(tmp_path, "show", "-json", "plan.tfplan"))
    replaced = {
        change["type"]: {path[0] for path in change["change"].get("replace_paths", ())}
        for change in shown["resource_changes"]
    }

    older = OLDER if provided.older else {}
    assert replaced == {
        type_: {it.partition(".")[0] for it in FORCE_NEW[type_]} & values.keys()
        ^ older.get(type_, set())
        for type_, values in changes.items()
    }


def write(
    folder: Path, provided: Providers, changes: Mapping[str, Mapping[str, tuple[Any, Any]]]
) -> None:
    """Write a state of what there was, and a configuration of what shall be."""
    aws = {
        "region": "eu-west-1",
        "access_key": "none",
        "secret_key": "none",
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "skip_requesting_account_id": True,
    }
    content = {
        "terraform": {
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": provided.aws}}
        },
        "provider": {"aws": aws},
        "resource": {
            type_: {"it": {argument: after for argument, (_, after) in values.items()}}
            for type_, values in changes.items()
        },
    }
    (folder / "main.tf.json").write_text(json.dumps(content))
    state = {
        "version": 4,
        "lineage": "made-up",
        "resources": [
            {
                "mode": "managed",
                "type": type_,
                "name": "it",
                "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
                "instances": [
                    {
                        "schema_version": 0,
                        "attributes": {"id": "it", **{k: was for k, (was, _) in values.items()}},
                    }
                ],
            }
            for type_, values in changes.items()
        ],
    }
    (folder / "terraform.tfstate").write_text(json.dumps(state))
