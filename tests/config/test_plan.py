"""What GitHub's plans and products have is known before the apply."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.config import DeliveryFile
from keyless_ecs.github.runners import build_runner, deploy_runner
from tests.conftest import Content
from tests.support.config import changed, problems, with_runners

Loaded = Callable[[Content], DeliveryFile]
ENVIRONMENT = "services.papyrus.environments.production"
SERVER = "https://git.acme.example/_services/token"
REVIEWERS = {"reviewers": {"teams": ["platform"]}}


def planned(example: Content, plan: str, visibility: str | None, github: Content) -> Content:
    """Return the example on one of GitHub's plans."""
    data = changed(example, "github.plan", plan)
    data["services"]["papyrus"] |= {"visibility": visibility} if visibility else {}
    return changed(data, f"{ENVIRONMENT}.github", github)


@pytest.mark.parametrize("visibility", [None, "private", "internal"])
@pytest.mark.parametrize("plan", ["pro", "team"])
@pytest.mark.parametrize(
    "github",
    [
        REVIEWERS,
        {"wait_minutes": 5},
        {"admins_bypass": False},
        {**REVIEWERS, "wait_minutes": 1, "prevent_self_review": True},
    ],
)
def test_a_protection_that_the_plan_has_not_is_refused(
    tmp_path: Path, example: Content, plan: str, visibility: str | None, github: Content
) -> None:
    """G6: 422 at apply, or a protection that is silently absent and a plan that never ends.

    https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
    google/go-github#2611
    """
    found = problems(tmp_path / "bad.yaml", planned(example, plan, visibility, github))

    assert len(found) == len(github)
    assert all(f"with GitHub Enterprise alone, not with {plan}" in line for line in found)


@pytest.mark.parametrize(
    ("plan", "visibility"),
    [
        ("free", "public"),
        ("pro", "public"),
        ("team", "public"),
        ("enterprise", "private"),
        ("enterprise", "internal"),
        ("enterprise", None),
    ],
)
def test_a_protection_that_the_plan_has_passes(
    loaded: Loaded, example: Content, plan: str, visibility: str | None
) -> None:
    """G6's neighbours: public repositories have every protection, on every plan."""
    loaded(planned(example, plan, visibility, {**REVIEWERS, "wait_minutes": 5}))


def with_ruleset(example: Content, plan: str, visibility: str | None) -> Content:
    """Return the example by ref, on one of GitHub's plans, with a ruleset."""
    data = planned(example, plan, visibility, {"ruleset": {"roles": ["admin"]}})
    return changed(data, f"{ENVIRONMENT}.trust", {"by": "ref"})


def test_a_ruleset_that_the_plan_has_not_is_refused(tmp_path: Path, example: Content) -> None:
    """G6's neighbour: private repositories of GitHub Free have none, and GitHub answers 403.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets
    """
    (found,) = problems(tmp_path / "bad.yaml", with_ruleset(example, "free", "private"))

    assert "has no rulesets in private repositories" in found


@pytest.mark.parametrize(
    ("plan", "visibility"),
    [("free", "public"), ("pro", "private"), ("team", None), ("enterprise", "internal")],
)
def test_a_ruleset_that_the_plan_has_passes(
    loaded: Loaded, example: Content, plan: str, visibility: str | None
) -> None:
    """Where environments have no reviewers, and where nothing has an environment, it is at hand."""
    loaded(with_ruleset(example, plan, visibility))


@pytest.mark.parametrize(
    ("plan", "visibility", "bypass"),
    [
        (None, None, False),
        ("team", None, True),
        ("pro", "private", True),
        ("team", "public", False),
        ("enterprise", "private", False),
    ],
)
def test_no_plan_differs_for_ever(
    delivered: Callable[[Content, str], Content],
    example: Content,
    plan: str | None,
    visibility: str | None,
    bypass: bool,
) -> None:
    """G6: on Team, GitHub forgets ``can_admins_bypass: false`` in a private repository."""
    data = planned(example, plan, visibility, {}) if plan else example
    resources = delivered(data, "papyrus-production")["resource"]

    environment = resources["github_repository_environment"]["environment"]
    assert environment["can_admins_bypass"] is bypass


@pytest.mark.parametrize("more", [{}, {"deploy_from": {"branches": ["main"]}}])
def test_free_has_no_environments_in_private(
    tmp_path: Path, example: Content, more: Content
) -> None:
    """G6's neighbour: not even the branches are held there."""
    data = planned(example, "free", None, {})
    data["services"]["papyrus"]["environments"]["production"] |= more

    (line,) = problems(tmp_path / "bad.yaml", data)
    assert "GitHub Free has no environments in private repositories" in line


