"""Projects for Atlantis: what is generated, and how it comes into a file that is there."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from keyless_ecs import synthesis
from keyless_ecs.atlantis import merge as merging
from keyless_ecs.atlantis.projects import document
from keyless_ecs.commands import main
from keyless_ecs.config import DeliveryFile, load
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
# BEGIN keyless-ecs
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
# END keyless-ecs
"""
LAST_OF_THEIRS = "  dir: ./live/copy\n"
BEFORE_THE_MARKS = "".join(line for line in OURS.splitlines(keepends=True) if "keyless" not in line)


def data_of(text: str) -> Any:
    """Return what *text* says."""
    return YAML(typ="safe", pure=True).load(text.removeprefix("\ufeff"))


@pytest.fixture
def merge(tmp_path: Path, example: Content, loaded: Load) -> Merge:
    """Return what merges the example's projects, or another file's, into a text."""

    def merge_it(text: str, data: Content | None = None) -> str:
        path = tmp_path / "atlantis.yaml"
        path.write_bytes(text.encode())
        merged = merging.merge(path, loaded(data or example)).text
        path.write_bytes(merged.encode())
        assert not merging.merge(path, loaded(data or example)), "a second run finds nothing to do"
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
        "terraform_distribution": "opentofu",  # F46: runatlantis/atlantis#5167
        "terraform_version": "1.10.5",
        "workflow": "keyless",
        "plan_requirements": ["undiverged"],
        "apply_requirements": ["approved", "mergeable"],
        "import_requirements": [],
    }
    example["atlantis"] = {**settings, "root": "infra/ecs", "name_prefix": "ecs/"}
    file = document(loaded(example))

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


def test_what_atlantis_learns_later_is_no_business_of_ours(merge: Merge) -> None:
    """A key that this program has never heard of stays, in a project and beside them."""
    text = THEIRS.replace("automerge:", "from_2030: {a: [1]}\nautomerge:")
    text = text.replace("  workflow: checked\n", "  workflow: checked\n  brand_new: [x]\n")

    assert merge(text).replace(OURS, "") == text


def test_only_what_stands_between_the_marks_changes(merge: Merge, example: Content) -> None:
    """A setting, a new stack, a stack that left."""
    text = merge(THEIRS)
    example["atlantis"] = {"terraform_version": "1.11.4"}
    changed = merge(text, with_environments(example, "staging"))

    begin, end = text.index("# BEGIN"), text.index("# END")
    assert changed.startswith(text[:begin])
    assert changed.endswith(text[end:])
    assert changed.count("terraform_version: 1.11.4") == 4
    assert "- name: papyrus-staging\n" in changed
    del example["services"]["papyrus"]["environments"]["staging"]
    del example["accounts"]["staging"], example["atlantis"]
    assert merge(changed, example) == text


@pytest.mark.parametrize("column", [0, 2, 4])
def test_ours_stand_in_the_column_of_theirs(merge: Merge, column: int) -> None:
    """Any other would be no YAML."""
    indent = " " * column
    text = f"version: 3\nprojects:\n{indent}- dir: a\n"

    assert merge(text) == text + "".join(f"{indent}{line}\n" for line in OURS.splitlines())


def test_what_the_version_before_wrote_comes_between_the_marks(merge: Merge) -> None:
    """It wrote none; its projects are known by folder and name, also where their stack left."""
    left = BEFORE_THE_MARKS.replace("papyrus-production", "papyrus-old")
    left = left[left.index("- name: papyrus-old") :]
    before, after = THEIRS.split(LAST_OF_THEIRS)
    text = before + LAST_OF_THEIRS + BEFORE_THE_MARKS + left + after

    assert merge(text) == merge(THEIRS)
    assert merge("version: 3\nprojects:\n" + BEFORE_THE_MARKS) == "version: 3\nprojects:\n" + OURS


def test_the_last_line_may_have_no_end(merge: Merge) -> None:
    """It is not joined with the first of ours; where ours is the last, it stays as it is."""
    assert merge("version: 3\nprojects:\n- dir: a") == "version: 3\nprojects:\n- dir: a\n" + OURS
    whole = "version: 3\nprojects:\n- dir: a\n" + OURS.rstrip("\n")
    assert merge(whole) == whole


