"""What is foreseen from JSON is what real Terraform plans; what mends it destroys nothing.

All begins with what the first release applied and deployed, and is upgraded from there.
"""

import copy
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs import plans, synthesis
from keyless_ecs.config import load
from keyless_ecs.github import workflows
from keyless_ecs.plans import StackJson
from keyless_ecs.plans.content import type_of
from keyless_ecs.plans.matters import MATTERS
from keyless_ecs.rehearsal import scenes
from keyless_ecs.rehearsal.pipeline.job import StepFailedError
from keyless_ecs.rehearsal.play import Play, Stage
from keyless_ecs.rehearsal.report.record import Revision
from keyless_ecs.rehearsal.report.recorder import Recorder
from keyless_ecs.rehearsal.scene import registry, services
from keyless_ecs.rehearsal.stacks import Stacks
from keyless_ecs.rehearsal.terraform.terraform import Plan, Terraform
from keyless_ecs.synthesis import SynthesizedStack
from tests.conftest import EXAMPLE, ROOT, Content
from tests.support.config import changed
from tests.support.terraform import needs_terraform

pytestmark = [needs_terraform, pytest.mark.rehearsal]

STACK = "papyrus-production"
FIRST_RELEASE = ROOT / "tests/data/first_release.json"
PRODUCTION = "services.papyrus.environments.production"


RELEASED = """
on:
  workflow_dispatch:
    inputs: {environment: {type: string, required: true}, image: {type: string, required: true}}
jobs:
  deploy:
    environment: ${{ inputs.environment }}
    permissions: {id-token: write}
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: "${{ vars.AWS_IAM_ROLE_ARN }}", aws-region: "${{ vars.AWS_REGION }}"}
      - run: |
          aws ecs describe-task-definition --task-definition "${{ vars.ECS_TASK_FAMILY }}" \\
            --include TAGS --query 'merge(taskDefinition, {tags: tags})' > task-definition.json
      - id: render
        uses: aws-actions/amazon-ecs-render-task-definition@v1
        with:
          task-definition: task-definition.json
          container-name: ${{ vars.ECS_CONTAINER }}
          image: ${{ inputs.image }}
      - run: |
          file=${{ steps.render.outputs.task-definition }}
          revision=$(aws ecs register-task-definition --cli-input-json "file://$file" \\
            --query taskDefinition.taskDefinitionArn --output text)
          aws ecs update-service --cluster "${{ vars.ECS_CLUSTER }}" \\
            --service "${{ vars.ECS_SERVICE }}" --task-definition "$revision"
"""
"""How ecs-deploy.yml of the first release deploys; an action did what its last step does here."""


@dataclass
class Upgrade:
    """The example of the first release, deployed once, upgraded to what is generated now.

    Args:
        play: Its rehearsal.
        stage: Where it is played.
        plan: What the first plan of today's stack said.
        moved: What the service ran, and the newest revision of its family, before and after.
    """

    play: Play
    stage: Stage
    plan: Plan
    moved: list[tuple[Revision, str]]

    def deploy_as_released(self, commit: str) -> str:
        """Build a commit and deploy it with the workflow of the first release."""
        return deploy_as_released(self.play, self.stage, commit)


def deploy_as_released(play: Play, stage: Stage, commit: str) -> str:
    """Build a commit, deploy it with the workflow of the first release, return the digest."""
    (delivery,) = play.deliveries
    registry.build(stage.aws, delivery, commit, [])
    digest = registry.pushed(stage.aws, delivery, commit)
    host = f"{delivery.account.id}.dkr.ecr.{delivery.region}.amazonaws.com"
    runner = replace(play._runner(stage, delivery), files={workflows.DEPLOY: RELEASED})
    scenes.by_hand(runner, delivery, f"{host}/{delivery.image_repository}@{digest}")
    return digest


