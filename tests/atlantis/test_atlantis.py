"""Projects for Atlantis: what is generated, and how it comes into a file that is there."""

import json
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from keyless_ecs import synthesis
from keyless_ecs.atlantis import merge as merging
from keyless_ecs.atlantis import rules
from keyless_ecs.atlantis.projects import document
from keyless_ecs.atlantis.splice import data_of
from keyless_ecs.commands import main
from keyless_ecs.config import DeliveryFile
from keyless_ecs.config.problems import BadFileError
from tests.conftest import EXAMPLE, Content

Load = Callable[[Content], DeliveryFile]
Merge = Callable[..., str]

THEIRS = """\
---
# Owned by the platform team.
version: 3
automerge: true   # since the audit

workflows:
  checked:
    plan:
      steps: [ init, {run: "conftest test ."}, plan ]

# The network comes first.
projects:
# Networks
- name: 'network'
  dir: "network"          # not under live/
  autoplan: { enabled: true, when_modified: ["*.tf", "../modules/**/*.tf"] }
  execution_order_group: 0

# Databases
- &database
  name: database
  dir: live/database
  workflow: checked
  depends_on:
    - network   # for its subnets

- <<: *database
  name: database-copy
  dir: ./live/copy
# - name: old
#   dir: live/old

# Below: how comments may address projects.
allowed_regexp_prefixes:
- live/
"""
OURS = """\
- name: account-main
  dir: generated/stacks/account-main
  autoplan:
    when_modified: [cdk.tf.json, .terraform.lock.hcl]
  execution_order_group: 0
- name: papyrus-production
  dir: generated/stacks/papyrus-production
  autoplan:
    when_modified: [cdk.tf.json, .terraform.lock.hcl]
  execution_order_group: 1
  depends_on: [account-main]
"""
LAST_OF_THEIRS = "  dir: ./live/copy\n"


@pytest.fixture
def merge(tmp_path: Path, example: Content, loaded: Load) -> Merge:
    """Return what merges the example's projects, or another file's, into a text."""

    def merge_it(text: str, data: Content | None = None) -> str:
        path = tmp_path / "atlantis.yaml"
        path.write_bytes(text.encode())
        merged = merging.merge(path, loaded(data or example)).text
        path.write_bytes(merged.encode())
        assert not merging.merge(path, loaded(data or example)), "a second run finds nothing to do"
        assert list(rules.findings(data_of(merged))) == []
        return merged

    return merge_it


def refusals(tmp_path: Path, text: str, file: DeliveryFile) -> list[str]:
    """Return the problems for which merging into *text* is refused."""
    path = tmp_path / "atlantis.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadFileError) as refusal:
        merging.merge(path, file)
    return str(refusal.value).splitlines()[1:]


def with_environments(example: Content, *names: str) -> Content:
    """Return *example* with further environments of its service, each in an account of its own."""
    service = example["services"]["papyrus"]
    for number, name in enumerate(names):
        example["accounts"][name] = {"id": f"{number:012d}", "region": "us-east-1"}
        service["environments"][name] = {
            "account": name,
            "deploy_from": {"branches": [name]},
        }
    return example


# What is generated.


def test_every_stack_is_a_project(example: Content, loaded: Load) -> None:
    """By its own name, in the folder where its JSON is written."""
    file = loaded(with_environments(example, "staging", "test"))

    found = {project["name"]: project for project in document(file)["projects"]}
    assert list(found) == file.stack_names()
    stacks = {stack.name: stack for stack in synthesis.synthesize(file, list(found))}
    for name, project in found.items():
        assert Path(project["dir"], "cdk.tf.json") == "generated" / stacks[name].path


def test_a_service_waits_for_its_own_account(example: Content, loaded: Load) -> None:
    """In an apply of everything by its group, alone by what it depends on."""
    file = loaded(with_environments(example, "staging"))

    assert {
        project["name"]: (project["execution_order_group"], project.get("depends_on"))
        for project in document(file)["projects"]
    } == {
        "account-main": (0, None),
        "account-staging": (0, None),
        "papyrus-production": (1, ["account-main"]),
        "papyrus-staging": (1, ["account-staging"]),
    }


