"""Refs of one environment that deploy another as well are said."""

import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from keyless_ecs.config import load
from tests.conftest import Content


def warned(path: Path, example: Content, **environments: Content) -> list[str]:
    """Return what is said of environments whose patterns meet, each given by its deploy_from."""
    example["services"]["papyrus"]["environments"] = {
        name: {"account": "main", "deploy_from": deploy_from, "registry": {"name": f"app/{name}"}}
        for name, deploy_from in environments.items()
    }
    path.write_text(json.dumps(example, indent=2))
    said: list[str] = []
    load(path, warn=said.append)
    return [line.split("  ")[-1] for text in said for line in text.splitlines() if "also" in line]


def test_a_release_candidate_is_production_s_too(tmp_path: Path, example: Content) -> None:
    """R1: whoever tags ``v0.1.0-rc.1`` for staging is told where else it goes, and the mend."""
    (line,) = warned(
        tmp_path / "d.yaml",
        example,
        staging={"tags": ["v*-rc*"]},
        production={"branches": ["main"], "tags": ["x", "v*.*.*"]},
    )

    assert line == (
        'services.papyrus.environments.production.deploy_from.tags.1: "v*.*.*" also takes what '
        'deploys staging of papyrus, "v*-rc*"; keep it out with deploy_from: {except: ["v*-rc*"]}, '
        "or name it here too if both are meant"
    )


@pytest.mark.parametrize(
    ("staging", "production", "where"),
    [
        ({"branches": ["main"]}, {"branches": ["main"]}, None),
        ({"branches": ["main"]}, {"tags": ["main"]}, None),
        ({"tags": ["v*-rc*"]}, {"tags": ["v*.*.*"], "except": ["v*-*"]}, None),
        ({"tags": ["v*-rc*"]}, {"tags": ["v*.*.*"], "except": ["v*-rc*"]}, None),
        ({"tags": ["v*-rc*"]}, {"tags": ["v*.*.*", "v*-rc*"]}, None),
        ({"tags": ["v*-rc*"], "except": ["v*.*.*"]}, {"tags": ["v*.*.*"]}, None),
        ({"any_branch": True}, {"branches": ["main"]}, None),
        ({"branches": ["feature/*"]}, {"branches": ["feature/*/x"]}, None),
        ({"branches": ["feature/*"]}, {"branches": ["main"]}, None),
        ({"branches": ["release/**"]}, {"branches": ["release/1/*"]}, "staging"),
        ({"branches": ["release/*"]}, {"branches": ["release/1"]}, "staging"),
        ({"tags": ["v1-rc"]}, {"tags": ["v*"]}, "production"),
        ({"branches": ["*-x"]}, {"branches": ["y-*"]}, "production"),
    ],
)
def test_only_patterns_that_meet_unseen_are_said(
    tmp_path: Path, example: Content, staging: Content, production: Content, where: str | None
) -> None:
    """R1's neighbours: the same pattern, an exception, a name in both, another kind of ref."""
    lines = warned(tmp_path / "d.yaml", example, staging=staging, production=production)

    assert [line.split(".")[3] for line in lines] == ([where] if where else [])


def test_the_mend_of_the_warning_quiets_it(tmp_path: Path, example: Content) -> None:
    """Kind 3: following the message leads to a file that passes and says nothing more."""
    lines = warned(
        tmp_path / "d.yaml",
        example,
        staging={"tags": ["v*-rc*"]},
        production={"tags": ["v*.*.*"], "except": ["v*-rc*"]},
    )

    assert lines == []


@pytest.mark.parametrize(
    ("deploy_from", "more", "warns"),
    [
        ({"tags": ["v*"]}, {}, True),
        ({"tags": ["v1.0"]}, {}, True),
        ({"tags": ["v*"], "except": ["v*-*"]}, {}, True),
        ({"tags": ["v*"]}, {"github": {"reviewers": {"teams": ["platform"]}}}, False),
        ({"tags": ["v*"]}, {"github": {"wait_minutes": 30}}, False),
        ({"tags": ["v*"]}, {"github": {"ruleset": {"roles": ["maintain"]}}}, False),
        ({"tags": ["v*"]}, {"github": {"ruleset": {"teams": ["release"]}}}, False),
        ({"tags": ["v*"]}, {"github": {"ruleset": "none"}}, True),
        ({"branches": ["main"], "tags": ["v*"]}, {}, False),
        ({"branches": ["main"]}, {}, False),
    ],
)
def test_who_makes_a_tag_is_said(
    tmp_path: Path, example: Content, deploy_from: Content, more: Content, warns: bool
) -> None:
    """Kind 14: where releases wait for a tag, whoever can write to the repository can make one.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets
    """
    production = example["services"]["papyrus"]["environments"]["production"]
    production |= {"deploy_from": deploy_from, **more}
    path = tmp_path / "d.yaml"
    path.write_text(json.dumps(example, indent=2))
    said: list[str] = []
    load(path, warn=said.append)

    assert any("whoever can write to the repository" in each for each in said) == warns


def said_of(path: Path, example: Content, **environments: Content) -> list[str]:
    """Return what is said of environments of one repository, each given by all it says."""
    example["services"]["papyrus"]["environments"] = {
        name: {"account": "main", "registry": {"name": f"app/{name}"}, **said}
        for name, said in environments.items()
    }
    path.write_text(json.dumps(example, indent=2))
    said: list[str] = []
    load(path, warn=said.append)
    return said


def test_the_mend_of_the_warning_of_tags_quiets_it(tmp_path: Path, example: Content) -> None:
    """Kind 3: the setting that the message writes passes as it stands, and ends the message."""
    tags = {"deploy_from": {"tags": ["v*"]}}
    (warned,) = said_of(tmp_path / "d.yaml", example, production=tags)
    (written,) = re.findall(r"github: \{ruleset: \{.*?\}\}", " ".join(warned.split()))

    github = YAML(typ="safe").load(written)
    assert said_of(tmp_path / "d.yaml", example, production={**tags, **github}) == []


RELEASE, QA = ({"github": {"ruleset": {"teams": [team]}}} for team in ("release", "qa"))
TAGS, CANDIDATES = ({"deploy_from": {"tags": [tags]}} for tags in ("v*.*.*", "v*-rc*"))


@pytest.mark.parametrize(
    ("staging", "production", "warns"),
    [
        ({**CANDIDATES, **QA}, {**TAGS, **RELEASE}, True),
        ({**TAGS, **QA}, {**TAGS, **RELEASE}, True),
        ({**CANDIDATES, **RELEASE}, {**TAGS, **RELEASE}, False),
        ({**CANDIDATES}, {**TAGS, **RELEASE}, False),
        (
            {**CANDIDATES, **QA},
            {"deploy_from": {"tags": ["v*.*.*"], "except": ["v*-*"]}, **RELEASE},
            False,
        ),
        ({"deploy_from": {"branches": ["main"]}, **QA}, {**TAGS, **RELEASE}, False),
    ],
)
def test_rulesets_that_meet_are_said(
    tmp_path: Path, example: Content, staging: Content, production: Content, warns: bool
) -> None:
    """Kind 4: rulesets add up, so that who is named in one alone cannot make the ref at all.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets#about-rule-layering
    """
    said = said_of(tmp_path / "d.yaml", example, staging=staging, production=production)

    assert any("rulesets add up" in each for each in said) == warns
