"""A whole environment: what the constructs pass to one another."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.config.providers import BOUND
from tests.conftest import ROOT, Content

Delivered = Callable[[Content, str], Content]
VARIABLES = "github_actions_environment_variable"
SECRETS = "github_actions_environment_secret"


def production(example: Content) -> Content:
    """Return the example's environment, to change it."""
    environment: Content = example["services"]["papyrus"]["environments"]["production"]
    return environment


def test_addresses_can_be_said_aloud(example: Content, delivered: Delivered) -> None:
    """No address carries a hash; moving one is a migration, so each stands here."""
    content = delivered(example, "papyrus-production")

    resources = content["resource"]
    assert sorted(f"{type_}.{name}" for type_ in resources for name in resources[type_]) == [
        "aws_cloudwatch_log_group.logs",
        "aws_ecr_lifecycle_policy.registry_lifecycle",
        "aws_ecr_repository.registry",
        "aws_ecs_cluster.cluster",
        "aws_ecs_service.service",
        "aws_ecs_task_definition.task",
        "aws_iam_role.deploy_role",
        "aws_iam_role.execution_role",
        "aws_iam_role.task_role",
        "aws_iam_role_policy.deploy_role_policy",
        "aws_iam_role_policy_attachment.execution_role_AmazonECSTaskExecutionRolePolicy",
        "aws_security_group.network_service",
        "aws_vpc_security_group_egress_rule.network_egress",
        "github_actions_environment_variable.environment_AWS_ACCOUNT_ID",
        "github_actions_environment_variable.environment_AWS_IAM_ROLE_ARN",
        "github_actions_environment_variable.environment_AWS_REGION",
        "github_actions_environment_variable.environment_ECR_REPOSITORY",
        "github_actions_environment_variable.environment_ECS_CLUSTER",
        "github_actions_environment_variable.environment_ECS_CONTAINER",
        "github_actions_environment_variable.environment_ECS_SERVICE",
        "github_actions_environment_variable.environment_ECS_TASK_FAMILY",
        "github_repository_environment.environment",
        "github_repository_environment_deployment_policy.environment_branch_main",
        "github_repository_environment_deployment_policy.environment_tag_v_star_dot_star_dot_star",
    ]


def test_variables_are_references_of_the_same_plan(example: Content, delivered: Delivered) -> None:
    """What the jobs read cannot differ from what AWS has."""
    variables = delivered(example, "papyrus-production")["resource"][VARIABLES]

    assert {made["variable_name"]: made["value"] for made in variables.values()} == {
        "AWS_ACCOUNT_ID": "123456789012",
        "AWS_REGION": "ap-northeast-1",
        "ECR_REPOSITORY": "${aws_ecr_repository.registry.name}",
        "AWS_IAM_ROLE_ARN": "${aws_iam_role.deploy_role.arn}",
        "ECS_CLUSTER": "${aws_ecs_cluster.cluster.name}",
        "ECS_SERVICE": "${aws_ecs_service.service.name}",
        "ECS_TASK_FAMILY": "${aws_ecs_task_definition.task.family}",
        "ECS_CONTAINER": "papyrus",
    }


def test_a_built_in_variable_can_be_a_secret(example: Content, delivered: Delivered) -> None:
    """What a team holds for confidential is a secret, and no variable beside it."""
    production(example)["github"] = {"as_secrets": ["AWS_ACCOUNT_ID"]}

    resources = delivered(example, "papyrus-production")["resource"]
    assert resources[SECRETS]["environment_AWS_ACCOUNT_ID"]["plaintext_value"] == "123456789012"
    assert "environment_AWS_ACCOUNT_ID" not in resources[VARIABLES]


def test_names_reach_github_in_upper_case(example: Content, delivered: Delivered) -> None:
    """GitHub keeps them so; in another case every plan would show a change."""
    names = {"variables": {"Greeting": "hi"}, "secrets": {"key": "variable"}}
    production(example)["github"] = names

    resources = delivered(example, "papyrus-production")["resource"]
    assert resources[VARIABLES]["environment_GREETING"]["variable_name"] == "GREETING"
    assert resources[SECRETS]["environment_KEY"]["plaintext_value"] == "${var.secret_KEY}"


def test_the_provider_works_in_no_other_account(example: Content, delivered: Delivered) -> None:
    """Credentials of another account stop the plan before it reads anything."""
    content = delivered(example, "papyrus-production")

    assert content["provider"]["aws"] == [
        {
            "region": "ap-northeast-1",
            "allowed_account_ids": ["123456789012"],
            "default_tags": [
                {
                    "tags": {
                        "service": "papyrus",
                        "environment": "production",
                        "managed-by": "keyless-ecs",
                    }
                }
            ],
        }
    ]