def test_a_default_server_takes_it(example: Content, loaded: Load) -> None:
    """Only keys that no server has to allow first; the user's other projects stay discovered."""
    file = document(loaded(example))

    assert file["autodiscover"] == {"mode": "enabled"}
    assert set(file) == {
        *("version", "parallel_plan", "parallel_apply", "abort_on_execution_order_fail"),
        *("autodiscover", "projects"),
    }
    for project in file["projects"]:
        assert set(project) - {"depends_on"} == {
            *("name", "dir", "autoplan", "execution_order_group"),
        }


def test_what_is_configured_is_written(example: Content, loaded: Load) -> None:
    """Every setting reaches every project, an empty list of requirements too: it lifts them."""
    settings = {
        "terraform_version": "1.11.4",
        "workflow": "keyless",
        "plan_requirements": ["undiverged"],
        "apply_requirements": ["approved", "mergeable"],
        "import_requirements": [],
    }
    example["atlantis"] = {**settings, "root": "infra/ecs", "name_prefix": "ecs/"}
    file = document(loaded(example))

    assert list(rules.findings(file)) == []
    for project in file["projects"]:
        assert settings.items() <= project.items()
    assert file["projects"][1]["name"] == "ecs/papyrus-production"
    assert file["projects"][1]["dir"] == "infra/ecs/stacks/papyrus-production"
    assert file["projects"][1]["depends_on"] == ["ecs/account-main"]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("root", "../infra", "is not a folder below the repository's root"),
        ("root", "/infra", "is not a folder"),
        ("root", "infra/", "is not a folder"),
        ("root", "./infra", "is not a folder"),
        ("root", "a..b", "is not a folder"),
        ("root", "infra/*", "is not a folder"),
        ("name_prefix", "our stacks ", "cannot begin a project's name"),
        ("terraform_version", 1.5, "1.5 is not text to YAML; put it in quotes"),
        ("terraform_version", "1.11", "is not a Terraform version; use all three numbers"),
        ("workflow", "", "names no workflow; leave it out"),
        ("apply_requirements", ["aproved"], "is not known; use 'approved', 'mergeable' or"),
        ("apply_requirements", ["approved", "approved"], "stands there twice"),
        ("autoplan", False, "unknown key"),
    ],
)
def test_what_atlantis_would_refuse_is_refused(
    example: Content, loaded: Load, key: str, value: Any, message: str
) -> None:
    """In the delivery file, before anything is written."""
    example["atlantis"] = {key: value}

    with pytest.raises(BadFileError, match="1 problem") as refusal:
        loaded(example)
    assert message in str(refusal.value)


@pytest.mark.parametrize("root", [".", "infra", "infra/ecs.v2", "a-b/c_d/@e"])
def test_any_folder_may_hold_it(example: Content, loaded: Load, root: str) -> None:
    """The root of the repository too."""
    example["atlantis"] = {"root": root}

    project = document(loaded(example))["projects"][0]
    assert PurePosixPath(project["dir"]) == PurePosixPath(root) / "stacks/account-main"
    assert list(rules.findings({"version": 3, "projects": [project]})) == []


def test_only_some_stacks_yet_all_projects(tmp_path: Path, capsys: Any) -> None:
    """With ``--only`` the file goes on naming every stack."""
    out = tmp_path / "out"
    assert main.main(["--config", str(EXAMPLE), "--out", str(out)]) == 0
    before = (out / "atlantis.yaml").read_bytes()

    arguments = ["--config", str(EXAMPLE), "--out", str(out), "--only", "account-*"]
    assert main.main(arguments) == 0
    assert (out / "atlantis.yaml").read_bytes() == before
    capsys.readouterr()
    assert main.main(["atlantis", "--config", str(EXAMPLE)]) == 0
    assert capsys.readouterr().out.encode() == before


# Merging: what happens to the file.


def test_the_rest_stays_to_the_byte(merge: Merge) -> None:
    """Comments, order, quotes, spacing, anchors; the comment behind the list stays behind it."""
    before, after = THEIRS.split(LAST_OF_THEIRS)

    assert merge(THEIRS) == before + LAST_OF_THEIRS + OURS + after


