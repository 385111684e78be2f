"""Whole rehearsals: what works is seen to work, and what was broken on purpose is found."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs import synthesis
from keyless_ecs.config import load
from keyless_ecs.rehearsal.errors import UnexpectedOutcomeError
from keyless_ecs.rehearsal.pipeline.job import StepFailedError
from keyless_ecs.rehearsal.play import Play, Stage
from keyless_ecs.rehearsal.rehearse import rehearse
from keyless_ecs.rehearsal.report.record import Record
from keyless_ecs.rehearsal.report.recorder import Recorder
from keyless_ecs.rehearsal.stacks import UnexpectedPlanError
from keyless_ecs.rehearsal.terraform.terraform import Terraform
from tests.conftest import EXAMPLE, ROOT, Content
from tests.support.terraform import needs_terraform

pytestmark = [needs_terraform, pytest.mark.rehearsal]

STACK = "papyrus-production"


@pytest.fixture(scope="module")
def example_record(tmp_path_factory: pytest.TempPathFactory) -> tuple[Record, Path, list[str]]:
    """Return the rehearsal of the shipped example, its report, and what it showed."""
    report, shown = tmp_path_factory.mktemp("report"), list[str]()
    file = load(EXAMPLE)
    record = rehearse(EXAMPLE, file, list(file.deliveries()), report=report, show=shown.append)
    return record, report, shown


@pytest.mark.xdist_group("example")
def test_the_example_is_delivered(example_record: tuple[Record, Path, list[str]]) -> None:
    """From empty accounts to a deployment, a change, a roll-back, and empty accounts again."""
    record, _, shown = example_record
    assert record.verdict == "passed", shown[-1]
    assert {step.name for step in record.steps} >= {
        "the last of three pushes is the first to be deployed",
        "roll back by hand while an approval waits",
        "push a branch and a tag at once",
    }
    details = {step.name: step.detail for step in record.steps}
    # It begins with what was deployed last, the roll-back.
    assert details["see what it runs"] == f"{STACK}-renamed runs {STACK}:4"
    assert details["build 40 times, and let images expire"] == "10 images have expired"

    moments = [change.moment for change in record.services]
    assert moments == ["first push", "push after the change", "roll back"]
    first, second, third = record.services
    assert first.before.image == "public.ecr.aws/nginx/nginx:stable"
    registry = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/papyrus@sha256:"
    assert first.after.image.startswith(registry)
    assert second.after.image not in (first.before.image, first.after.image)
    assert third.after.image == first.after.image
    # 1 is Terraform's, the placeholder; what it changes later is a revision of the template.
    assert [change.after.task_definition[-1] for change in record.services] == ["2", "3", "4"]
    plans = [step for step in record.steps if step.name == "plan again"]
    assert len(plans) == 8
    assert {step.detail for step in plans} == {"No changes"}


@pytest.mark.xdist_group("example")
def test_tokens_and_permissions_are_accounted_for(
    example_record: tuple[Record, Path, list[str]],
) -> None:
    """Each token fares as it should, and the role has no permission that nothing needed."""
    record, _, _ = example_record

    assert len(record.claims) > 100
    assert all(claim.as_expected for claim in record.claims)
    assert {claim.admitted for claim in record.claims} == {True, False}
    unused = [permission.action for permission in record.permissions if not permission.uses]
    # An image that is built on an earlier one of the same repository pulls its layers.
    assert unused == ["ecr:GetDownloadUrlForLayer"]


@pytest.mark.xdist_group("example")
def test_what_was_not_exercised_is_said(example_record: tuple[Record, Path, list[str]]) -> None:
    """What nothing came of stands in the report, and what is left out for the older provider."""
    record, report, _ = example_record

    listed = {(part.address, part.what) for part in record.not_exercised}
    kept = ("aws_ecs_service.service", "deployment_circuit_breaker")
    assert kept in listed
    if record.providers["aws"].startswith("3."):
        assert ("aws_ecs_task_definition.task", "skip_destroy") in listed
        assert ("data.aws_subnets.network_subnets", "") in listed
    else:
        assert listed == {kept}
    assert Record.from_json((report / "report.json").read_text()) == record
    assert "passed" in (report / "index.html").read_text()


def test_adoption(tmp_path: Path) -> None:
    """What the article's console steps made comes under state, and nothing is destroyed.

    The delivery file is the one of docs/adopting.md.
    """
    page = (ROOT / "docs/adopting.md").read_text()
    config = tmp_path / "delivery.yaml"
    config.write_text(page.partition("```yaml\n")[2].partition("```")[0])
    file, shown = load(config), list[str]()
    play = Play(config, file, list(file.deliveries()), Terraform.find(), Recorder(shown.append))
    with play.stage() as stage:
        play.set_up(stage)
        play.push(stage, "first push after adoption")

    details = {(step.stack, step.name): step.detail for step in play.recorder.steps}
    assert details["account-main", "plan"] == "1 to update, 1 to import"
    assert details[STACK, "plan"] == "12 to update, 23 to create, 12 to import"
    assert details[STACK, "plan again"] == "No changes"


Change = Callable[[Content], None]


@dataclass
class Broken:
    """The example, set up, in which a test breaks something."""

    play: Play
    stage: Stage

    def apply(self, change: Change) -> None:
        """Break the stack as it was generated, which mends what others broke, and apply it."""
        content = copy.deepcopy(dict(self.play.contents[STACK]))
        change(content)
        stacks = self.stage.stacks
        stacks.write(synthesis.SynthesizedStack(STACK, json.dumps(content), {}, 0, {}))
        stacks.update(STACK)


@pytest.fixture(scope="module")
def broken() -> Iterator[Broken]:
    """Set the example up once, for every test to break in its own way."""
    file = load(EXAMPLE)
    play = Play(
        EXAMPLE,
        file,
        list(file.deliveries()),
        Terraform.find(),
        Recorder(lambda _: None),
    )
    with play.stage() as stage:
        play.set_up(stage)
        yield Broken(play, stage)


def test_it_works_unbroken(broken: Broken) -> None:
    """What the other tests find is what they broke: it is the first of them."""
    broken.play.try_tokens(broken.stage)
    broken.play.push(broken.stage, "unbroken")


def test_no_ignore_changes(broken: Broken) -> None:
    """Terraform would take the service back to its own revision."""

    def change(content: Content) -> None:
        service = content["resource"]["aws_ecs_service"]["service"]
        del service["lifecycle"]
        service["task_definition"] = "${aws_ecs_task_definition.task.arn}"

    broken.apply(change)

    with pytest.raises(UnexpectedPlanError, match=r"aws_ecs_service\.service for its .*task_defin"):
        broken.play.push(broken.stage, "no ignore_changes")


def test_a_trust_policy_with_the_wrong_environment(broken: Broken) -> None:
    """The job gets no credentials, and the tokens show who does."""

    def change(content: Content) -> None:
        trust = content["locals"]["deploy_role_trust"]
        content["locals"]["deploy_role_trust"] = json.loads(
            json.dumps(trust).replace(":environment:production", ":environment:staging")
        )

    broken.apply(change)

    with pytest.raises(UnexpectedOutcomeError, match="environment:staging is let in"):
        broken.play.try_tokens(broken.stage)
    with pytest.raises(StepFailedError, match="Could not assume role with OIDC"):
        broken.play.push(broken.stage, "wrong environment")


@pytest.mark.parametrize(
    ("role", "sid", "action"),
    [
        ("build_role", "EcrPush", "ecr:BatchGetImage"),
        ("deploy_role", "EcrTagImage", "ecr:BatchGetImage"),
        ("deploy_role", "EcsUpdateService", "ecs:UpdateService"),
        ("deploy_role", "PassTaskRoles", "iam:PassRole"),
    ],
)
def test_a_missing_permission(broken: Broken, role: str, sid: str, action: str) -> None:
    """The step that needs it fails, and names it."""

    def change(content: Content) -> None:
        policy = content["locals"][f"{role}_permissions"]
        policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != sid]

    broken.apply(change)

    with pytest.raises(StepFailedError, match=f"not authorized to perform: {action}"):
        broken.play.push(broken.stage, f"without {sid}")


def variables(content: Content) -> dict[str, Any]:
    """Return the variables of the GitHub environment."""
    found: dict[str, Any] = content["resource"]["github_actions_environment_variable"]
    return found


def test_a_wrong_container_name(broken: Broken) -> None:
    """The image has no container to go into."""

    def change(content: Content) -> None:
        variables(content)["environment_ECS_CONTAINER"]["value"] = "papirus"

    broken.apply(change)

    with pytest.raises(StepFailedError, match="matching name: papirus; there is papyrus"):
        broken.play.push(broken.stage, "wrong container")


def test_a_variable_that_nobody_sets(broken: Broken) -> None:
    """GitHub would hand on an empty text, and the step would fail for another reason."""

    def change(content: Content) -> None:
        del variables(content)["environment_ECS_SERVICE"]

    broken.apply(change)

    with pytest.raises(StepFailedError, match=r"is empty: there is no vars\.ECS_SERVICE"):
        broken.play.push(broken.stage, "no variable")


def test_a_branch_that_may_not_deploy(broken: Broken) -> None:
    """The environment's own deployment policy refuses the job before it starts."""

    def change(content: Content) -> None:
        policies = content["resource"]["github_repository_environment_deployment_policy"]
        policies["environment_branch_main"]["branch_pattern"] = "release"

    broken.apply(change)

    with pytest.raises(StepFailedError, match="refs/heads/main is not allowed to deploy"):
        broken.play.push(broken.stage, "other branch")


def test_a_failure_ends_it_with_terraforms_own_words(tmp_path: Path) -> None:
    """The step that failed, what it said, and a report all the same."""
    file, shown, mirror = load(EXAMPLE), list[str](), tmp_path / "mirror"
    mirror.mkdir()

    record = rehearse(
        EXAMPLE,
        file,
        list(file.deliveries()),
        mirror=mirror,
        report=tmp_path,
        show=shown.append,
    )

    assert record.verdict == "failed"
    assert [step.name for step in record.steps if step.outcome == "failed"] == [
        "find the providers"
    ]
    assert "mirror does not hold what is needed" in shown[-1]
    assert "Failed to query available provider packages" in shown[-1]
    assert "mirror does not hold what is needed" in (tmp_path / "index.html").read_text()
