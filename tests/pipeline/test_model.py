"""The model itself: what GitHub and AWS document, and the table of scripts."""

from collections.abc import Iterator

import pytest

from tests.pipeline.model.ecr import Ecr, Image
from tests.pipeline.model.groups import Entry, Groups
from tests.pipeline.model.iam import AwsError
from tests.pipeline.model.scripts import Script, Scripts
from tests.pipeline.model.shell import Answer, Ended
from tests.pipeline.model.terraform import Registry

BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]


def entered(queue: str, *names: str, bound: int = 100) -> dict[str, str]:
    """Let entries of these names enter one group, and return what became of each."""
    groups, became = Groups(bound), dict.fromkeys(names, "pending")
    for name in names:

        def taken(name: str = name) -> None:
            became[name] = "running"

        def cancelled(by: int | None, name: str = name) -> None:
            became[name] = "displaced" if by else "full"

        groups.enter(
            "Deploy" if name == names[0] else "deploy", Entry(name, 1, taken, cancelled), queue
        )
    return became


def test_a_newcomer_takes_the_place_of_the_one_that_waits() -> None:
    """By default one may wait. Names of groups have no case.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#concurrency
    """
    assert entered("single", "a", "b", "c") == {"a": "running", "b": "displaced", "c": "pending"}


def test_a_full_queue_takes_no_more() -> None:
    """With ``queue: max`` the newcomer is cancelled, and not who waits."""
    expected = {"a": "running", "b": "pending", "c": "pending", "d": "full"}

    assert entered("max", "a", "b", "c", "d", bound=2) == expected


def rule(priority: int, count: int, *patterns: str) -> dict[str, object]:
    """Return a lifecycle rule that keeps *count* images."""
    selection = {
        "tagStatus": "tagged",
        "tagPatternList": list(patterns),
        "countType": "imageCountMoreThan",
        "countNumber": count,
    }
    return {"rulePriority": priority, "selection": selection}


@pytest.fixture
def registry() -> Ecr:
    """Return a registry with four images; the second and third have two tags."""
    made = Ecr(Registry("111111111111", "eu-west-1", "web", "MUTABLE", []))
    for number, tags in enumerate((["x1"], ["x2", "y2"], ["x3", "y3"], ["x4"]), start=1):
        made.images[f"d{number}"] = Image(f"d{number}", "c", number, number, tags)
    return made


def test_a_rule_takes_what_a_later_one_would_keep(registry: Ecr) -> None:
    """An image belongs to the first rule that matches it, which may expire it as well.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
    """
    registry.settings.rules = [rule(1, 1, "x*"), rule(2, 9, "y*")]

    assert registry.expire(0) == ["d3", "d2", "d1"]


def test_a_later_rule_expires_nothing_of_an_earlier_one(registry: Ecr) -> None:
    """It counts them all the same."""
    registry.settings.rules = [rule(1, 9, "y*"), rule(2, 1, "x*")]

    assert registry.expire(0) == ["d1"]


def test_several_patterns_must_all_match(registry: Ecr) -> None:
    """So a rule can speak of what two environments have deployed."""
    registry.settings.rules = [rule(1, 1, "x*", "y*")]

    assert registry.expire(0) == ["d2"]


def test_a_tag_moves_and_does_not_renew(registry: Ecr) -> None:
    """The push time stays that of the first push: aws/containers-roadmap#2746."""
    registry.put(registry.images["d1"], "y3")

    assert (registry.images["d1"].tags, registry.images["d3"].tags) == (["x1", "y3"], ["x3"])
    registry.settings.rules = [rule(1, 1, "y*")]
    assert registry.expire(0) == ["d1"]


def test_an_immutable_tag_stays(registry: Ecr) -> None:
    """But for those that are excluded.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html
    """
    registry.settings.mutability = "IMMUTABLE_WITH_EXCLUSION"
    registry.settings.mutable_tags = ["y*"]

    registry.put(registry.images["d1"], "y3")
    with pytest.raises(AwsError, match="ImageTagAlreadyExistsException"):
        registry.put(registry.images["d1"], "x2")


@pytest.fixture
def scripts() -> Iterator[Scripts]:
    """Return an empty table."""
    made = Scripts()
    yield made
    made.close()


COMPARES = """
state=$(aws ecs describe-services --services x)
echo "sleeping for $PUSH" >&2
sleep 90
if [ "$GITHUB_RUN_NUMBER" -ge "$PUSH" ]; then next=deploy; else next=superseded; fi
echo "next=$next $state $SECONDS $GITHUB_SHA" >> "$GITHUB_OUTPUT"
"""


def played(scripts: Scripts, sha: str, number: int, push: int) -> str:
    """Play a script to its end, and return its output."""
    variables = {"GITHUB_SHA": sha, "GITHUB_RUN_NUMBER": f"{number}", "PUSH": f"{push}", "NO": sha}
    run = Script(scripts, COMPARES, BASH, variables, {})
    for answer in ("READY", "120"):
        run.answer(Answer(f"{answer}\n"))
    assert isinstance(run.does, Ended)
    return run.does.output.strip()


def test_a_script_runs_once_per_class(scripts: Scripts) -> None:
    """Another commit is the same to it, and other numbers, but not in another order."""
    one, other = (f"c{number:039x}" for number in (7, 8))

    assert played(scripts, one, 1000002, 1000001) == f"next=deploy READY 120 {one}"
    assert played(scripts, other, 1000009, 1000003) == f"next=deploy READY 120 {other}"
    assert scripts.started == 1
    assert played(scripts, one, 1000001, 1000002) == f"next=superseded READY 120 {one}"
    assert scripts.started == 2