def test_a_setting_changes_in_its_place(merge: Merge, example: Content) -> None:
    """What somebody added to our project stays: keys, files, dependencies, comments."""
    text = merge(THEIRS)
    text = text.replace(
        "  dir: generated/stacks/papyrus-production\n  autoplan:\n"
        "    when_modified: [cdk.tf.json, .terraform.lock.hcl]\n"
        "  execution_order_group: 1\n  depends_on: [account-main]\n",
        "  # ours\n"
        "  dir: ./generated/stacks/papyrus-production\n  branch: /main/ # only there\n"
        "  autoplan:\n"
        "    enabled: false # by hand\n"
        "    when_modified:\n      - '*.tf'\n      - cdk.tf.json\n"
        "  execution_order_group: 7 # late\n"
        "  depends_on:\n  - network\n  - account-main\n",
    )
    example["atlantis"] = {"terraform_version": "1.11.4", "apply_requirements": ["approved"]}

    merged = merge(text, example)
    assert merged[merged.index("- name: account-main") :].splitlines()[:26] == [
        "- name: account-main",
        "  dir: generated/stacks/account-main",
        "  autoplan:",
        "    when_modified: [cdk.tf.json, .terraform.lock.hcl]",
        "  execution_order_group: 0",
        "  terraform_version: 1.11.4",
        "  apply_requirements: [approved]",
        "- name: papyrus-production",
        "  # ours",
        "  dir: ./generated/stacks/papyrus-production",
        "  branch: /main/ # only there",
        "  autoplan:",
        "    enabled: false # by hand",
        "    when_modified: ['*.tf', cdk.tf.json, .terraform.lock.hcl]",
        "  execution_order_group: 1 # late",
        "  depends_on:",
        "  - network",
        "  - account-main",
        "  terraform_version: 1.11.4",
        "  apply_requirements: [approved]",
        "# - name: old",
        "#   dir: live/old",
        "",
        "# Below: how comments may address projects.",
        "allowed_regexp_prefixes:",
        "- live/",
    ]


def test_a_setting_that_left_stays_in_the_merged_file(merge: Merge, example: Content) -> None:
    """Nobody's requirement is taken away without them."""
    text = merge(THEIRS, {**example, "atlantis": {"apply_requirements": ["approved"]}})

    assert merge(text, example) == text


def test_a_stack_that_left_goes(merge: Merge, example: Content) -> None:
    """Its project and nothing else, whatever stands around it."""
    one = merge(THEIRS, json.loads(json.dumps(example)))
    two = merge(one, with_environments(json.loads(json.dumps(example)), "staging"))
    assert "papyrus-staging" in two
    two = two.replace("# - name: old\n", "\n- {name: last, dir: live/last}\n# - name: old\n")

    assert merge(two, example) == one.replace(
        "# - name: old\n", "\n- {name: last, dir: live/last}\n# - name: old\n"
    )


def test_the_first_and_the_only_project_may_go(merge: Merge) -> None:
    """The list is never left empty, nor the file unreadable."""
    text = (
        "version: 3\nprojects:\n  -\n    name: account-old # gone\n    dir: generated/stacks/"
        "account-old\n    autoplan: {when_modified: [cdk.tf.json, .terraform.lock.hcl]}\n"
    )

    merged = merge(text)
    assert merged == "version: 3\nprojects:\n" + "".join(
        f"  {line}\n" for line in OURS.splitlines()
    )


def test_what_is_not_provably_ours_stays(merge: Merge, example: Content) -> None:
    """A folder beside ours, another workspace, another name, other files to watch."""
    example["atlantis"] = {"root": "."}
    mine = "autoplan: {when_modified: [cdk.tf.json, .terraform.lock.hcl]}"
    text = (
        "version: 3\nprojects:\n"
        "- {name: vpc, dir: stacks/vpc}\n"
        f"- {{name: network, dir: stacks/vpc, {mine}}}\n"
        f"- {{name: dns, dir: stacks/dns, workspace: eu, {mine}}}\n"
        f"- {{name: deep, dir: stacks/a/deep, {mine}}}\n"
        "- {name: papyrus-eu, dir: stacks/papyrus-production, workspace: eu}\n"
    )

    assert merge(text, example).startswith(text)