@pytest.fixture(scope="module")
def upgrade() -> Iterator[Upgrade]:
    """Apply the first release's stacks, deploy, and apply today's."""
    file = load(EXAMPLE)
    found = Terraform.find()
    play = Play(EXAMPLE, file, list(file.deliveries()), found, Recorder(lambda _: None))
    (delivery,) = play.deliveries
    with play.stage() as stage:
        for name, content in json.loads(FIRST_RELEASE.read_text()).items():
            # GitHub's provider has one version here.
            content["terraform"]["required_providers"] = play.contents[STACK]["terraform"][
                "required_providers"
            ]
            stage.stacks.write(SynthesizedStack(name, json.dumps(content), {}, 0, {}))
        play.set_up(stage)
        deploy_as_released(play, stage, scenes.commit("released"))
        moved = []
        for step in ("before", "after"):
            if step == "after":
                for name, content in play.contents.items():
                    stage.stacks.write(SynthesizedStack(name, json.dumps(content), {}, 0, {}))
                planned = plan(stage.stacks, STACK)
                stage.stacks.update(STACK)
                stage.stacks.settled(STACK)
            newest, _ = services.newest(stage.aws, delivery)
            moved.append((services.running(stage.aws, delivery), newest))
        yield Upgrade(play, stage, planned, moved)


@pytest.fixture(scope="module")
def applied(upgrade: Upgrade) -> tuple[Play, Stage]:
    """Return the example as it is applied; every test plans another file against its state."""
    return upgrade.play, upgrade.stage


def synthesized(folder: Path, data: Content) -> dict[str, SynthesizedStack]:
    """Return the stacks of a delivery file."""
    (folder / "delivery.yaml").write_text(json.dumps(data))
    file = load(folder / "delivery.yaml")
    return {it.name: it for it in synthesis.synthesize(file, file.stack_names())}


def plan(stacks: Stacks, name: str) -> Plan:
    """Plan the stack *name* as it is written, and apply nothing."""
    folder, terraform = stacks._of(name)
    return terraform.plan(folder)


def foreseen(play: Play, stack: SynthesizedStack) -> set[str]:
    """Return the addresses at which a run would stop that writes *stack*."""
    old = {stack.name: StackJson(play.contents[stack.name])}
    new = {stack.name: StackJson(json.loads(stack.text))}
    return {stop.address for stop in plans.stops(Path("stacks"), old, new)}


def test_an_upgrade_leaves_what_runs(upgrade: Upgrade) -> None:
    """It destroys nothing that runs, and registers nothing in the family: the task stays.

    The registry's rules are made anew, as ECR's are at each change of them.
    """
    ends = {it for it, does in upgrade.plan.actions.items() if does in ("delete", "replace")}
    assert ends == {"aws_ecr_lifecycle_policy.registry_lifecycle"}
    assert upgrade.plan.actions["aws_ecs_task_definition.template"] == "create"
    assert "aws_ecs_task_definition.task" not in upgrade.plan.actions
    before, after = upgrade.moved
    assert before == after
    runs, newest = after
    assert (runs.task_definition, newest) == (f"{STACK}:2", f"{STACK}:2")
    assert "/papyrus@sha256:" in runs.image


def test_an_upgraded_pipeline_goes_on(upgrade: Upgrade) -> None:
    """In the order of the changelog: apply, merge the workflows, deploy once by hand.

    A run of the former workflows is red before, and later, from an old tag, it copies the record
    of the revision that it finds. That is none, as it names another image: no push takes its commit
    for what runs.
    """
    play, stage = upgrade.play, upgrade.stage
    (delivery,) = play.deliveries
    runner = play._runner(stage, delivery)
    released = scenes.commit("released")
    digest = registry.pushed(stage.aws, delivery, released)
    with pytest.raises(StepFailedError, match="not authorized to perform: ecs:RegisterTaskDef"):
        upgrade.deploy_as_released(scenes.commit("in between"))
    assert services.running(stage.aws, delivery) == upgrade.moved[0][0]

    scenes.by_hand(runner, delivery, released)
    images = {image.digest: image.tags for image in registry.images(stage.aws, delivery)}
    assert {*images[digest]} >= {released, f"runs.{STACK}", f"{STACK}.{released}"}
    assert services.running(stage.aws, delivery).image.endswith(f"@{digest}")

    other = upgrade.deploy_as_released(scenes.commit("from an old tag"))
    assert services.running(stage.aws, delivery).image.endswith(f"@{other}")
    scenes.push(runner, delivery, released)
    assert services.running(stage.aws, delivery).image.endswith(f"@{digest}")


