"""The two workflows, read as GitHub reads them."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.github import actions, workflows
from tests.conftest import Content

Loaded = Callable[[Content], DeliveryFile]
BIN = Path(sys.executable).parent


@pytest.fixture
def two(example: Content) -> Content:
    """Return the example with a staging environment whose image production promotes."""
    environments = example["services"]["papyrus"]["environments"]
    environments["production"]["deploy_from"] = {"tags": ["v*.*.*"]}
    environments["production"]["registry"] = {"from": "staging"}
    environments["staging"] = {"account": "main", "deploy_from": {"branches": ["main", "rc/*"]}}
    return example


def written_push(deliveries: list[Delivery]) -> str:
    """Return ``ecr-push.yml`` as it stands in the repository."""
    return workflows.to_yaml(workflows.ecr_push(deliveries))


def written_deploy(deliveries: list[Delivery]) -> str:
    """Return ``ecs-deploy.yml`` as it stands in the repository."""
    return workflows.to_yaml(workflows.ecs_deploy(deliveries))


def push(deliveries: list[Delivery]) -> dict[str, Any]:
    """Return ``ecr-push.yml`` as data."""
    return dict(YAML(typ="safe").load(written_push(deliveries)))


def deploy(deliveries: list[Delivery]) -> dict[str, Any]:
    """Return ``ecs-deploy.yml`` as data."""
    return dict(YAML(typ="safe").load(written_deploy(deliveries)))


def steps(job: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the steps of *job* by name."""
    return {step["name"]: step for step in job["steps"]}


def test_what_may_deploy_triggers_the_push(example: Content, loaded: Loaded) -> None:
    """The branches and tags of ``deploy_from``, and by hand."""
    assert push(list(loaded(example).deliveries()))["on"] == {
        "push": {"branches": ["main"], "tags": ["v*.*.*"]},
        "workflow_dispatch": None,
    }


def test_jobs_ask_for_what_they_need(example: Content, loaded: Loaded) -> None:
    """No permission stands for the whole workflow; the token of OIDC is asked for by job."""
    deliveries = list(loaded(example).deliveries())
    pushing, deploying = push(deliveries), deploy(deliveries)

    assert pushing["permissions"] == deploying["permissions"] == {}
    assert {name: job["permissions"] for name, job in pushing["jobs"].items()} == {
        "papyrus-production-push": {"contents": "read", "id-token": "write"},
        "papyrus-production-deploy": {"id-token": "write"},
    }
    assert deploying["jobs"]["deploy"]["permissions"] == {"id-token": "write"}


def test_no_deployment_is_stopped_half_way(example: Content, loaded: Loaded) -> None:
    """A newer run waits for the one before it."""
    deliveries = list(loaded(example).deliveries())

    assert push(deliveries)["concurrency"]["cancel-in-progress"] is False
    assert deploy(deliveries)["jobs"]["deploy"]["concurrency"] == {
        "group": "ecs-deploy-${{ inputs.environment }}",
        "cancel-in-progress": False,
    }


def test_the_digest_passes_between_jobs(example: Content, loaded: Loaded) -> None:
    """GitHub drops an output that holds a secret's text, such as an account id in a URI."""
    example["services"]["papyrus"]["environments"]["production"]["github"] = {
        "as_secrets": ["AWS_ACCOUNT_ID"]
    }
    jobs = push(list(loaded(example).deliveries()))["jobs"]

    assert jobs["papyrus-production-push"]["outputs"] == {
        "digest": "${{ steps.built.outputs.digest || steps.push.outputs.digest }}"
    }
    assert jobs["papyrus-production-deploy"]["with"] == {
        "environment": "production",
        "image": "${{ needs.papyrus-production-push.outputs.digest }}",
    }