def test_a_second_project_in_our_folder_stays(merge: Merge) -> None:
    """Somebody may plan the same stack with a workflow of their own; by name it is not ours."""
    second = "- {name: drift, dir: generated/stacks/account-main, workflow: drift}\n"

    merged = merge("version: 3\nprojects:\n" + second + OURS)
    assert merged == "version: 3\nprojects:\n" + second + OURS


def test_a_project_made_by_hand_becomes_ours(merge: Merge) -> None:
    """Whoever followed the documents before this command existed has it already, unnamed."""
    text = "version: 3\nprojects:\n- dir: generated/stacks/account-main\n  workspace: default\n"

    found = data_of(merge(text))["projects"]
    assert [project["name"] for project in found] == ["account-main", "papyrus-production"]
    assert found[0]["workspace"] == "default"


def test_a_new_prefix_renames(merge: Merge, example: Content) -> None:
    """In place, and the dependencies with it."""
    text = merge(THEIRS)
    example["atlantis"] = {"name_prefix": "ecs-"}

    assert merge(text, example) == text.replace("name: account", "name: ecs-account").replace(
        "name: papyrus", "name: ecs-papyrus"
    ).replace("[account-main]", "[ecs-account-main]")


@pytest.mark.parametrize(
    ("text", "discovery"),
    [
        ("version: 3\n", {"mode": "enabled"}),
        ("version: 3\nprojects: []  # none yet\nautomerge: true", {"mode": "enabled"}),
        ("projects:\n\nversion: 3\n", {"mode": "enabled"}),
        ("version: 3\nprojects:\n", {"mode": "enabled"}),
        ("version: 3\nautodiscover: {mode: auto}\n", {"mode": "enabled"}),
        ("version: 3\nautodiscover:\n  # but not\n  ignore_paths: [a]\n", {"mode": "enabled"}),
        ("version: 3\nautodiscover:\n", {"mode": "enabled"}),
        ("version: 3\nautodiscover: {mode: disabled}\n", {"mode": "disabled"}),
        ("version: 3\nprojects:\n- dir: a\n", None),
        ("version: 3\nprojects:\n- dir: a\nautodiscover: {mode: auto}\n", {"mode": "auto"}),
    ],
)
def test_discovery_stays_as_it_was(
    merge: Merge, text: str, discovery: dict[str, Any] | None
) -> None:
    """Where no project was listed all were discovered; a list that is there was meant."""
    found = data_of(merge(text)).get("autodiscover")

    assert (found and {"mode": found["mode"]}) == discovery


@pytest.mark.parametrize("text", [None, "", "\n", "# The platform team's.\n\n"])
def test_a_file_without_content_gets_all(
    tmp_path: Path, example: Content, loaded: Load, text: str | None
) -> None:
    """One that is not there, an empty one, one of comments, which stay."""
    path = tmp_path / "atlantis.yaml"
    if text is not None:
        path.write_text(text)
    merged = merging.merge(path, loaded(example)).text

    assert merged.startswith((text or "").strip("\n"))
    assert "Change that file, not this one" not in merged
    assert data_of(merged) == document(loaded(example))


def test_line_ends_stay(merge: Merge) -> None:
    """A file from Windows is one afterwards, and a byte order mark is no content."""
    for mark in ("", "\ufeff"):
        merged = merge(mark + THEIRS.replace("\n", "\r\n"))
        assert merged.count("\n") == merged.count("\r\n")
        assert merged.replace("\r\n", "\n") == mark + merge(THEIRS)