@pytest.mark.parametrize(
    ("github", "refused"),
    [
        ({"prevent_self_review": True}, True),
        ({"prevent_self_review": True, "wait_minutes": 5}, True),
        ({"prevent_self_review": True, "reviewers": {}}, True),
        ({"prevent_self_review": True, **REVIEWERS}, False),
        ({"prevent_self_review": True, "reviewers": {"users": ["octocat"]}}, False),
        ({"prevent_self_review": False}, False),
    ],
)
def test_self_review_is_prevented_where_somebody_reviews(
    tmp_path: Path, loaded: Loaded, example: Content, github: Content, refused: bool
) -> None:
    """G7: 422 at the first apply, and a weaker environment by the retry."""
    data = changed(example, f"{ENVIRONMENT}.github", github)

    if refused:
        (line,) = problems(tmp_path / "bad.yaml", data)
        assert "nobody reviews" in line
    else:
        loaded(data)


def test_an_enterprise_server_needs_runners(
    tmp_path: Path, loaded: Loaded, example: Content
) -> None:
    """P13: no job of ``ubuntu-24.04`` ever starts there.

    aws-actions/configure-aws-credentials#453
    """
    data = changed(example, "github.issuer", SERVER)

    assert [line.split(": ")[0] for line in problems(tmp_path / "bad.yaml", data)] == [
        "services.papyrus.build.runs_on",
        f"{ENVIRONMENT}.deployment.runs_on",
    ]
    loaded(changed(with_runners(example), "github.issuer", SERVER))


@pytest.mark.parametrize(
    ("runs_on", "written"),
    [
        ("self-hosted", "self-hosted"),
        (["self-hosted"], "self-hosted"),
        (["self-hosted", "linux", "arm64"], ["self-hosted", "linux", "arm64"]),
        ({"group": "deployers"}, {"group": "deployers"}),
        (
            {"group": "deployers", "labels": ["x", "y"]},
            {"group": "deployers", "labels": ["x", "y"]},
        ),
        (None, "ubuntu-24.04"),
    ],
)
def test_a_runner_is_named_as_github_names_it(
    loaded: Loaded, example: Content, runs_on: Any, written: Any
) -> None:
    """P13: labels of which the runner has all, or a group."""
    data = example
    if runs_on is not None:
        data = changed(data, "services.papyrus.build", {"runs_on": runs_on})
        data = changed(data, f"{ENVIRONMENT}.deployment", {"runs_on": runs_on})
    (delivery,) = loaded(data).deliveries()

    assert (build_runner(delivery), deploy_runner([delivery])) == (written, written)


@pytest.mark.parametrize("label", ["", "a,b", "${{ x }}", "a\nb", "{a}", "it's"])
def test_a_label_is_one(tmp_path: Path, example: Content, label: str) -> None:
    """P13: what reads as an expression or a list to GitHub is no label."""
    data = changed(example, "services.papyrus.build", {"runs_on": [label]})

    assert problems(tmp_path / "bad.yaml", data)


def test_environments_may_have_runners_of_their_own(loaded: Loaded, example: Content) -> None:
    """P13: one job deploys to all; the runner is chosen by the environment that is asked for."""
    environments = example["services"]["papyrus"]["environments"]
    environments["production"]["deployment"] = {"runs_on": ["self-hosted", "production"]}
    environments["staging"] = {
        "account": "main",
        "deploy_from": {"branches": ["main"]},
        "registry": {"name": "app/staging"},
        "github": {"name": "it's staging"},
    }
    deliveries = sorted(loaded(example).deliveries(), key=lambda each: each.name)

    assert deploy_runner(deliveries) == (
        "${{ fromJSON(inputs.environment == 'production' && "
        """'["self-hosted", "production"]' || '"ubuntu-24.04"') }}"""
    )
    assert deploy_runner(deliveries[::-1]).startswith(
        "${{ fromJSON(inputs.environment == 'it''s staging' && "
    )
    assert json.loads('"ubuntu-24.04"') == deploy_runner(deliveries[1:])


@pytest.mark.parametrize("app_auth", [None, False, True])
def test_an_app_is_asked_for_in_a_block(
    delivered: Callable[[Content, str], Content], example: Content, app_auth: bool | None
) -> None:
    """G3: without the block, releases before 6.12 ignore the App's variables.

    integrations/terraform-provider-github#1717 #2223
    """
    data = example if app_auth is None else changed(example, "github.app_auth", app_auth)
    (provider,) = delivered(data, "papyrus-production")["provider"]["github"]

    assert provider.get("app_auth") == ([{}] if app_auth else None)
