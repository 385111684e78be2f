"""What the trust assumes of GitHub is verified at plan time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from keyless_ecs.rehearsal.github.store import GitHub
from tests.conftest import Content
from tests.support.config import changed, with_runners
from tests.support.github import Stack
from tests.support.github import stack as stack_beside_github
from tests.support.terraform import needs_terraform

Delivered = Callable[[Content, str], Content]
PAPYRUS = "Nickelth/Papyrus"


def read(stack: Content) -> Content:
    """Return what a stack reads of GitHub."""
    return {
        f"{type_}.{name}": body
        for type_, named in stack["data"].items()
        for name, body in named.items()
        if type_.startswith("github_")
    }


@pytest.mark.parametrize(
    ("changes", "looked_up"),
    [
        ({}, ["repository", "subject", "owner"]),
        ({"github.owner_id": "1", "services.papyrus.repository_id": "2"}, []),
        ({"services.papyrus.repository_id": "2"}, ["owner"]),
        ({"github.owner_id": "1"}, ["repository", "subject"]),
        ({"github.issuer": "https://git.acme.example/_services/token"}, []),
    ],
)
def test_no_more_is_read_than_is_needed(
    example: Content, delivered: Delivered, changes: Content, looked_up: list[str]
) -> None:
    """G8: a token without Pages read cannot read a repository with Pages; ids need no look-up.

    integrations/terraform-provider-github#1003
    """
    data = with_runners(example)
    for path, value in changes.items():
        data = changed(data, path, value)

    found = read(delivered(data, "papyrus-production"))
    assert sorted(name.split(".")[1] for name in found) == sorted(looked_up)
    assert all(each["lifecycle"]["postcondition"] for each in found.values())


@pytest.fixture
def plan(tmp_path: Path, example: Content, delivered: Delivered) -> Callable[..., str]:
    """Return what plans all that the example's stack reads of GitHub, and tells what was said."""
    found = delivered(
        changed(
            example,
            "services.papyrus.environments.production.github",
            {"reviewers": {"teams": ["platform"]}},
        ),
        "papyrus-production",
    )
    data = {type_: named for type_, named in found["data"].items() if type_.startswith("github_")}

    def said(prepare: Callable[[Stack], object], status: int) -> str:
        with stack_beside_github(tmp_path) as stack:
            stack.write({"data": data, "check": found["check"]})
            prepare(stack)
            return stack.init().terraform("plan", status=status)

    return said


def world(**others: object) -> Callable[[Stack], GitHub]:
    """Return what makes a GitHub that differs from what the example assumes."""
    usual = {"owner": "Nickelth", "owner_id": 1, "repositories": {"Papyrus": 42}}

    def make(stack: Stack) -> GitHub:
        return GitHub.create(
            stack.github.path,
            **{**usual, "teams": {"platform": 5}, **others},  # type: ignore[arg-type]
        )

    return make


@needs_terraform
@pytest.mark.terraform
@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        (world(), None),
        (world(repositories={"PAPYRUS": 42}), 'GitHub "Nickelth/PAPYRUS"'),
        (world(repositories={"Other": 42}), "none that this token can read"),
        (world(owner="nickelth"), '"nickelth" to GitHub'),
        (
            lambda stack: stack.github.put_subject_template(PAPYRUS, ["repo", "job_workflow_ref"]),
            "is customized",
        ),
        (lambda stack: stack.github.put_subject_template(PAPYRUS, ["repo", "context"]), None),
        (lambda stack: stack.github.put_subject_template(PAPYRUS, []), "is customized"),
    ],
)
def test_the_plan_says_what_sts_would_refuse(
    plan: Callable[..., str], prepare: Callable[[Stack], object], error: str | None
) -> None:
    """G4, G5: each of these planned clean, and every job was refused.

    integrations/terraform-provider-github#1938 #686, aws-actions/configure-aws-credentials#454
    """
    said = plan(prepare, status=1 if error else 0)

    assert (error or "No changes") in said


def test_a_reviewing_team_without_access_is_seen(example: Content, delivered: Delivered) -> None:
    """G1: GitHub drops it in silence, so that nobody has to approve.

    integrations/terraform-provider-github#1166 #2761
    """
    data = changed(
        example,
        "services.papyrus.environments.production.github",
        {"reviewers": {"teams": ["platform", "sre"], "users": ["octocat"]}},
    )
    checks = delivered(data, "papyrus-production")["check"]

    assert checks.keys() == {"reviewing_team_platform", "reviewing_team_sre"}
    (assertion,) = checks["reviewing_team_sre"]["assert"]
    assert "data.github_team.environment_team_sre.repositories" in assertion["condition"]
    assert "the role Read" in assertion["error_message"]


def test_the_providers_owner_is_the_one_that_is_verified(
    example: Content, delivered: Delivered
) -> None:
    """G10: by its name alone, the repository of whatever owner GITHUB_OWNER names is found.

    integrations/terraform-provider-github#2722
    """
    found = read(delivered(example, "papyrus-production"))["github_repository.repository"]

    assert found["name"] == "Papyrus"
    assert "full_name" not in found
    (condition,) = found["lifecycle"]["postcondition"]
    assert condition["condition"] == '${self.full_name == "Nickelth/Papyrus"}'
    assert "GITHUB_OWNER" in condition["error_message"]
