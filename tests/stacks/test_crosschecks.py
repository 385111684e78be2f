"""What must agree between a delivery, its stack and its workflows, broken on purpose one by one."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from keyless_ecs import synthesis
from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.github import workflows
from keyless_ecs.stacks import crosschecks
from tests.conftest import Content

Parts = tuple[Delivery, Content, Content, Content]


@pytest.fixture
def parts(example: Content, loaded: Callable[[Content], DeliveryFile]) -> Parts:
    """Return the example's delivery, its stack and its two workflows, all in agreement."""
    file = loaded(example)
    (delivery,) = file.deliveries()
    (stack,) = synthesis.synthesize(file, [delivery.name])
    push, deploy = workflows.ecr_push([delivery]), workflows.ecs_deploy([delivery])
    return delivery, json.loads(stack.text), copy.deepcopy(push), copy.deepcopy(deploy)


def found(parts: Parts) -> str:
    """Return what the check says."""
    with pytest.raises(crosschecks.CrossCheckError) as refused:
        crosschecks.check(*parts)
    return str(refused.value)


def test_what_is_generated_agrees(parts: Parts) -> None:
    """Nothing is said where nothing is wrong."""
    crosschecks.check(*parts)


def test_the_jobs_environment_is_the_one_trusted(parts: Parts) -> None:
    """Else the role refuses the job."""
    _, _, push, _ = parts
    push["jobs"]["papyrus-production-push"]["environment"] = "prod"

    assert "job papyrus-production-push runs in 'prod', which its role does not trust" in found(
        parts
    )


def test_the_called_environment_is_the_one_trusted(parts: Parts) -> None:
    """Else the role refuses the deployment."""
    _, _, push, _ = parts
    push["jobs"]["papyrus-production-deploy"]["with"]["environment"] = "prod"

    assert "job papyrus-production-deploy runs in 'prod'" in found(parts)


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ("environment", "AWS_IAM_ROLE_ARN"),
        ("environment", "ECR_REPOSITORY"),
        ("environment", "ECS_CLUSTER"),
        ("build_environment", "AWS_BUILD_ROLE_ARN"),
        ("build_environment", "ECR_REPOSITORY"),
    ],
)
def test_what_the_workflows_read_is_set(parts: Parts, environment: str, name: str) -> None:
    """An unset variable is an empty string to GitHub, and no error."""
    _, stack, _, _ = parts
    del stack["resource"]["github_actions_environment_variable"][f"{environment}_{name}"]

    assert f"reads vars.{name}, which nobody sets" in found(parts)


def test_the_address_is_set_where_there_is_one(
    example: Content, loaded: Callable[[Content], DeliveryFile]
) -> None:
    """One workflow serves environments with a domain and without."""
    environments = example["services"]["papyrus"]["environments"]
    environments["staging"] = {**environments["production"], "registry": {"from": "production"}}
    environments["production"] = {**environments["production"], "domain": "papyrus.example.com"}
    file = loaded(example)
    deliveries = list(file.deliveries())
    made = {it.name: json.loads(it.text) for it in synthesis.synthesize(file, file.stack_names())}
    push, deploy = workflows.ecr_push(deliveries), workflows.ecs_deploy(deliveries)
    for delivery in deliveries:
        crosschecks.check(delivery, made[delivery.name], push, deploy)

    variables = made["papyrus-production"]["resource"]["github_actions_environment_variable"]
    del variables["environment_SERVICE_URL"]
    with pytest.raises(crosschecks.CrossCheckError, match=r"reads vars\.SERVICE_URL, which nobody"):
        crosschecks.check(deliveries[0], made["papyrus-production"], push, deploy)


def test_the_rendered_container_is_in_the_task(parts: Parts) -> None:
    """Else the render step fails after the image was pushed."""
    _, stack, _, _ = parts
    stack["locals"]["template_containers"][0]["name"] = "web"

    assert "the render step names the container 'papyrus'; there is ['web']" in found(parts)


def test_trust_and_deployment_policies_name_the_same_refs(parts: Parts) -> None:
    """Either alone would be a door that the other was meant to close."""
    _, stack, _, _ = parts
    policies: dict[str, Any] = stack["resource"]["github_repository_environment_deployment_policy"]
    for environment in ("environment", "build_environment"):
        policies[f"{environment}_branch_main"]["branch_pattern"] = "*"

    said = found(parts)
    for environment in ("environment", "build_environment"):
        assert f"GitHub lets ['refs/heads/*', 'refs/tags/v*.*.*'] into {environment}" in said


def test_only_a_digest_crosses_jobs(parts: Parts) -> None:
    """GitHub drops an output in which it finds a secret's text, such as an account id."""
    _, _, push, _ = parts
    outputs = push["jobs"]["papyrus-production-push"]["outputs"]
    outputs["image"] = "${{ steps.ecr.outputs.registry }}"

    assert "the output image of job papyrus-production-push is more than a digest" in found(parts)


def test_jobs_trusted_by_ref_name_no_environment(
    example: Content, loaded: Callable[[Content], DeliveryFile]
) -> None:
    """With an environment their subject would be another."""
    example["services"]["papyrus"]["environments"]["production"]["trust"] = {"by": "ref"}
    file = loaded(example)
    (delivery,) = file.deliveries()
    (stack,) = synthesis.synthesize(file, [delivery.name])
    push, deploy = workflows.ecr_push([delivery]), workflows.ecs_deploy([delivery])
    crosschecks.check(delivery, json.loads(stack.text), push, deploy)
    deploy["jobs"]["deploy"]["environment"] = "production"

    with pytest.raises(crosschecks.CrossCheckError, match="names an environment"):
        crosschecks.check(delivery, json.loads(stack.text), push, deploy)


def test_what_the_user_wrote_arrives_as_it_was(
    example: Content, loaded: Callable[[Content], DeliveryFile]
) -> None:
    """Node has changed a key on the way; each place is named, and no text of the user."""
    service = example["services"]["papyrus"]
    service["tags"] = {"key": "value"}
    service["container"] |= {"command": ["run", "%{x}"], "variables": {"V": "${y}"}}
    service["environments"]["production"]["github"] = {"variables": {"own": "${z}"}}
    file = loaded(example)
    (delivery,) = file.deliveries()
    (synthesized,) = synthesis.synthesize(file, [delivery.name])
    push, deploy = workflows.ecr_push([delivery]), workflows.ecs_deploy([delivery])
    stack = json.loads(synthesized.text)
    crosschecks.check(delivery, stack, push, deploy)

    tags = stack["provider"]["aws"][0]["default_tags"][0]["tags"]
    tags["other"] = tags.pop("key")
    container = stack["locals"]["template_containers"][0]
    container["command"][1] = "other"
    container["environment"][0]["value"] = "other"
    made = stack["resource"]["github_actions_environment_variable"]["environment_OWN"]
    made["value"] = "other"
    lines = found((delivery, stack, push, deploy)).splitlines()
    assert [line.partition(" did not")[0] for line in lines] == [
        "papyrus-production: the tags of provider.aws",
        "papyrus-production: command of local.template_containers",
        "papyrus-production: environment of local.template_containers",
        "papyrus-production: the GitHub variable OWN",
    ]
    assert "other" not in "".join(lines)