def test_tags_of_account_and_service_meet(example: Content, delivered: Delivered) -> None:
    """The nearer wins, and what every stack sets itself is never lost."""
    example["accounts"]["main"]["tags"] = {"cost-center": 42, "team": "platform", "service": "x"}
    example["services"]["papyrus"]["tags"] = {"team": "shop", "managed-by": "hand"}

    (provider,) = delivered(example, "papyrus-production")["provider"]["aws"]
    assert provider["default_tags"] == [
        {
            "tags": {
                "cost-center": "42",
                "team": "shop",
                "service": "papyrus",
                "environment": "production",
                "managed-by": "keyless-ecs",
            }
        }
    ]


def test_terraform_may_enter_by_a_role(example: Content, delivered: Delivered) -> None:
    """One Terraform runner serves many accounts."""
    role = "arn:aws:iam::123456789012:role/terraform"
    example["accounts"]["main"]["assume_role"] = role

    (provider,) = delivered(example, "papyrus-production")["provider"]["aws"]
    assert provider["assume_role"] == [{"role_arn": role}]


def test_providers_are_written_out_in_full(example: Content, delivered: Delivered) -> None:
    """Source and version stand in the file that Terraform reads."""
    assert delivered(example, "papyrus-production")["terraform"] == {
        "backend": {"local": {"path": "terraform.tfstate"}},
        "required_providers": {
            "aws": {"source": "hashicorp/aws", "version": f"~> {BOUND['aws']}"},
            "github": {"source": "integrations/github", "version": f"~> {BOUND['github']}"},
        },
        "required_version": ">= 1.5.0",
    }


def test_state_in_s3_is_locked_and_encrypted(example: Content, delivered: Delivered) -> None:
    """Two applies at once cannot meet, and each stack has a key of its own."""
    example["state"] = {"s3": {"bucket": "state-of-acme", "region": "eu-west-1"}}

    terraform = delivered(example, "papyrus-production")["terraform"]
    assert terraform["backend"] == {
        "s3": {
            "bucket": "state-of-acme",
            "key": "keyless-ecs/papyrus-production.tfstate",
            "region": "eu-west-1",
            "encrypt": True,
            "use_lockfile": True,
        }
    }
    assert terraform["required_version"] == ">= 1.10.0"


def test_the_first_task_can_pull_its_image(example: Content, delivered: Delivered) -> None:
    """The service waits for the execution role's policy, or its first task fails."""
    service = delivered(example, "papyrus-production")["resource"]["aws_ecs_service"]["service"]

    assert service["depends_on"] == [
        "aws_iam_role_policy_attachment.execution_role_AmazonECSTaskExecutionRolePolicy"
    ]


def test_the_execution_role_reads_only_the_secrets_named(
    example: Content, delivered: Delivered
) -> None:
    """Parameters and secrets of the container, and no other; without any there is no policy."""
    arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:db-AbCdEf"
    example["services"]["papyrus"]["container"]["secrets"] = {
        "DB": f"{arn}:password::",
        "KEY": "arn:aws:ssm:ap-northeast-1:123456789012:parameter/key",
    }

    permissions = delivered(example, "papyrus-production")["locals"]["execution_role_permissions"]
    assert [(s["Action"], s["Resource"]) for s in permissions["Statement"]] == [
        (["ssm:GetParameters"], ["arn:aws:ssm:ap-northeast-1:123456789012:parameter/key"]),
        (["secretsmanager:GetSecretValue"], [arn]),
    ]


def test_settings_of_the_environment_override_the_service(
    example: Content, delivered: Delivered
) -> None:
    """Maps are merged, all else is replaced."""
    papyrus = example["services"]["papyrus"]
    papyrus["container"] |= {"variables": {"A": "service", "B": "service"}}
    papyrus["task"] = {"cpu": 512, "memory": 1024}
    production(example)["container"] = {"variables": {"B": "environment"}}
    production(example)["task"] = {"memory": 2048}

    content = delivered(example, "papyrus-production")
    task = content["resource"]["aws_ecs_task_definition"]["task"]
    (container,) = content["locals"]["task_containers"]
    assert (task["cpu"], task["memory"]) == ("512", "2048")
    assert container["portMappings"][0]["containerPort"] == 8080
    assert container["environment"] == [
        {"name": "A", "value": "service"},
        {"name": "B", "value": "environment"},
    ]


@pytest.mark.parametrize("text", ['${file("/etc/passwd")}', "%{ if true }x%{ endif }", "${{ x }}"])
def test_terraform_reads_no_expression_in_a_users_text(
    example: Content, delivered: Delivered, text: str
) -> None:
    """Whatever stands in a variable or a command arrives as it stands; tags take no such text."""
    papyrus = example["services"]["papyrus"]
    papyrus["container"] |= {
        "variables": {"A": text},
        "command": [text],
        "health_check": {"command": [text]},
    }
    production(example)["github"] = {"variables": {"A": text}}

    content = delivered(example, "papyrus-production")
    escaped = text.replace("${", "$${").replace("%{", "%%{")
    (container,) = content["locals"]["task_containers"]
    assert container["environment"] == [{"name": "A", "value": escaped}]
    assert container["command"] == [escaped]
    assert container["healthCheck"]["command"] == ["CMD", escaped]
    assert content["resource"][VARIABLES]["environment_A"]["value"] == escaped