@pytest.mark.parametrize(
    ("text", "discovery"),
    [
        ("version: 3\n", "enabled"),
        ("version: 3\nprojects: []\n", "enabled"),
        ("version: 3\nprojects:  # none yet\n", "enabled"),
        ("version: 3\nprojects: null\n", "enabled"),
        ("  version: 3\n  automerge: true\n", "enabled"),
        ("version: 3\nautodiscover: {mode: disabled}\n", "disabled"),
        ("version: 3\nprojects:\n- dir: a\n", None),
        ("version: 3\nprojects:\n- dir: a\nautodiscover: {mode: auto}\n", "auto"),
    ],
)
def test_discovery_stays_as_it_was(merge: Merge, text: str, discovery: str | None) -> None:
    """Where no project was listed all were discovered; a list that is there was meant."""
    found = data_of(merge(text)).get("autodiscover", {})

    assert found.get("mode") == discovery


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "\n",
        "# The platform team's.\n\n",
        "# Of our\n# projects:\n",
        "# One comment, no end of line",
        "# BEGIN keyless-ecs\n",
    ],
)
def test_a_file_without_content_gets_all(
    tmp_path: Path, example: Content, loaded: Load, text: str | None
) -> None:
    """One that is not there, an empty one, one of comments, which stay."""
    path = tmp_path / "atlantis.yaml"
    if text is not None:
        path.write_text(text)
    merged = merging.merge(path, loaded(example)).text

    assert merged.startswith((text or "").replace("# BEGIN keyless-ecs", "").strip("\n"))
    assert "Change that file, not this one" not in merged
    assert data_of(merged) == document(loaded(example))
    path.write_text(merged)
    assert not merging.merge(path, loaded(example))


def test_line_ends_stay(merge: Merge) -> None:
    """A file from Windows is one afterwards, and a byte order mark is no content."""
    for mark in ("", "\ufeff"):
        merged = merge(mark + THEIRS.replace("\n", "\r\n"))
        assert merged.count("\n") == merged.count("\r\n")
        assert merged.replace("\r\n", "\n") == mark + merge(THEIRS)


_NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
_PROJECTS = st.lists(
    st.fixed_dictionaries(
        {"dir": _NAMES.map(lambda name: f"live/{name}")},
        optional={
            "name": _NAMES.map(lambda name: f"x-{name}"),
            "workspace": _NAMES,
            "later": st.lists(_NAMES, max_size=2),
        },
    ),
    max_size=4,
)


@pytest.mark.slow
@given(_PROJECTS, st.sampled_from(["\n", "\r\n"]), st.sampled_from([0, 2]), st.booleans())
def test_any_file_keeps_what_is_theirs(
    theirs: list[Content], newline: str, column: int, ends: bool
) -> None:
    """To the byte, and a second run finds nothing to do."""
    lines = ["# theirs", "version: 3", "projects:"] if theirs else ["version: 3", "automerge: true"]
    for project in theirs:
        (first, *rest) = (f"{key}: {json.dumps(value)}" for key, value in project.items())
        lines += [" " * column + f"- {first}  # of theirs"]
        lines += [" " * column + f"  {line}" for line in rest]
    text = newline.join(lines) + (newline if ends else "")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "atlantis.yaml")
        path.write_bytes(text.encode())
        merged = merging.merge(path, load(EXAMPLE)).text
        path.write_bytes(merged.encode())
        assert not merging.merge(path, load(EXAMPLE))
    assert merged.startswith(text)
    listed = data_of(merged)["projects"]
    assert listed[: len(theirs)] == theirs
    assert listed[len(theirs) :] == document(load(EXAMPLE))["projects"]


