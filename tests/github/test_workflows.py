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
from keyless_ecs.rehearsal.pipeline.expressions import Contexts
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


@pytest.fixture
def chain(example: Content) -> Content:
    """Return the example with three environments, each promoting what the one before deployed."""
    environments = example["services"]["papyrus"]["environments"]
    both = {"branches": ["main"], "tags": ["v*"]}
    example["services"]["papyrus"]["environments"] = {
        "dev": {"account": "main", "deploy_from": {"branches": ["main"]}},
        "staging": {"account": "main", "deploy_from": both, "registry": {"from": "dev"}},
        "production": environments["production"]
        | {"deploy_from": {"tags": ["v*"]}, "registry": {"from": "staging"}},
    }
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
    each = {"contents": "read", "id-token": "write"}

    assert pushing["permissions"] == deploying["permissions"] == {}
    assert {name: job["permissions"] for name, job in pushing["jobs"].items()} == {
        "papyrus-production-push": each,
        "papyrus-production-deploy": each,
    }
    # To compare commits.
    assert deploying["jobs"]["deploy"]["permissions"] == each


def test_what_builds_asks_nobody_and_deploys_nothing(chain: Content, loaded: Loaded) -> None:
    """It has a GitHub environment and a role of its own; one delivery asks once.

    P2: two jobs that name one environment ask twice (liquibase/liquibase#7964, unboxed/bops#1023).
    """
    deliveries = list(loaded(chain).deliveries())
    jobs = push(deliveries)["jobs"]

    assert {name: job["environment"] for name, job in jobs.items() if "steps" in job} == {
        "papyrus-dev-push": "dev-build",
        "papyrus-staging-find": "staging-build",
    }
    for job in (jobs["papyrus-dev-push"], jobs["papyrus-staging-find"]):
        role = steps(job)["Assume the build role"]["with"]["role-to-assume"]
        assert role == "${{ vars.AWS_BUILD_ROLE_ARN }}"
    deploying = deploy(deliveries)["jobs"]["deploy"]
    assert deploying["environment"] == "${{ inputs.environment }}"
    role = steps(deploying)["Assume the deploy role"]["with"]["role-to-assume"]
    assert role == "${{ vars.AWS_IAM_ROLE_ARN }}"


def test_nothing_is_common_to_all_jobs_of_a_push(chain: Content, loaded: Loaded) -> None:
    """A group of the workflow would be held by whichever job waits for an approval.

    P1: later merges never start (hypothesis/lms#4533, vstorm-co/agenticos#1832). P3: the group is
    that of the commit, so that a branch and a tag pushed together are built once
    (PostHog/posthog#72727, navapbc/template-infra#848).
    """
    deliveries = list(loaded(chain).deliveries())

    assert "concurrency" not in push(deliveries)
    assert "concurrency" not in deploy(deliveries)
    assert {name: job.get("concurrency") for name, job in push(deliveries)["jobs"].items()} == {
        "papyrus-dev-push": {"group": "build-dev-${{ github.sha }}", "queue": "max"},
        "papyrus-dev-deploy": None,
        "papyrus-staging-find": None,
        "papyrus-staging-deploy": None,
        "papyrus-production-deploy": None,
    }


def group(deliveries: list[Delivery], environment: str, started: str) -> str:
    """Return the group of a deployment in a run of the workflow that was *started*."""
    contexts = {
        "inputs": {"environment": environment},
        "github": {
            "repository": "Nickelth/Papyrus",
            "run_id": "7",
            "run_attempt": "2",
            "workflow_ref": f"Nickelth/Papyrus/.github/workflows/{started}@refs/heads/main",
        },
    }
    concurrency = deploy(deliveries)["jobs"]["deploy"]["concurrency"]
    assert concurrency["queue"] == "max"
    return Contexts(contexts).text(concurrency["group"])