@pytest.mark.parametrize(
    "changes",
    [
        {
            "cluster": {"name": "other"},
            "logs": {"name": "/other"},
            "github": {"name": "other"},
            "trust": {"role_name": "other"},
            "registry": {"encryption": "KMS"},
            "task": {"task_role_name": "another", "memory": 1024},
        },
        {
            "cluster": {"existing": STACK},
            "task": {"existing_execution_role": "other"},
            "service_name": "other",
            "registry": {"keep_images": 5},
            "count": 2,
            "exec": True,
        },
    ],
)
def test_terraform_plans_what_was_foreseen(
    applied: tuple[Play, Stage], tmp_path: Path, example: Content, changes: Content
) -> None:
    """Of what matters it destroys and replaces the same addresses: no more, no fewer."""
    play, stage = applied
    data = example
    for key, value in changes.items():
        data = changed(data, f"{PRODUCTION}.{key}", value)
    stack = synthesized(tmp_path, data)[STACK]
    stage.stacks.write(stack)

    planned = plan(stage.stacks, STACK)
    ends = {it for it, action in planned.actions.items() if action in ("delete", "replace")}
    assert {it for it in ends if type_of(it) in MATTERS} == foreseen(play, stack)


def test_what_is_forgotten_is_not_destroyed(
    applied: tuple[Play, Stage], tmp_path: Path, example: Content
) -> None:
    """The file that a stop offers does what it says, in Terraform's plan as here."""
    play, stage = applied
    data = changed(example, f"{PRODUCTION}.registry", {"from": "staging"})
    staging = {"account": "main", "deploy_from": {"branches": ["main"]}}
    data = changed(data, "services.papyrus.environments.staging", staging)
    stacks = synthesized(tmp_path, data)
    old = {STACK: StackJson(play.contents[STACK])}
    new = {name: StackJson(json.loads(it.text)) for name, it in stacks.items()}
    (stop,) = plans.stops(Path("stacks"), old, new)
    stage.stacks.write(stacks[STACK])
    folder, _ = stage.stacks._of(STACK)

    assert plan(stage.stacks, STACK).actions["aws_ecr_repository.registry"] == "delete"
    removed = folder / "removed.tf.json"
    removed.write_text(stop.road.partition("removed.tf.json: ")[2])
    try:
        assert "delete" not in plan(stage.stacks, STACK).actions.values()
    finally:
        removed.unlink()


def test_a_renamed_environment_destroys_nothing(
    applied: tuple[Play, Stage], tmp_path: Path, example: Content
) -> None:
    """Its state is taken along, and all that differs are its tags."""
    _, stage = applied
    data: dict[str, Any] = copy.deepcopy(example)
    service = data["services"].pop("papyrus")
    environment = service["environments"].pop("production")
    service["environments"]["live"] = {**environment, "was": "production"}
    data["services"]["scroll"] = {**service, "was": "papyrus"}
    stack = synthesized(tmp_path, data)["scroll-live"]
    old, _ = stage.stacks._of(STACK)
    stage.stacks.places = {**stage.stacks.places, "scroll-live": stage.stacks.places[STACK]}
    stage.stacks.write(stack)
    new, terraform = stage.stacks._of("scroll-live")
    shutil.copy(old / "terraform.tfstate", new / "terraform.tfstate")
    terraform.init(new)

    planned = plan(stage.stacks, "scroll-live")
    assert set(planned.actions.values()) == {"update"}
    differing = {name for names in planned.arguments.values() for name in names}
    assert differing <= {"tags_all", "tags"}