def test_an_image_is_looked_for_before_it_is_built(example: Content, loaded: Loaded) -> None:
    """An immutable tag that exists fails the push, and a commit's image is built once."""
    job = push(list(loaded(example).deliveries()))["jobs"]["papyrus-production-push"]

    names = [step["name"] for step in job["steps"]]
    assert names.index("Look for an image of this commit") < names.index("Build and push")
    assert steps(job)["Build and push"]["if"] == "${{ !steps.built.outputs.digest }}"


def test_build_settings_reach_docker(example: Content, loaded: Loaded) -> None:
    """Context, Dockerfile and the platform of the task, on a runner of that platform."""
    example["services"]["papyrus"] |= {
        "build": {"context": "app", "dockerfile": "app/Dockerfile.prod"},
        "task": {"architecture": "arm64"},
    }
    job = push(list(loaded(example).deliveries()))["jobs"]["papyrus-production-push"]

    build = steps(job)["Build and push"]["with"]
    assert (build["context"], build["file"]) == ("app", "app/Dockerfile.prod")
    assert (build["platforms"], job["runs-on"]) == ("linux/arm64", "ubuntu-24.04-arm")


def test_the_image_goes_into_the_newest_revision(example: Content, loaded: Loaded) -> None:
    """What Terraform changed in the task reaches production with the next deployment."""
    job = deploy(list(loaded(example).deliveries()))["jobs"]["deploy"]

    assert list(steps(job)) == [
        "Assume the deploy role",
        "Find the image",
        "Read the newest template",
        "Put the image into it",
        "Deploy and wait",
    ]
    assert '--task-definition "$ECS_TASK_TEMPLATE"' in steps(job)["Read the newest template"]["run"]
    assert steps(job)["Put the image into it"]["with"] == {
        "task-definition": "task-definition.json",
        "container-name": "${{ vars.ECS_CONTAINER }}",
        "image": "${{ steps.image.outputs.image }}",
    }
    assert steps(job)["Deploy and wait"]["with"] == {
        "task-definition": "${{ steps.render.outputs.task-definition }}",
        "cluster": "${{ vars.ECS_CLUSTER }}",
        "service": "${{ vars.ECS_SERVICE }}",
        "wait-for-service-stability": True,
    }


def test_a_roll_back_is_one_click(two: Content, loaded: Loaded) -> None:
    """By hand: choose the environment, name an earlier tag or digest."""
    inputs = deploy(list(loaded(two).deliveries()))["on"]["workflow_dispatch"]["inputs"]

    assert inputs["environment"]["options"] == ["staging", "production"]
    assert inputs["image"]["required"] is True


def test_a_job_runs_only_for_the_refs_of_its_environment(two: Content, loaded: Loaded) -> None:
    """One pair of files serves all environments of a repository."""
    jobs = push(list(loaded(two).deliveries()))["jobs"]

    assert jobs["papyrus-staging-push"]["if"] == (
        "github.ref == 'refs/heads/main' || startsWith(github.ref, 'refs/heads/rc/')"
    )
    assert "papyrus-production-push" not in jobs


def test_a_promotion_follows_its_source(two: Content, loaded: Loaded) -> None:
    """It waits for the source where that deploys too, else takes the image of the commit."""
    job = push(list(loaded(two).deliveries()))["jobs"]["papyrus-production-deploy"]

    assert job["needs"] == ["papyrus-staging-push", "papyrus-staging-deploy"]
    assert job["if"] == (
        "${{ !failure() && !cancelled() && (startsWith(github.ref, 'refs/tags/v')) }}"
    )
    assert job["with"]["image"] == (
        "${{ needs.papyrus-staging-push.outputs.digest || github.sha }}"
    )


