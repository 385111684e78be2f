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
        "aws_ecs_task_definition.template",
        "aws_iam_role.build_role",
        "aws_iam_role.deploy_role",
        "aws_iam_role.execution_role",
        "aws_iam_role.task_role",
        "aws_iam_role_policy.build_role_policy",
        "aws_iam_role_policy.deploy_role_policy",
        "aws_iam_role_policy_attachment.execution_role_AmazonECSTaskExecutionRolePolicy",
        "aws_security_group.network_service",
        "aws_vpc_security_group_egress_rule.network_egress",
        "github_actions_environment_variable.build_environment_AWS_ACCOUNT_ID",
        "github_actions_environment_variable.build_environment_AWS_BUILD_ROLE_ARN",
        "github_actions_environment_variable.build_environment_AWS_REGION",
        "github_actions_environment_variable.build_environment_ECR_REPOSITORY",
        "github_actions_environment_variable.environment_AWS_ACCOUNT_ID",
        "github_actions_environment_variable.environment_AWS_IAM_ROLE_ARN",
        "github_actions_environment_variable.environment_AWS_REGION",
        "github_actions_environment_variable.environment_ECR_REPOSITORY",
        "github_actions_environment_variable.environment_ECS_CLUSTER",
        "github_actions_environment_variable.environment_ECS_CONTAINER",
        "github_actions_environment_variable.environment_ECS_SERVICE",
        "github_actions_environment_variable.environment_ECS_TASK_FAMILY",
        "github_actions_environment_variable.environment_ECS_TASK_TEMPLATE",
        "github_repository_environment.build_environment",
        "github_repository_environment.environment",
        "github_repository_environment_deployment_policy.build_environment_branch_main",
        "github_repository_environment_deployment_policy"
        ".build_environment_tag_v_star_dot_star_dot_star",
        "github_repository_environment_deployment_policy.environment_branch_main",
        "github_repository_environment_deployment_policy.environment_tag_v_star_dot_star_dot_star",
    ]


def test_variables_are_references_of_the_same_plan(example: Content, delivered: Delivered) -> None:
    """What the jobs read cannot differ from what AWS has."""
    variables = delivered(example, "papyrus-production")["resource"][VARIABLES]

    both = {
        "AWS_ACCOUNT_ID": "123456789012",
        "AWS_REGION": "ap-northeast-1",
        "ECR_REPOSITORY": "${aws_ecr_repository.registry.name}",
    }
    deploy = {
        "AWS_IAM_ROLE_ARN": "${aws_iam_role.deploy_role.arn}",
        "ECS_CLUSTER": "${aws_ecs_cluster.cluster.name}",
        "ECS_SERVICE": "${aws_ecs_service.service.name}",
        "ECS_TASK_FAMILY": "${aws_ecs_task_definition.task.family}",
        "ECS_TASK_TEMPLATE": "${aws_ecs_task_definition.template.family}",
        "ECS_CONTAINER": "papyrus",
    }
    for environment, expected in (
        ("environment", {**both, **deploy}),
        ("build_environment", {**both, "AWS_BUILD_ROLE_ARN": "${aws_iam_role.build_role.arn}"}),
    ):
        here = f"${{github_repository_environment.{environment}.environment}}"
        made = [made for made in variables.values() if made["environment"] == here]
        assert {each["variable_name"]: each["value"] for each in made} == expected


def test_what_builds_is_asked_nothing(example: Content, delivered: Delivered) -> None:
    """Reviewers and timers stand before what deploys; both take the same refs."""
    production(example)["github"] = {"reviewers": {"users": ["octocat"]}, "wait_minutes": 5}

    resources = delivered(example, "papyrus-production")["resource"]
    environments = resources["github_repository_environment"]
    build = {**environments["environment"], "environment": "production-build"}
    del build["reviewers"], build["wait_timer"]
    assert environments["build_environment"] == build
    policies = resources["github_repository_environment_deployment_policy"]
    assert {name for name in policies if name.startswith("build_")} == {
        f"build_{name}" for name in policies if not name.startswith("build_")
    }


def test_a_long_deployment_has_the_time(example: Content, delivered: Delivered) -> None:
    """The wait travels as a variable of the plan that changes it, and the session outlives it."""
    production(example)["deployment"] = {"wait_minutes": 60}

    resources = delivered(example, "papyrus-production")["resource"]
    variables = resources[VARIABLES]
    assert variables["environment_ECS_WAIT_MINUTES"]["value"] == "60"
    assert variables["environment_ECS_SESSION_SECONDS"]["value"] == "5400"
    assert resources["aws_iam_role"]["deploy_role"]["max_session_duration"] == 5400
    assert "max_session_duration" not in resources["aws_iam_role"]["build_role"]


def test_the_placeholder_is_healthy_to_the_balancer(example: Content, delivered: Delivered) -> None:
    """It answers with the first code that the health check of the target group takes."""
    production(example)["target_group"] = {"health_check": {"matcher": "204,200-299"}}

    (container,) = delivered(example, "papyrus-production")["locals"]["task_containers"]
    assert "listen 8080; location / { return 204; }" in container["command"][2]


