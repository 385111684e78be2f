"""What is foreseen from JSON is what real Terraform plans; what mends it destroys nothing."""

import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs import plans, synthesis
from keyless_ecs.config import load
from keyless_ecs.plans import StackJson
from keyless_ecs.plans.content import type_of
from keyless_ecs.plans.matters import MATTERS
from keyless_ecs.rehearsal.play import Play, Stage
from keyless_ecs.rehearsal.report.recorder import Recorder
from keyless_ecs.rehearsal.stacks import Stacks
from keyless_ecs.rehearsal.terraform.terraform import Plan, Terraform
from keyless_ecs.synthesis import SynthesizedStack
from tests.conftest import EXAMPLE, Content
from tests.support.config import changed
from tests.support.terraform import needs_terraform

pytestmark = [needs_terraform, pytest.mark.rehearsal]

STACK = "papyrus-production"
PRODUCTION = "services.papyrus.environments.production"


@pytest.fixture(scope="module")
def applied() -> Iterator[tuple[Play, Stage]]:
    """Apply the example once; every test plans another file against its state."""
    file = load(EXAMPLE)
    found = Terraform.find()
    play = Play(EXAMPLE, file, list(file.deliveries()), found, Recorder(lambda _: None))
    with play.stage() as stage:
        play.set_up(stage)
        yield play, stage


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