def test_a_secret_is_read_as_a_secret(two: Content, loaded: Loaded) -> None:
    """Where one environment holds a value as a secret and another does not, both are read."""
    environments = two["services"]["papyrus"]["environments"]
    environments["staging"]["github"] = {"as_secrets": ["AWS_IAM_ROLE_ARN", "AWS_BUILD_ROLE_ARN"]}
    deliveries = list(loaded(two).deliveries())

    jobs = push(deliveries)["jobs"]
    role = "Assume the deploy role"
    build = steps(jobs["papyrus-staging-push"])["Assume the build role"]
    assert build["with"]["role-to-assume"] == "${{ secrets.AWS_BUILD_ROLE_ARN }}"
    assert jobs["papyrus-staging-deploy"]["secrets"] == "inherit"
    assert "secrets" not in jobs["papyrus-production-deploy"]
    assert steps(deploy(deliveries)["jobs"]["deploy"])[role]["with"]["role-to-assume"] == (
        "${{ secrets.AWS_IAM_ROLE_ARN || vars.AWS_IAM_ROLE_ARN }}"
    )


def test_images_of_another_account_are_found_there(two: Content, loaded: Loaded) -> None:
    """The environment says where, and the look-up asks that registry."""
    two["accounts"]["test"] = {"id": "210987654321", "region": "eu-west-1"}
    two["services"]["papyrus"]["environments"]["staging"]["account"] = "test"

    find = steps(deploy(list(loaded(two).deliveries()))["jobs"]["deploy"])["Find the image"]
    assert find["env"]["ECR_ACCOUNT_ID"] == "${{ vars.ECR_ACCOUNT_ID || vars.AWS_ACCOUNT_ID }}"
    assert find["run"].count('--registry-id "$ECR_ACCOUNT_ID" --region "$ECR_REGION"') == 2


def test_actions_are_pinned_by_commit(example: Content, loaded: Loaded) -> None:
    """A tag can be moved; it stands behind the commit for the reader."""
    deliveries = list(loaded(example).deliveries())
    lines = (written_push(deliveries) + written_deploy(deliveries)).splitlines()

    pinned = {
        f"uses: {action.repository}@{action.commit} # {action.tag}"
        for action in vars(actions).values()
        if isinstance(action, actions.Action)
    }
    used = {line.strip(" -") for line in lines if "uses: " in line and "./" not in line}
    assert used == pinned


def test_a_file_says_what_made_it(example: Content, loaded: Loaded) -> None:
    """Whoever opens it in the repository learns where to change it."""
    deliveries = list(loaded(example).deliveries())

    for text in (written_push(deliveries), written_deploy(deliveries)):
        assert text.startswith("# Generated by keyless-ecs from delivery.yaml.")


@pytest.mark.parametrize("variant", ["example", "two", "hostile", "secrets"])
def test_github_and_an_attacker_find_nothing(
    request: pytest.FixtureRequest, loaded: Loaded, tmp_path: Path, variant: str
) -> None:
    """Actionlint reads syntax, expressions and shell; zizmor looks for what can be abused."""
    data: Content = request.getfixturevalue("example" if variant == "example" else "two")
    environments = data["services"]["papyrus"]["environments"]
    if variant == "hostile":
        data["providers"] = {"github": "~> 6.13"}
        environments["production"]["github"] = {"name": 'it\'s "prod": #1 $(id) & `id` *x, {y}'}
    if variant == "secrets":
        environments["production"]["github"] = {"as_secrets": ["AWS_ACCOUNT_ID", "AWS_REGION"]}
    deliveries = list(loaded(data).deliveries())
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / workflows.PUSH).write_text(written_push(deliveries))
    (folder / workflows.DEPLOY).write_text(written_deploy(deliveries))
    (tmp_path / ".git").mkdir()  # actionlint finds the called workflow from the root

    lint = subprocess.run([BIN / "actionlint"], cwd=tmp_path, capture_output=True, text=True)
    assert (lint.returncode, lint.stdout) == (0, "")
    audit = subprocess.run(
        [BIN / "zizmor", "--offline", "--min-severity=medium", "--format=json", folder],
        capture_output=True,
        text=True,
    )
    findings = [finding["ident"] for finding in json.loads(audit.stdout)]
    # A called workflow sees the secrets of its environment only by inheriting them.
    assert findings == (["secrets-inherit"] if variant == "secrets" else [])