def test_a_promoting_environment_has_no_registry(example: Content, delivered: Delivered) -> None:
    """It deploys what another has pushed, and may not push itself."""
    environments = example["services"]["papyrus"]["environments"]
    environments["staging"] = {"account": "main", "deploy_from": {"branches": ["main"]}}
    environments["production"]["registry"] = {"from": "staging"}

    content = delivered(example, "papyrus-production")
    assert "aws_ecr_repository" not in content["resource"]
    variables = content["resource"][VARIABLES]
    assert variables["environment_ECR_REPOSITORY"]["value"] == "papyrus"
    assert "environment_ECR_ACCOUNT_ID" not in variables
    permissions = content["locals"]["deploy_role_permissions"]["Statement"]
    assert "EcrPush" not in [statement["Sid"] for statement in permissions]


def test_images_are_promoted_across_accounts(example: Content, delivered: Delivered) -> None:
    """The owner lets in the two roles that need the image; the other says where it is."""
    example["accounts"]["test"] = {"id": "210987654321", "region": "eu-west-1"}
    environments = example["services"]["papyrus"]["environments"]
    environments["staging"] = {"account": "test", "deploy_from": {"branches": ["main"]}}
    environments["production"]["registry"] = {"from": "staging"}

    staging = delivered(example, "papyrus-staging")
    (pull,) = staging["locals"]["registry_pull_policy"]["Statement"]
    assert pull["Principal"] == {"AWS": ["arn:aws:iam::123456789012:root"]}
    assert pull["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [
        "arn:aws:iam::123456789012:role/papyrus-production-deploy",
        "arn:aws:iam::123456789012:role/papyrus-production-task-execution",
    ]

    production = delivered(example, "papyrus-production")
    variables = production["resource"][VARIABLES]
    assert variables["environment_ECR_ACCOUNT_ID"]["value"] == "210987654321"
    assert variables["environment_ECR_REGION"]["value"] == "eu-west-1"
    find = production["locals"]["deploy_role_permissions"]["Statement"][1]
    assert find["Resource"] == ["arn:aws:ecr:eu-west-1:210987654321:repository/papyrus"]


def test_every_environment_that_promotes_may_pull(example: Content, delivered: Delivered) -> None:
    """Two of them in one account are both let in."""
    example["accounts"]["test"] = {"id": "210987654321", "region": "eu-west-1"}
    environments = example["services"]["papyrus"]["environments"]
    environments["staging"] = {"account": "test", "deploy_from": {"branches": ["main"]}}
    environments["production"]["registry"] = {"from": "staging"}
    environments["canary"] = {**environments["production"]}

    (pull,) = delivered(example, "papyrus-staging")["locals"]["registry_pull_policy"]["Statement"]
    assert pull["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [
        "arn:aws:iam::123456789012:role/papyrus-canary-deploy",
        "arn:aws:iam::123456789012:role/papyrus-canary-task-execution",
        "arn:aws:iam::123456789012:role/papyrus-production-deploy",
        "arn:aws:iam::123456789012:role/papyrus-production-task-execution",
    ]


def test_a_spot_service_waits_for_its_capacity(example: Content, delivered: Delivered) -> None:
    """ECS refuses a service on capacity that the cluster does not have yet."""
    production(example)["capacity"] = "fargate_spot"

    service = delivered(example, "papyrus-production")["resource"]["aws_ecs_service"]["service"]
    assert "aws_ecs_cluster_capacity_providers.cluster_capacity" in service["depends_on"]


def test_known_ids_need_no_look_up(example: Content, delivered: Delivered) -> None:
    """With the ids in the file the trust policy is complete before the first plan."""
    example["github"]["owner_id"] = 1
    example["services"]["papyrus"]["repository_id"] = "2"

    content = delivered(example, "papyrus-production")
    assert set(content["data"]) == {"aws_vpc", "aws_subnets"}
    (trust,) = content["locals"]["deploy_role_trust"]["Statement"]
    claims: dict[str, Any] = trust["Condition"]["StringEquals"]
    assert claims["token.actions.githubusercontent.com:repository_id"] == "2"
    assert claims["token.actions.githubusercontent.com:sub"][1] == (
        "repo:Nickelth@1/Papyrus@2:environment:production"
    )


def test_nothing_of_the_machine_is_generated(generated_example: Path) -> None:
    """No absolute path, no time and no hash in any generated file."""
    for path in generated_example.rglob("*.json"):
        text = path.read_text()
        json.loads(text)
        assert str(ROOT) not in text
        assert not re.search(r"20\d\d-\d\d-\d\dT|/home/|/tmp/|/Users/", text)
        assert not re.search(r'"[a-z_]+_[0-9A-F]{8}"', text)