# Merging: what is refused.


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "projects: [\n",
            ["  line 2: not YAML: expected the node content, but found '<stream end>'"],
        ),
        ("- a\n", ["  not a mapping; begin with version: 3"]),
        (
            "version: 3\n---\nversion: 3\n",
            ["  line 2: a second document begins; leave one in the file"],
        ),
        ("\xff", ["  not text in UTF-8; save it in that encoding"]),
        (
            "version: 1\nprojects: {a: b}\nparalel_plan: true\n",
            [
                "  line 1  version: 1 is not known; use 2 or 3",
                "  line 2  projects: a mapping is not what stands here; use a list",
                '  line 3  paralel_plan: unknown key; did you mean "parallel_plan"?',
            ],
        ),
        ("projects: []\n", ["  line 1  version: missing; it has no default"]),
        (
            "version: 3\nprojects:\n- name: a b\n- dir: ../x\n  terraform_version: latest\n"
            "- dir: y\n  apply_requirements: [reviewed]\n  autoplan:\n    when_modifed: []\n",
            [
                "  line 3  projects.0.name: 'a b' cannot name a project; use letters, digits and "
                "any of - _ . ~ /",
                "  line 3  projects.0.dir: missing; it has no default",
                "  line 4  projects.1.dir: '../x' is not a folder below the repository's root; "
                'write it without ".."',
                "  line 5  projects.1.terraform_version: 'latest' is not a version; use numbers "
                "with dots between them: 1.11.4",
                "  line 7  projects.2.apply_requirements.0: 'reviewed' is not known; use "
                "'approved', 'mergeable' or 'undiverged'",
                "  line 9  projects.2.autoplan.when_modifed: unknown key; did you mean "
                '"when_modified"?',
            ],
        ),
        (
            "version: 3\nprojects:\n- {dir: a, name: x}\n- {dir: b, name: x}\n"
            "- {dir: c}\n- {dir: ./c/}\n- {dir: d, name: papyrus-production}\n",
            [
                "  line 4  projects.1.name: 'x' is the name of the project in a already; give one "
                "of them another",
                "  line 6  projects.3.dir: another project has c in the workspace default already; "
                "give each a name",
                "  line 7  projects.4.name: 'papyrus-production' is the name of the project in "
                "generated/stacks/papyrus-production already; take this one out if its stack "
                "moved, else give it another name or set atlantis.name_prefix in the delivery file",
            ],
        ),
        (
            "version: 3\nprojects:\n- {dir: a, name: account-main}\n"
            "- {dir: generated/stacks/account-main, name: account-main}\n",
            [
                "  line 3  projects.0.name: 'account-main' is the name of the project in "
                "generated/stacks/account-main already; take this one out if its stack moved, else "
                "give it another name or set atlantis.name_prefix in the delivery file",
            ],
        ),
        (
            "version: 3\nprojects:\n- {dir: a, name: a, depends_on: [b]}\n"
            "- {dir: b, name: b, depends_on: [a]}\n- {dir: c, depends_on: [account-old]}\n"
            "- name: account-old\n  dir: generated/stacks/account-old\n"
            "  autoplan: {when_modified: [cdk.tf.json, .terraform.lock.hcl]}\n",
            [
                "  line 3  projects.0.depends_on: a waits for b waits for a, so that none can be "
                "applied; leave one of these out",
                "  line 5  projects.2.depends_on: 'account-old' is no project's name; did you mean "
                '"account-main"?',
            ],
        ),
        (
            "version: 2\nautomerge: maybe\nprojects:\n- {dir: a, name: x}\n- {dir: 1, nam: x}\n"
            "- {dir: b, name: x}\n- {dir: c, name: account-main, depends_on: [z]}\n- text\n",
            [
                "  line 2  automerge: 'maybe' is not what stands here; use true or false",
                '  line 5  projects.1.nam: unknown key; did you mean "name"?',
                "  line 6  projects.2.name: 'x' is the name of the project in a already; give one "
                "of them another",
                "  line 7  projects.3.name: 'account-main' is the name of the project in "
                "generated/stacks/account-main already; take this one out if its stack moved, else "
                "give it another name or set atlantis.name_prefix in the delivery file",
                "  line 8  projects.4: 'text' is not what stands here; use a mapping of keys to "
                "values",
            ],
        ),
        (
            "version: 3\nprojects: !all\n- dir: a\n",
            ["  line 2  projects: a tag (!…) that does not fit; leave it out"],
        ),
        (
            "version: 3\nprojects:\n- {dir: 'a/*', name: a}\n- {dir: b, glob_file_match: [x]}\n",
            [
                "  line 3  projects.0: a pattern in dir stands for many projects; leave out its "
                "name",
                "  line 4  projects.1: glob_file_match is for a pattern in dir; leave it out",
            ],
        ),
    ],
)
def test_what_atlantis_would_not_take_is_not_merged_into(
    tmp_path: Path, example: Content, loaded: Load, text: str, problems: list[str]
) -> None:
    """Every problem at once, with its line and the mend."""
    assert refusals(tmp_path, text, loaded(example)) == problems