@pytest.mark.parametrize("name", ["production", 'it\'s "prod" {a}', "a}}b", "{{x}}, y"])
def test_what_may_wait_for_a_person_waits_alone(chain: Content, loaded: Loaded, name: str) -> None:
    """A job enters its group before its approval is asked (orgs/community discussion 17401).

    P1: what waits for days holds up nothing else (elizaOS/eliza#18092).
    """
    environments = chain["services"]["papyrus"]["environments"]
    environments["production"]["github"] = {"name": name, "wait_minutes": 5}
    chain["providers"] = {"github": "~> 6.13"}
    deliveries = list(loaded(chain).deliveries())

    assert group(deliveries, "dev", workflows.PUSH) == "deploy-dev-push"
    assert group(deliveries, "dev", workflows.DEPLOY) == "deploy-dev-7-2"
    assert group(deliveries, name, workflows.PUSH) == f"deploy-{name}-7-2"
    assert group(deliveries, name, workflows.DEPLOY) == f"deploy-{name}-7-2"


def test_each_job_ends(chain: Content, loaded: Loaded) -> None:
    """Hosted runners stop one after six hours; a job that calls a workflow takes no bound."""
    chain["services"]["papyrus"]["environments"]["dev"]["trust"] = {"session_hours": 2}
    deliveries = list(loaded(chain).deliveries())
    jobs = {**push(deliveries)["jobs"], **deploy(deliveries)["jobs"]}

    assert {name: job["timeout-minutes"] for name, job in jobs.items() if "steps" in job} == {
        "papyrus-dev-push": 120,
        "papyrus-staging-find": 35,
        "deploy": 50,
    }


def test_who_deletes_a_branch_builds_nothing(chain: Content, loaded: Loaded) -> None:
    """That is a push as well: each job that waits for no other looks."""
    jobs = push(list(loaded(chain).deliveries()))["jobs"]

    first = [job for job in jobs.values() if "needs" not in job]
    assert len(first) == 2
    assert all(job["if"].startswith("${{ !github.event.deleted") for job in first)


def at_enterprise_server(data: Content) -> None:
    """Let the repository be on GitHub Enterprise Server, which has no runners of its own."""
    data["github"]["issuer"] = "https://git.acme.com/_services/token"
    data["defaults"] = {"deployment": {"runs_on": ["self-hosted"]}}
    data["services"]["papyrus"]["build"] = {"runs_on": ["self-hosted"]}


def test_enterprise_server_has_no_queue(chain: Content, loaded: Loaded) -> None:
    """Its documentation knows one pending entry, which a newcomer would cancel."""
    at_enterprise_server(chain)
    deliveries = list(loaded(chain).deliveries())

    assert push(deliveries)["jobs"]["papyrus-dev-push"]["concurrency"] == {
        "group": "build-dev-${{ github.sha }}"
    }
    assert "concurrency" not in deploy(deliveries)["jobs"]["deploy"]
    env = steps(deploy(deliveries)["jobs"]["deploy"])["Decide"]["env"]
    assert env["GH_ENTERPRISE_TOKEN"] == env["GH_TOKEN"] == "${{ github.token }}"  # noqa: S105


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


def test_docker_builds_the_dockerfile_of_its_context(example: Content, loaded: Loaded) -> None:
    """F18. The root's made the wrong image under the right tag: docker/build-push-action#169."""
    example["services"]["papyrus"]["build"] = {"context": "apps/web"}
    job = push(list(loaded(example).deliveries()))["jobs"]["papyrus-production-push"]

    build = steps(job)["Build and push"]["with"]
    assert (build["context"], build["file"]) == ("apps/web", "apps/web/Dockerfile")


def test_the_image_goes_into_the_template(example: Content, loaded: Loaded) -> None:
    """What Terraform changed in the task reaches production with the next deployment."""
    job = deploy(list(loaded(example).deliveries()))["jobs"]["deploy"]

    assert list(steps(job)) == [
        "Assume the deploy role",
        "Read what runs",
        "Decide",
        "Find the image",
        "Fill in the template",
        "Put the image in",
        "Hold the image",
        "Deploy and wait",
        "Keep the image",
        "Compare the newest revision with the one that runs",
        "Take the one that runs",
        "Register it once more",
    ]
    assert steps(job)["Put the image in"]["with"] == {
        "task-definition": "task-definition.json",
        "container-name": "${{ vars.ECS_CONTAINER }}",
        "image": "${{ steps.image.outputs.uri }}",
    }