def test_nothing_of_the_placeholder_is_deployed(example: Content, delivered: Delivered) -> None:
    """P8. The pipeline fills in the template, which has the application's settings and no others.

    Its image stands there until the pipeline puts one in.
    """
    settings = {"command": ["serve"], "read_only_root": True, "health_check": {"command": ["true"]}}
    example["services"]["papyrus"]["container"] |= settings

    content = delivered(example, "papyrus-production")
    (placeholder,) = content["locals"]["task_containers"]
    (container,) = content["locals"]["template_containers"]
    assert container["command"] == ["serve"]
    assert placeholder["command"][0] == "sh"
    own = {"command", "readonlyRootFilesystem", "healthCheck"}
    assert container.keys() - placeholder.keys() == own - {"command"}
    assert {k: v for k, v in container.items() if k not in own} == {
        k: v for k, v in placeholder.items() if k not in own
    }


def test_a_family_that_is_there_goes_on(example: Content, delivered: Delivered) -> None:
    """S7. What was made by hand runs in its own family, where Terraform registers nothing."""
    production(example)["task"] = {"family": "scroll"}

    content = delivered(example, "papyrus-production")
    resources = content["resource"]
    assert set(resources["aws_ecs_task_definition"]) == {"template"}
    assert resources["aws_ecs_service"]["service"]["task_definition"] == "scroll"
    assert resources[VARIABLES]["environment_ECS_TASK_FAMILY"]["value"] == "scroll"
    register = content["locals"]["deploy_role_permissions"]["Statement"][3]
    assert register["Resource"] == [
        "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/scroll:*"
    ]


def test_a_service_of_anothers_image_only_deploys(example: Content, delivered: Delivered) -> None:
    """It builds nothing, so it has neither registry, build role nor companion."""
    example["services"]["scribe"] = {
        "repository": "Papyrus",
        "image_of": "papyrus",
        "environments": {"production": {}},
    }

    content = delivered(example, "scribe-production")
    resources = content["resource"]
    assert "aws_ecr_repository" not in resources
    assert "build_role" not in resources["aws_iam_role"]
    assert set(resources["github_repository_environment"]) == {"environment"}
    assert "build_role_arn" not in content["output"]
    assert resources[VARIABLES]["environment_ECR_REPOSITORY"]["value"] == "papyrus"


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
    task = content["resource"]["aws_ecs_task_definition"]["template"]
    (container,) = content["locals"]["template_containers"]
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
    (container,) = content["locals"]["template_containers"]
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
    (find,) = content["locals"]["build_role_permissions"]["Statement"]
    assert find["Action"] == ["ecr:DescribeImages"]


def test_what_is_promoted_keeps_its_tags(example: Content, delivered: Delivered) -> None:
    """A tag by which others promote stays on what it named, where ECR can say so."""
    environments = example["services"]["papyrus"]["environments"]
    environments["live"] = {**environments["production"], "registry": {"from": "production"}}

    made = delivered(example, "papyrus-production")["resource"]["aws_ecr_repository"]["registry"]
    assert made["image_tag_mutability"] == "IMMUTABLE_WITH_EXCLUSION"
    example["accounts"]["main"]["region"] = "cn-north-1"
    made = delivered(example, "papyrus-production")["resource"]["aws_ecr_repository"]["registry"]
    assert made["image_tag_mutability"] == "MUTABLE"


def test_images_are_promoted_across_accounts(example: Content, delivered: Delivered) -> None:
    """The owner lets in the roles that need the image, all along the chain, which say where."""
    example["accounts"]["test"] = {"id": "210987654321", "region": "eu-west-1"}
    environments = example["services"]["papyrus"]["environments"]
    environments["staging"] = {"account": "test", "deploy_from": {"branches": ["main"]}}
    environments["canary"] = {**environments["production"], "registry": {"from": "staging"}}
    environments["production"]["registry"] = {"from": "canary"}

    staging = delivered(example, "papyrus-staging")
    policy = staging["locals"]["registry_pull_policy"]["Statement"]
    roles = "arn:aws:iam::123456789012:role/papyrus"
    assert {each["Sid"]: each["Condition"]["ArnEquals"]["aws:PrincipalArn"] for each in policy} == {
        sid: [f"{roles}-{key}-{end}" for key in ("canary", "production")]
        for sid, end in (
            ("PullToRun", "task-execution"),
            ("FindToPromote", "build"),
            ("DeployAndTag", "deploy"),
        )
    }
    assert all(each["Principal"] == {"AWS": ["arn:aws:iam::123456789012:root"]} for each in policy)

    production = delivered(example, "papyrus-production")
    variables = production["resource"][VARIABLES]
    for environment in ("environment", "build_environment"):
        assert variables[f"{environment}_ECR_ACCOUNT_ID"]["value"] == "210987654321"
        assert variables[f"{environment}_ECR_REGION"]["value"] == "eu-west-1"
    for role in ("build_role", "deploy_role"):
        find = production["locals"][f"{role}_permissions"]["Statement"][0]
        assert find["Resource"] == ["arn:aws:ecr:eu-west-1:210987654321:repository/papyrus"]


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
