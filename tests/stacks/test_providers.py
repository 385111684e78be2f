"""Versions of the providers: exact unless a constraint says otherwise, as Terraform reads it."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from keyless_ecs.config import DeliveryFile
from keyless_ecs.config.providers import BOUND, admits
from tests.conftest import Content
from tests.support.config import problems
from tests.support.terraform import needs_terraform

Delivered = Callable[[Content, str], Content]
Loaded = Callable[[Content], DeliveryFile]

CONSTRAINTS = {
    "6.25.0": True,
    "= 6.25": True,
    "6.25.1": False,
    "!= 6.25.0": False,
    "!= 6.24.0": True,
    "> 6.25": False,
    ">= 6.25, < 7": True,
    ">=6.0,<6.25": False,
    "<= 6.25.0": True,
    "~> 6": True,
    "~> 5": False,
    "~> 6.25": True,
    "~> 6.20": True,
    "~> 6.26": False,
    "~> 6.25.0": True,
    "~> 6.25.1": False,
    "~> 6.24.0": False,
}
NONSENSE = ["", " ", "*", "6.x", "v6.25.0", "==6.25", ">= 6.25 < 7", "< 7,", "6.25.0.0", "${x}"]


@pytest.mark.parametrize(("constraint", "admitted"), CONSTRAINTS.items())
def test_a_constraint_admits_what_it_says(constraint: str, admitted: bool) -> None:
    """By Terraform's rules, which the next test asks Terraform itself."""
    assert admits(constraint, "6.25.0") == admitted


@needs_terraform
@pytest.mark.terraform
def test_terraform_agrees(tmp_path: Path, mirror: Path) -> None:
    """It installs a provider of that version where we say so, and stops where we do."""
    rc = tmp_path / "terraform.rc"
    path = json.dumps(str(mirror))
    rc.write_text(f"provider_installation {{\n  filesystem_mirror {{\n path = {path}\n }}\n}}\n")

    for number, constraint in enumerate([*CONSTRAINTS, *NONSENSE]):
        folder = tmp_path / str(number)
        folder.mkdir()
        aws = {"source": "example.com/acme/aws", "version": constraint}
        (folder / "main.tf.json").write_text(
            json.dumps({"terraform": {"required_providers": {"aws": aws}}})
        )
        result = subprocess.run(
            ["terraform", f"-chdir={folder}", "init", "-input=false"],
            env={**os.environ, "TF_CLI_CONFIG_FILE": str(rc)},
            capture_output=True,
            text=True,
        )
        installed = result.returncode == 0
        assert installed == CONSTRAINTS.get(constraint, False), (constraint, result.stderr)


@pytest.mark.parametrize("constraint", NONSENSE)
def test_what_terraform_would_not_understand_is_refused(
    tmp_path: Path, example: Content, constraint: str
) -> None:
    """At the edge, and not in every plan."""
    example["providers"] = {"aws": constraint}

    assert problems(tmp_path / "bad.yaml", example) == [
        f"providers.aws: {constraint!r} is not a version constraint; use released versions with "
        '= != > >= < <= ~> and commas between: "~> 6.25" or ">= 6.25, < 8"'
    ]


def test_a_constraint_admits_what_the_json_is_written_for(tmp_path: Path, example: Content) -> None:
    """Another version may not know an argument, or mean something else by it."""
    example["providers"] = {"aws": "~> 6.999", "github": 6.9}

    assert problems(tmp_path / "bad.yaml", example) == [
        f"providers.aws: '~> 6.999' does not admit {BOUND['aws']}, which the JSON is written for; "
        f'use one that does: "~> {BOUND["aws"].rpartition(".")[0]}"',
        "providers.github: 6.9 is not text to YAML; put it in quotes",
    ]


def test_the_version_is_that_of_the_bindings(example: Content, delivered: Delivered) -> None:
    """Patches come in without a change of the JSON; the lock file says which it is.

    https://developer.hashicorp.com/terraform/language/providers/requirements#best-practices-for-provider-versions
    """
    required = delivered(example, "papyrus-production")["terraform"]["required_providers"]

    assert {name: entry["version"] for name, entry in required.items()} == {
        name: f"~> {version}" for name, version in BOUND.items()
    }


@pytest.mark.parametrize(
    ("constraint", "taken"),
    [
        ("6.9.0", False),
        ("= 6.9.0", False),
        ("<= 6.9.0", False),
        pytest.param("~> 6.9.0", True, marks=pytest.mark.cdktf),
        pytest.param("6.9.1", True, marks=pytest.mark.cdktf),
        ("~> 6.9", True),
        (">= 6.9.0, != 6.9.0", True),
        (">= 6.13, < 7", True),
        ("~> 6.13", True),
        ("~> 6.8.0", False),
        ("~> 5.0", False),
        (">= 7", False),
    ],
)
def test_no_constraint_takes_a_release_that_panics(
    tmp_path: Path, loaded: Loaded, example: Content, constraint: str, taken: bool
) -> None:
    """G2: 6.9.0 panics where a look-up fails, 6.9.1 does not; later releases take the same JSON.

    https://github.com/integrations/terraform-provider-github/pull/2992
    """
    example["providers"] = {"github": constraint}

    if taken:
        loaded(example)
    else:
        assert "does not admit" in problems(tmp_path / "bad.yaml", example)[0]


@pytest.mark.parametrize(
    ("environment", "constraint", "refused"),
    [
        pytest.param({"github": {"name": "live:eu"}}, None, True, marks=pytest.mark.cdktf),
        ({"github": {"name": "live:eu"}}, "~> 6.9", True),
        ({"github": {"name": "live:eu"}}, ">= 6.9.1, != 6.10.0", True),
        ({"github": {"name": "live:eu"}}, "~> 6.13", False),
        ({"github": {"name": "live:eu"}}, ">= 6.13.0, < 7", False),
        ({"github": {"name": "live eu"}}, None, False),
        ({"trust": {"by": "ref"}}, None, False),
    ],
)
def test_a_name_with_a_colon_wants_a_provider_that_keeps_it(
    tmp_path: Path,
    loaded: Loaded,
    example: Content,
    environment: Content,
    constraint: str | None,
    refused: bool,
) -> None:
    """G11: 6.9 to 6.12 join ids with colons: variables absent, nothing can be destroyed.

    https://github.com/integrations/terraform-provider-github/issues/2387
    """
    example["services"]["papyrus"]["environments"]["production"].update(environment)
    example["providers"] = {"github": constraint} if constraint else {}

    if refused:
        (line,) = problems(tmp_path / "bad.yaml", example)
        assert "before release 6.13 the GitHub provider loses the variables" in line
    else:
        loaded(example)


def test_a_constraint_takes_its_place(example: Content, delivered: Delivered) -> None:
    """In every stack that has the provider, and in no other provider."""
    example["providers"] = {"aws": ">= 6.25, < 8"}

    for name, versions in (
        ("account-main", {"aws": ">= 6.25, < 8"}),
        ("papyrus-production", {"aws": ">= 6.25, < 8", "github": f"~> {BOUND['github']}"}),
    ):
        required = delivered(example, name)["terraform"]["required_providers"]
        assert {key: entry["version"] for key, entry in required.items()} == versions