@pytest.mark.parametrize(
    "text",
    [
        "version: 3\nprojects: [{dir: a}]\n",
        '{"version": 3, "projects": [{"dir": "a"}]}',
        "version: 3\nprojects:\n- &ours\n  name: account-old\n  dir: generated/stacks/account-old\n"
        "  autoplan: &plan {when_modified: [cdk.tf.json, .terraform.lock.hcl]}\n"
        "- {dir: a, autoplan: *plan}\n",
    ],
)
def test_a_style_that_cannot_be_edited_is_refused(
    tmp_path: Path, example: Content, loaded: Load, text: str
) -> None:
    """Rather than rewritten: what the result says is compared with what it shall say."""
    (problem,) = refusals(tmp_path, text, loaded(example))

    assert "cannot be edited without loss as it is written; write each project" in problem


def test_branches_keep_projects_apart(merge: Merge) -> None:
    """Atlantis looks at names only among the projects of one pull request's branch."""
    text = (
        "version: 3\nprojects:\n- {dir: a, name: x, branch: /main/}\n"
        "- {dir: b, name: x, branch: /next/}\n"
    )

    assert merge(text).startswith(text)


# The command.


def run(*arguments: str | Path) -> int:
    """Run the command line with the shipped delivery file."""
    config = ("--config", str(EXAMPLE))
    return main.main(["atlantis", *config, *map(str, arguments)])


def test_the_command_says_what_it_did(tmp_path: Path, capsys: Any) -> None:
    """And the second time that there was nothing to do; the file is as it was."""
    path = tmp_path / "atlantis.yaml"
    path.write_text(THEIRS)

    assert run("--into", path) == 0
    assert capsys.readouterr().out == "added    account-main\nadded    papyrus-production\n"
    before = path.stat()
    assert run("--into", path) == 0
    assert capsys.readouterr().out == f"{path} has every project as it should be\n"
    assert path.stat() == before


def test_a_link_is_followed(tmp_path: Path) -> None:
    """The file behind it is written, the link stays one."""
    (tmp_path / "real.yaml").write_text(THEIRS)
    path = tmp_path / "atlantis.yaml"
    path.symlink_to("real.yaml")

    assert run("--into", path) == 0
    assert path.is_symlink()
    assert "papyrus-production" in (tmp_path / "real.yaml").read_text()


def test_what_would_disappoint_is_said(tmp_path: Path, capsys: Any) -> None:
    """State that Atlantis throws away, a folder that is not there; the merge is done."""
    path = tmp_path / "atlantis.yaml"

    assert run("--into", path) == 0
    warned = capsys.readouterr().err
    assert "Atlantis deletes its copy of the repository" in warned
    assert f"{tmp_path}/generated/stacks is not there" in warned


def test_a_bad_file_is_left_as_it_was(tmp_path: Path, capsys: Any) -> None:
    """Exit 2, the problems on stderr, not a byte changed."""
    path = tmp_path / "atlantis.yaml"
    path.write_text("version: 4\n")

    assert run("--into", path) == 2
    assert capsys.readouterr() == (
        "",
        f"{path}: 1 problem\n  line 1  version: 4 is not known; use 2 or 3\n",
    )
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [
        ("atlantis.yaml", "version: 4\n")
    ]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (".", "is no regular file; name one"),
        ("pipe", "is no regular file"),
        ("loop", "cannot be read: Too many levels of symbolic links"),
        ("no/atlantis.yaml", "is no folder; name a file in one that is there"),
        ("file/atlantis.yaml", "is no folder"),
    ],
)
def test_a_path_that_holds_no_file(tmp_path: Path, capsys: Any, path: str, message: str) -> None:
    """A folder, a pipe, a folder that is not there or is a file: nothing is made or replaced."""
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")

    assert run("--into", tmp_path / path) == 2
    assert message in capsys.readouterr().err
    assert sorted(file.name for file in tmp_path.iterdir()) == ["file", "loop", "pipe"]
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(
    "arguments", [["synth", "--into", "x"], ["atlantis", "--only", "account-*"]]
)
def test_options_that_would_do_nothing(arguments: list[str], capsys: Any) -> None:
    """Are refused, not ignored."""
    assert main.main(arguments) == 2
    assert "error: " in capsys.readouterr().err