def test_what_was_not_deployed_is_not_given_out(example: Content, loaded: Loaded) -> None:
    """The digest is that of the last step of a deployment; a superseded one has none."""
    deliveries = list(loaded(example).deliveries())
    workflow = deploy(deliveries)
    names = list(steps(workflow["jobs"]["deploy"]))

    assert workflow["on"]["workflow_call"]["outputs"]["digest"]["value"] == (
        "${{ jobs.deploy.outputs.digest }}"
    )
    assert workflow["jobs"]["deploy"]["outputs"] == {"digest": "${{ steps.keep.outputs.digest }}"}
    keep = steps(workflow["jobs"]["deploy"])["Keep the image"]
    assert (keep["id"], keep["if"]) == (
        "keep",
        "${{ steps.order.outputs.next != 'superseded' }}",
    )
    assert names.index("Keep the image") > names.index("Deploy and wait")


def test_a_deployment_leads_to_where_it_is_reached(two: Content, loaded: Loaded) -> None:
    """GitHub's page of it links to the address, and the summary says it, where there is one.

    ``vars`` may stand in ``environment.url``:
    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability
    """
    plain = deploy(list(loaded(two).deliveries()))["jobs"]["deploy"]
    assert plain["environment"] == "${{ inputs.environment }}"
    assert "SERVICE_URL" not in json.dumps(plain)

    environments = two["services"]["papyrus"]["environments"]
    environments["production"]["domain"] = "papyrus.example.com"
    reached = deploy(list(loaded(two).deliveries()))["jobs"]["deploy"]
    url = "${{ vars.SERVICE_URL }}"
    assert reached["environment"] == {"name": "${{ inputs.environment }}", "url": url}
    # Staging has none.
    said = steps(reached)["Say where it is reached"]
    assert said["if"] == "${{ steps.order.outputs.next == 'deploy' && vars.SERVICE_URL }}"
    assert said["env"] == {"SERVICE_URL": url}


def test_a_roll_back_is_one_click(two: Content, loaded: Loaded) -> None:
    """By hand: choose the environment, name an earlier tag or digest."""
    inputs = deploy(list(loaded(two).deliveries()))["on"]["workflow_dispatch"]["inputs"]

    assert inputs["environment"]["options"] == ["staging", "production"]
    assert inputs["image"]["required"] is True


def test_a_job_runs_only_for_the_refs_of_its_environment(two: Content, loaded: Loaded) -> None:
    """One pair of files serves all environments of a repository."""
    jobs = push(list(loaded(two).deliveries()))["jobs"]

    assert jobs["papyrus-staging-push"]["if"] == (
        "${{ !github.event.deleted && (github.ref == 'refs/heads/main' || "
        "startsWith(github.ref, 'refs/heads/rc/')) }}"
    )
    assert "papyrus-production-push" not in jobs


def test_a_promotion_across_runs_looks_for_what_was_deployed(two: Content, loaded: Loaded) -> None:
    """A tag's run finds what the branch's run has deployed to the environment before.

    P5: not whatever image the registry has of that commit, which a feature branch may have built.
    """
    jobs = push(list(loaded(two).deliveries()))["jobs"]

    assert jobs["papyrus-production-find"]["if"] == (
        "${{ !github.event.deleted && (startsWith(github.ref, 'refs/tags/v')) }}"
    )
    look = steps(jobs["papyrus-production-find"])["Look for what staging has deployed"]
    assert look["env"]["SOURCE"] == "papyrus-staging"
    job = jobs["papyrus-production-deploy"]
    assert job["needs"] == ["papyrus-production-find"]
    assert job["with"]["image"] == "${{ needs.papyrus-production-find.outputs.digest }}"