# Merging: what is refused.


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version: 4\n", "line 1  version: 4 is not known; use 3"),
        ("{version: 3}\n", "all in one line; write each of its keys on a line of its own"),
        ("version: 3\nprojects: [{dir: a}]\n", "line 2: projects must be a list with a dash and"),
        ("version: 3\nprojects: 5\n", "line 2: projects must be a list with a dash and"),
        ("version: 3\nautodiscover: {mode: auto}\n", "line 2  autodiscover: finds nothing more"),
        (
            "version: 3\nprojects:\n- name: papyrus-production\n  dir: x\n",
            "line 3  projects.0.name: 'papyrus-production' is the name of our project in "
            "generated/stacks/papyrus-production; give this one another",
        ),
        (
            "version: 3\nprojects:\n- dir: ./generated/stacks/account-main/\n",
            "line 3  projects.0.dir: 'generated/stacks/account-main' is the folder of our project "
            "account-main; give this one a name or a workspace of its own",
        ),
        (
            "version: 3\nprojects:\n- dir: a\n# BEGIN keyless-ecs\n",
            "line 4: '# BEGIN keyless-ecs' is not one of a pair",
        ),
        (
            "version: 3\nprojects:\n- dir: a\n# END keyless-ecs\n# BEGIN keyless-ecs\n",
            "line 5: '# BEGIN keyless-ecs' is not one of a pair",
        ),
        ("version: 3\n" + OURS + "projects:\n- dir: a\n", "not YAML"),
        (
            "# BEGIN keyless-ecs\n# END keyless-ecs\nversion: 3\n",
            "line 1: '# BEGIN keyless-ecs' stands not under projects",
        ),
        (
            "version: 3\nprojects:\n" + OURS.replace("# END", "- name: mine\n  dir: x\n# END"),
            "projects.2: what stands between the marks is written anew; move it below '# END",
        ),
        (
            "version: 3\nprojects:\n" + OURS.replace("# END", "- text\n# END"),
            "projects.2: what stands between the marks is written anew",
        ),
        (
            "version: 3\nprojects:\n" + OURS.replace("# END", "  branch: /main/\n# END"),
            "projects.1.branch: would be lost",
        ),
        (
            "version: 3\nprojects:\n- dir: a\n  depends_on: [papyrus-old]\n"
            + OURS.replace("papyrus-production", "papyrus-old"),
            "line 4  projects.0.depends_on: 'papyrus-old' leaves with its stack",
        ),
        (
            "version: 3\nprojects:\n" + BEFORE_THE_MARKS.replace("group: 1", "group: 1 # why"),
            "line 12  projects.1: its comment would be lost",
        ),
        (
            "version: 3\nprojects:\n" + OURS.replace("group: 1", "group: 1 # why"),
            "line 13  projects: its comment would be lost; move that above '# BEGIN",
        ),
        (
            "version: 3\nprojects:\n" + OURS.replace("# END", "# mine\n# END"),
            "projects: its comment would be lost",
        ),
        ("version: 3\nversion: 3\n", "stands there twice, in lines 1 and 2"),
        ("version: 3\n<<<<<<< ours\nx: 1\n=======\nx: 2\n>>>>>>> theirs\n", "line 2"),
        ("version: 3\nwhen: 2024-13-01\n", "a date to YAML"),
        ("version: 3\nx: &x {<<: *x}\n", "holds itself"),
        ("version: 3\nx: " + "[" * 3000 + "\n", "more than 40 levels deep"),
    ],
)
def test_what_cannot_take_our_projects_is_refused(
    tmp_path: Path, example: Content, loaded: Load, text: str, problem: str
) -> None:
    """With its line and the mend, and the file stays as it was."""
    assert problem in "\n".join(refusals(tmp_path, text, loaded(example)))


def test_what_somebody_added_to_ours_is_not_lost_in_silence(
    tmp_path: Path, example: Content, loaded: Load
) -> None:
    """The version before kept it in its place; between the marks it has none."""
    ours = BEFORE_THE_MARKS.replace("  execution_order_group: 1\n", "  branch: /main/\n")
    text = "version: 3\nprojects:\n" + ours

    (line,) = refusals(tmp_path, text, loaded(example))
    assert line.startswith("  line 12  projects.1.branch: would be lost, since this project is the")


def test_a_second_project_in_our_folder_stays(merge: Merge) -> None:
    """With a name or a workspace of its own, Atlantis tells the two apart."""
    theirs = (
        "version: 3\nprojects:\n"
        "- name: drift\n  dir: generated/stacks/account-main\n  workflow: drift\n"
        "- dir: generated/stacks/account-main\n  workspace: other\n"
    )

    assert merge(theirs) == theirs + OURS


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
    after = path.stat()  # it was read, so not all of it is equal
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


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
        f"{path}: 1 problem\n  line 1  version: 4 is not known; use 3\n",
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
