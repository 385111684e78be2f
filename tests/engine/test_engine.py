"""The engine is the one that is installed, and the source need not know which."""

import copy
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.engines import compare
from keyless_ecs.commands import main
from keyless_ecs.engine import libraries
from tests.conftest import EXAMPLE
from tests.support.script import run

CDKTF, TERRAIN = libraries.ENGINES


@pytest.fixture
def installed(tmp_path: Path) -> Callable[..., str]:
    """Return what puts empty packages where Python finds no others, and starts a script there."""

    def install(*packages: str) -> str:
        for package in packages:
            (tmp_path / package / "table").mkdir(parents=True)
            (tmp_path / package / "__init__.py").touch()
            (tmp_path / package / "table/__init__.py").write_text("class Table: ...\n")
        return (
            "import sys\n"
            "sys.path[:] = [path for path in sys.path if 'site-packages' not in path]\n"
            f"sys.path.insert(0, {str(tmp_path)!r})\n"
            "from keyless_ecs.engine import libraries\n"
        )

    return install


def said(script: str) -> str:
    """Return what *script* prints."""
    result = run(script)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize(
    ("packages", "chosen"),
    [
        (CDKTF.packages, CDKTF),
        (TERRAIN.packages, TERRAIN),
        ((*TERRAIN.packages, *CDKTF.packages), CDKTF),
        ((*TERRAIN.packages, CDKTF.core), TERRAIN),
        ((), CDKTF),
    ],
    ids=["CDKTF", "CDK Terrain", "both", "half of CDKTF", "neither"],
)
def test_the_engine_is_the_one_that_is_installed(
    installed: Callable[..., str], packages: tuple[str, ...], chosen: libraries.Engine
) -> None:
    """CDKTF where there are both; one that lacks a package is none."""
    assert said(installed(*packages) + "print(libraries.installed().core)") == f"{chosen.core}\n"


def test_the_names_of_cdktf_stand_for_the_modules_of_the_other(
    installed: Callable[..., str],
) -> None:
    """Either name is one module, whichever comes first, and a module knows its own name."""
    script = """
libraries.name_as_cdktf(libraries.installed())
libraries.name_as_cdktf(libraries.installed())
from cdktf_cdktf_provider_aws.table import Table
import cdktn_provider_aws.table as own, cdktf_cdktf_provider_aws.table as alias
import cdktn_provider_github.table as own_first, cdktf_cdktf_provider_github.table as alias_last
import cdktf, cdktn
assert own is alias and own_first is alias_last and cdktf is cdktn
assert Table is own.Table and Table.__module__ == "cdktn_provider_aws.table"
assert own.__spec__.name == own.__name__ == "cdktn_provider_aws.table"
assert libraries.installed().core == "cdktn"
aliases = [type(finder).__module__ for finder in sys.meta_path]
assert aliases.count("keyless_ecs.engine.libraries") == 1
"""
    said(installed(*TERRAIN.packages) + script)


def test_what_the_other_lacks_is_missing_by_its_own_name(installed: Callable[..., str]) -> None:
    """The message names the package in which to look."""
    script = """
libraries.name_as_cdktf(libraries.installed())
try:
    import cdktf_cdktf_provider_aws.new_resource
except ModuleNotFoundError as error:
    print(error)
"""
    assert said(installed(*TERRAIN.packages) + script) == (
        "No module named 'cdktn_provider_aws.new_resource'\n"
    )


def test_cdktf_itself_is_imported_as_ever(installed: Callable[..., str]) -> None:
    """The default pays for no alias."""
    script = "before = list(sys.meta_path)\nlibraries.name_as_cdktf(libraries.installed())\n"
    said(installed(*CDKTF.packages) + script + "assert sys.meta_path == before")


def test_neither_is_refused_with_the_mend(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 and one line: what each lacks, where, and what installs it."""

    class Finder:
        @staticmethod
        def find_spec(package: str) -> str | None:
            return None if package in {*CDKTF.packages, TERRAIN.github} else "found"

    monkeypatch.setattr(libraries, "PathFinder", Finder)

    assert main.main(["check", "--config", str(EXAMPLE)]) == 2
    assert capsys.readouterr().err == (
        "neither CDKTF (cdktf, cdktf_cdktf_provider_aws, cdktf_cdktf_provider_github missing) nor "
        f"CDK Terrain (cdktn_provider_github missing) is installed for {sys.executable}; "
        "run make synth once, then .venv/bin/python main.py; "
        "where it was installed as keyless-ecs, install it again\n"
    )


FILES = {
    "manifest.json": {"version": "1", "stacks": {"a": {"version": "1"}}},
    "stacks/a/cdk.tf.json": {
        "//": {"metadata": {"version": "1", "stackName": "a"}},
        "terraform": {"required_providers": {"aws": {"source": "x", "version": "1"}}},
        "resource": {"aws_x": {"y": {"version": "1", "rules": [{"a": 1}, {"a": 2}], "on": True}}},
    },
}


def change(content: Any, *path: str | int, to: object) -> None:
    """Change what is at *path*."""
    *parents, last = path
    for each in parents:
        content = content[each]
    if to is None:
        del content[last]
    else:
        content[last] = to


NAME, STACK = "manifest.json", "stacks/a/cdk.tf.json"


@pytest.mark.parametrize(
    ("path", "to", "allowed", "other"),
    [
        ((NAME, "version"), "2", 'version: "1" | "2"', None),
        ((STACK, "//", "metadata", "version"), "2", '//.metadata.version: "1" | "2"', None),
        (
            (STACK, "terraform", "required_providers", "aws", "version"),
            "2",
            'terraform.required_providers.aws.version: "1" | "2"',
            None,
        ),
        (
            (STACK, "terraform", "required_providers", "aws", "source"),
            "y",
            None,
            f'{STACK}: terraform.required_providers.aws.source: "x" | "y"',
        ),
        ((NAME, "stacks", "a", "version"), "2", None, f'{NAME}: stacks.a.version: "1" | "2"'),
        (
            (STACK, "resource", "aws_x", "y", "version"),
            "2",
            None,
            f'{STACK}: resource.aws_x.y.version: "1" | "2"',
        ),
        (
            (STACK, "resource", "aws_x", "y", "rules", 1, "a"),
            3,
            None,
            f"{STACK}: resource.aws_x.y.rules.1.a: 2 | 3",
        ),
        (
            (STACK, "resource", "aws_x", "y", "rules"),
            [{"a": 1}],
            None,
            f'{STACK}: resource.aws_x.y.rules: [{{"a": 1}}, {{"a": 2}}] | [{{"a": 1}}]',
        ),
        (
            (STACK, "resource", "aws_x", "y", "on"),
            1,
            None,
            f"{STACK}: resource.aws_x.y.on: true | 1",
        ),
        (
            (STACK, "resource", "aws_x", "y", "on"),
            None,
            None,
            f"{STACK}: resource.aws_x.y.on: true | null",
        ),
        ((STACK,), None, None, f"{STACK}: differs, or is in one folder alone"),
    ],
)
def test_only_versions_may_differ(
    tmp_path: Path, path: tuple[str | int, ...], to: object, allowed: str | None, other: str | None
) -> None:
    """``make cdktn`` finds any other difference, however small."""
    changed = copy.deepcopy(FILES)
    change(changed, *path, to=to)
    for folder, files in (("one", FILES), ("other", changed)):
        for name, content in files.items():
            file = tmp_path / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content))

    found = compare(tmp_path / "one", tmp_path / "other")
    assert found == (Counter({allowed: 1} if allowed else {}), [other] if other else [])
