"""The documents say what is true."""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from keyless_ecs.config import load
from keyless_ecs.github import actions
from tests.conftest import EXAMPLE, ROOT
from tests.support.iam import AWS

README = (ROOT / "README.md").read_text()
OPERATIONS = (ROOT / "docs/operations.md").read_text()
BIN = Path(sys.executable).parent


def test_the_readme_shows_the_example() -> None:
    """What a newcomer reads is what the tests stand on, whatever became of delivery.yaml."""
    shown = re.findall(r"```yaml\n(version: 1.*?)```", README, re.DOTALL)

    assert [YAML(typ="safe").load(text) for text in shown] == [YAML(typ="safe").load(EXAMPLE)]


def test_the_picture_of_the_rooms_is_the_tree() -> None:
    """Every path of CONTRIBUTING.md is there, and the package has no room that it does not show."""
    picture, above = set[Path](), list[str]()
    block = re.findall("```\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)[0]
    for indent, name in re.findall(r"^((?:  )*)(\S+)", block, re.MULTILINE):
        above[len(indent) // 2 :] = [name]
        picture.add(Path(*above))

    assert [path for path in picture if not (ROOT / path).exists()] == []
    package = ROOT / "modules/keyless_ecs"
    rooms = {file.parent for file in [*package.glob("*/*.py"), *package.glob("rehearsal/*/*.py")]}
    files = set(package.glob("[!_]*.py"))
    shown = {ROOT / path for path in picture}
    assert {path for path in rooms | files if path.name[0] != "_"} <= shown


PAGES = [
    *sorted(ROOT.glob("README*.md")),
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]


def test_the_site_shows_every_page_and_asks_nobody() -> None:
    """A page on no menu is found by nobody; a Mermaid fence would fetch a script from elsewhere."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    menu = re.findall(r"[\w./-]+\.md", (ROOT / "zensical.toml").read_text().split("nav =")[1])

    assert sorted(ROOT / "docs" / page for page in menu) == pages
    assert [page for page in pages if "```mermaid" in page.read_text()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of the repository."""
    for link in re.findall(r"\]\((?!http)([^)]+)", page.read_text()):
        target, _, heading = link.partition("#")
        file = page.parent / target if target else page
        assert file.exists(), link
        headings = re.findall("^#+ (.*)", file.read_text(), re.MULTILINE) if heading else []
        assert heading in ["", *(text.lower().replace(" ", "-") for text in headings)], link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_whole_delivery_files_of_the_documents_are_accepted(page: Path, tmp_path: Path) -> None:
    """What a reader copies works."""
    for text in re.findall(r"```yaml\n(version: 1.*?)```", page.read_text(), re.DOTALL):
        path = tmp_path / "delivery.yaml"
        path.write_text(text)
        assert load(path)


TRANSLATIONS = [page for page in PAGES if page.name.endswith(".ja.md")]


@pytest.mark.parametrize("page", TRANSLATIONS, ids=lambda page: page.name)
def test_a_translation_shows_the_blocks_of_the_english_page(page: Path) -> None:
    """What is typed, written and printed is the same in every language, section by section.

    So a change of the English page that the translation lacks does not pass unseen: whoever
    makes it copies the block, and sees the sentence beside it.
    """
    skeleton = re.compile(r"^```.*?^```$|^#+(?= )", re.MULTILINE | re.DOTALL)
    english = page.with_name(page.name.replace(".ja.", "."))

    assert skeleton.findall(page.read_text()) == skeleton.findall(english.read_text())


def test_readers_find_the_other_language() -> None:
    """The README's first lines lead to its translation, a translation's to the English page."""
    assert "](README.ja.md)" in README.split("\n\n")[1]
    for page in TRANSLATIONS:
        assert f"]({page.name.replace('.ja.', '.')})" in page.read_text().split("\n\n")[1]


def findings(workflow: Path) -> list[Any]:
    """Return what actionlint and zizmor find in *workflow*."""
    lint: list[str | Path] = [BIN / "actionlint", "-format", "{{json .}}", workflow]
    audit: list[str | Path] = [BIN / "zizmor", "--offline", "--min-severity=medium"]
    audit += ["--format=json", workflow]
    return [
        finding
        for command in (lint, audit)
        for finding in json.loads(
            subprocess.run(command, cwd=workflow.parent, capture_output=True, text=True).stdout
        )
    ]


@pytest.mark.slow
def test_the_shown_job_is_sound(tmp_path: Path) -> None:
    """As the workflows that are generated: linted, audited, its actions pinned by our commits."""
    (job,) = re.findall(r"```yaml\n(name: .*?)```", OPERATIONS, re.DOTALL)
    pin = f"{actions.CHECKOUT.repository}@{actions.CHECKOUT.commit} # {actions.CHECKOUT.tag}"
    checkout, ours = re.findall("uses: (.*)", job)
    assert checkout == pin
    assert re.fullmatch(r"acme/keyless-ecs@[0-9a-f]{40} # v[\d.]+", ours)
    workflow = tmp_path / ".github/workflows/generated.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(job)
    (tmp_path / ".git").mkdir()

    assert findings(workflow) == []


def test_the_action_takes_what_the_shown_job_gives_it() -> None:
    """And runs what the hook runs, from the folder of this program."""
    action = YAML(typ="safe").load(ROOT / "action.yml")
    (job,) = re.findall(r"```yaml\n(name: .*?)```", OPERATIONS, re.DOTALL)
    given = YAML(typ="safe").load(job)["jobs"]["check"]["steps"][-1]["with"]
    (step,) = action["runs"]["steps"]
    (hook,) = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")

    assert set(given) == set(action["inputs"]) == {name.lower() for name in step["env"]}
    assert step["run"].startswith(f'"$GITHUB_ACTION_PATH/{hook["entry"]}" --config "$CONFIG"')


@pytest.mark.slow
def test_our_own_workflow_is_sound() -> None:
    """As those that are generated."""
    assert findings(ROOT / ".github/workflows/ci.yml") == []


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="this copy is not set up by make")
def test_the_hook_checks_the_folder_it_is_called_in(
    tmp_path: Path, generated_example: Path
) -> None:
    """What pre-commit and the shown job run, with ``make`` having nothing to do."""
    (hook,) = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
    assert f"- id: {hook['id']}" in OPERATIONS
    make = tmp_path / "bin/make"
    make.parent.mkdir()
    make.write_text("#!/bin/sh\n")
    make.chmod(0o755)
    shutil.copy(EXAMPLE, tmp_path / "delivery.yaml")
    (tmp_path / "generated").symlink_to(generated_example)
    env = {**os.environ, "PATH": f"{make.parent}:{os.environ['PATH']}"}

    def check(*arguments: str) -> tuple[int, str]:
        command = [str(ROOT / hook["entry"]), *arguments]
        result = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
        return result.returncode, result.stderr

    assert check() == (0, "")
    status, said = check("--out", "nowhere")
    assert status == 1
    assert said.startswith("nowhere is not what delivery.yaml yields:\n  stack account-main: is")


@pytest.mark.slow
def test_the_commands_of_getting_started_print_what_it_shows(tmp_path: Path) -> None:
    """In its order, in a folder that holds nothing: what a newcomer types first works as typed."""
    page = (ROOT / "docs/getting-started.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```(?:\n\n```text\n(.*?)```)?", page, re.DOTALL)
    ours = [block for block in blocks if block[0].startswith("python main.py")]
    assert len(ours) > 3

    for commands, shown in ours:
        said = ""
        for command in commands.splitlines():
            python = Path(sys.executable).with_name("python")
            words = [str(python), str(ROOT / "main.py"), *shlex.split(command)[2:]]
            result = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
            assert result.returncode == 0, result.stderr
            said += result.stdout + result.stderr
        assert shown in ("", said.replace(str(ROOT / "main.py"), "main.py"))


def test_an_administrator_finds_every_action() -> None:
    """F27: an organization's list of allowed actions names each that the workflows use."""
    listed = (ROOT / "docs/nothing-happened.md").read_text().split("```")[1]
    used = {
        action.repository for action in vars(actions).values() if isinstance(action, actions.Action)
    }

    assert {line.split("@")[0] for line in listed.split()} == used


@pytest.mark.parametrize("chapter", ["This program says", "A job says"])
def test_messages_are_found_by_the_words_that_are_printed(chapter: str) -> None:
    """Whoever searches the page for what stands on the terminal finds it."""
    page = (ROOT / "docs/troubleshooting.md").read_text()
    source = "\n".join(
        file.read_text()
        for pattern in ("*.py", "*.sh")
        for file in (ROOT / "modules").rglob(pattern)
    )
    rows = page.partition(f"## {chapter}\n")[2].partition("\n## ")[0]
    ours = re.findall(r"^\| `([^`]+)`", rows, re.MULTILINE)
    others = {
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        "Could not load credentials",
    }

    assert len(ours) > 6
    pieces = {piece.strip(" :") for row in set(ours) - others for piece in row.split("…")}
    assert [piece for piece in pieces if piece not in source] == []


def test_the_permissions_of_the_first_apply_are_real() -> None:
    """Each action, or what its pattern matches, stands in AWS's own reference."""
    page = (ROOT / "docs/first-apply.md").read_text()
    documents = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    patterns = {
        action
        for document in documents
        for statement in document.get("Statement", [document])
        for action in statement["Action"]
    }
    known = {
        service: [f"{service}:{name}" for name in AWS.actions.get_actions_for_service(service)]
        for service in {pattern.partition(":")[0] for pattern in patterns}
    }

    assert len(patterns) > 50
    assert [
        pattern
        for pattern in sorted(patterns)
        if not fnmatch.filter(known[pattern.partition(":")[0]], pattern)
    ] == []


@pytest.mark.parametrize(
    ("page", "said"),
    [
        # F11: a merge of two environments, and what spares most of it.
        ("operations.md", "/generated/** -merge"),
        # F39: what the plan cannot see.
        ("first-apply.md", "aws iam create-service-linked-role"),
        ("first-apply.md", "logs.<region>.amazonaws.com"),
        # F48: a hook without network, and a private copy of this program.
        ("operations.md", "ci: {skip: [keyless-ecs]}"),
        ("operations.md", "Where this program is a private repository"),
        # G9: what a token must allow, by its kind.
        (
            "github.md",
            "| what is done | classic token | fine-grained token, or permission of an App",
        ),
    ],
)
def test_what_no_file_can_say_is_on_a_page(page: str, said: str) -> None:
    """Facts of the outside stand in one place each, where whoever meets them looks.

    hashicorp/terraform-provider-aws#11417 #29282, pre-commit-ci/issues#55
    """
    assert said in (ROOT / "docs" / page).read_text()