SUCCESS, SKIPPED, FAILURE, CANCELLED = "success", "skipped", "failure", "cancelled"


@pytest.mark.parametrize(
    ("before", "found", "ref", "runs"),
    [
        # The environment before deployed in this run, or was skipped and its image found.
        ((SUCCESS, "sha256:1"), (SKIPPED, ""), "refs/heads/main", "sha256:1"),
        ((SKIPPED, ""), (SUCCESS, "sha256:2"), "refs/tags/v1", "sha256:2"),
        # It was superseded, failed, was cancelled, or nothing was found.
        ((SUCCESS, ""), (SKIPPED, ""), "refs/heads/main", None),
        ((FAILURE, ""), (SKIPPED, ""), "refs/heads/main", None),
        ((FAILURE, "sha256:1"), (SKIPPED, ""), "refs/heads/main", None),
        ((CANCELLED, ""), (SKIPPED, ""), "refs/heads/main", None),
        ((SKIPPED, ""), (FAILURE, ""), "refs/tags/v1", None),
        ((SKIPPED, ""), (SKIPPED, ""), "refs/heads/other", None),
    ],
)
def test_what_was_not_deployed_is_not_promoted(
    chain: Content,
    loaded: Loaded,
    before: tuple[str, str],
    found: tuple[str, str],
    ref: str,
    runs: str | None,
) -> None:
    """Results are looked at, and the digest that only a deployment gives out.

    P4: ``!failure() && !cancelled()`` lets a job run after one that was cancelled
    (spyder-ide/spyder#20259).
    """
    job = push(list(loaded(chain).deliveries()))["jobs"]["papyrus-staging-deploy"]
    results = dict(zip(job["needs"], (before, found), strict=True))
    needs = {
        name: {"result": result, "outputs": {"digest": digest}}
        for name, (result, digest) in results.items()
    }
    contexts = Contexts({"needs": needs, "github": {"ref": ref}}, succeeded=False)

    assert contexts.holds(job["if"]) is (runs is not None)
    if runs:
        assert contexts.text(job["with"]["image"]) == runs


def test_a_chain_is_deployed_in_its_order(chain: Content, loaded: Loaded) -> None:
    """Each waits for the one before, and only a ref of its own goes further."""
    jobs = push(list(loaded(chain).deliveries()))["jobs"]

    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "papyrus-dev-push": None,
        "papyrus-dev-deploy": ["papyrus-dev-push"],
        "papyrus-staging-find": None,
        "papyrus-staging-deploy": ["papyrus-dev-deploy", "papyrus-staging-find"],
        "papyrus-production-deploy": ["papyrus-staging-deploy"],
    }
    assert "(startsWith(github.ref, 'refs/tags/v'))" in jobs["papyrus-production-deploy"]["if"]


def test_a_ref_of_both_is_not_looked_for(chain: Content, loaded: Loaded) -> None:
    """Where the environment before takes the ref too, its deployment of this run counts."""
    environments = chain["services"]["papyrus"]["environments"]
    environments["dev"]["deploy_from"] = {"branches": ["release/*"]}
    environments["staging"]["deploy_from"] = {"branches": ["*/next"]}
    jobs = push(list(loaded(chain).deliveries()))["jobs"]

    assert jobs["papyrus-staging-find"]["if"] == (
        "${{ !github.event.deleted && "
        "((startsWith(github.ref, 'refs/heads/') && endsWith(github.ref, '/next'))) && "
        "!(startsWith(github.ref, 'refs/heads/release/')) }}"
    )


def test_a_worker_follows_the_service_whose_image_it_runs(chain: Content, loaded: Loaded) -> None:
    """Nothing is built or looked for; it is deployed after that one, in the same run."""
    chain["services"]["worker"] = {
        "repository": "Papyrus",
        "image_of": "papyrus",
        "environments": {"dev": {}, "production": {}},
    }
    jobs = push(list(loaded(chain).deliveries()))["jobs"]

    assert [name for name in jobs if name.startswith("worker")] == [
        "worker-dev-deploy",
        "worker-production-deploy",
    ]
    job = jobs["worker-production-deploy"]
    assert job["needs"] == ["papyrus-production-deploy"]
    assert job["with"]["image"] == "${{ needs.papyrus-production-deploy.outputs.digest }}"


@pytest.mark.parametrize(
    ("environment", "source"),
    [("dev", ""), ("staging", "papyrus-dev."), ("production", "papyrus-staging.")],
)
def test_by_hand_a_commit_is_one_that_the_environment_before_deployed(
    chain: Content, loaded: Loaded, environment: str, source: str
) -> None:
    """What its tag begins with; nothing where images are built."""
    job = deploy(list(loaded(chain).deliveries()))["jobs"]["deploy"]

    contexts = Contexts({"inputs": {"environment": environment}})
    assert contexts.text(job["env"]["SOURCE"]) == source


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

    env = deploy(list(loaded(two).deliveries()))["jobs"]["deploy"]["env"]
    assert env["ECR_ACCOUNT_ID"] == "${{ vars.ECR_ACCOUNT_ID || vars.AWS_ACCOUNT_ID }}"
    assert env["ECR_REGION"] == "${{ vars.ECR_REGION || vars.AWS_REGION }}"


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


@pytest.mark.slow
@pytest.mark.parametrize(
    "variant", ["example", "two", "chain", "hostile", "secrets", "server", "by_ref", "worker"]
)
def test_github_and_an_attacker_find_nothing(
    request: pytest.FixtureRequest, loaded: Loaded, tmp_path: Path, variant: str
) -> None:
    """By syntax, expressions, scripts (shellcheck), schema, and what can be abused (zizmor)."""
    fixture = {"example": "example", "two": "two", "by_ref": "example"}.get(variant, "chain")
    data: Content = request.getfixturevalue(fixture)
    environments = data["services"]["papyrus"]["environments"]
    if variant == "hostile":
        data["providers"] = {"github": "~> 6.13"}
        environments["production"]["github"] = {
            "name": 'it\'s "prod": #1 $(id) & `id` *x, {{y}}',
            "reviewers": {"users": ["alice"]},
        }
    if variant == "secrets":
        environments["production"]["github"] = {"as_secrets": ["AWS_ACCOUNT_ID", "AWS_REGION"]}
    if variant == "server":
        at_enterprise_server(data)
    if variant == "two":
        environments["production"]["domain"] = "papyrus.example.com"
    if variant == "by_ref":
        environments["production"]["trust"] = {"by": "ref"}
    if variant == "worker":
        data["services"]["worker"] = {
            "repository": "Papyrus",
            "image_of": "papyrus",
            "environments": {"dev": {}, "production": {}},
        }
    deliveries = list(loaded(data).deliveries())
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / workflows.PUSH).write_text(written_push(deliveries))
    (folder / workflows.DEPLOY).write_text(written_deploy(deliveries))
    (tmp_path / ".git").mkdir()  # actionlint finds the called workflow from the root

    shellcheck = BIN / "shellcheck"
    assert shellcheck.exists(), "without it actionlint leaves the scripts out"
    lint = subprocess.run(
        [BIN / "actionlint", f"-shellcheck={shellcheck}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (lint.returncode, lint.stdout) == (0, "")
    schema = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema=vendor.github-workflows", *folder.iterdir()],
        capture_output=True,
        text=True,
    )
    assert schema.returncode == 0, schema.stdout
    audit = subprocess.run(
        [BIN / "zizmor", "--offline", "--min-severity=medium", "--format=json", folder],
        capture_output=True,
        text=True,
    )
    findings = [finding["ident"] for finding in json.loads(audit.stdout)]
    # A called workflow sees the secrets of its environment only by inheriting them.
    assert findings == (["secrets-inherit"] if variant == "secrets" else [])
