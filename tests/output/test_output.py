"""The output folder: whole or not at all, and nothing of anybody else's touched."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs import output
from tests.support.stacks import manifest

FILE = Path("stacks/a/cdk.tf.json")


def write(folder: Path, *names: str) -> None:
    """Write the stacks *names*, as a run does."""
    files = {Path(f"stacks/{name}/cdk.tf.json"): "{}\n" for name in names}
    output.compare(folder, files, manifest(*names)).apply()


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    """What is there already is not even written again."""
    write(tmp_path, "a")
    before = (tmp_path / FILE).stat().st_mtime_ns

    change = output.compare(tmp_path, {FILE: "{}\n"}, manifest("a"))
    assert not change
    change.apply()
    assert (tmp_path / FILE).stat().st_mtime_ns == before


def test_what_terraform_put_there_stays(tmp_path: Path) -> None:
    """Lock files, state and providers survive every run."""
    write(tmp_path, "a")
    kept = [".terraform.lock.hcl", "terraform.tfstate", ".terraform/x", "mine_override.tf.json"]
    (tmp_path / "stacks/a/.terraform").mkdir()
    for name in kept:
        (tmp_path / "stacks/a" / name).write_text("kept")

    output.compare(tmp_path, {FILE: '{"new": 1}\n'}, manifest("a")).apply()
    assert (tmp_path / FILE).read_text() == '{"new": 1}\n'
    assert {(tmp_path / "stacks/a" / name).read_text() for name in kept} == {"kept"}


def test_a_stack_that_left_goes(tmp_path: Path) -> None:
    """Its folder goes, with what Terraform put there; what somebody added stays."""
    write(tmp_path, "a", "b", "c")
    (tmp_path / "stacks/b/.terraform.lock.hcl").write_text("")
    (tmp_path / "stacks/c/notes.md").write_text("mine")

    change = output.compare(tmp_path, {FILE: "{}\n"}, manifest("a"))
    assert change.leaving == (Path("stacks/b"), Path("stacks/c"))
    change.apply()
    assert not (tmp_path / "stacks/b").exists()
    assert [path.name for path in (tmp_path / "stacks/c").iterdir()] == ["notes.md"]


def refusal(change: output.Change, *, move_state: bool = False) -> str:
    """Return why *change* is not applied, and see that it is not."""
    before = {path: path.read_bytes() for path in change.folder.rglob("*") if path.is_file()}
    with pytest.raises(output.StateAtRiskError) as refused:
        change.apply(move_state=move_state)
    assert before == {p: p.read_bytes() for p in change.folder.rglob("*") if p.is_file()}
    return str(refused.value)


def stack(**terraform: Any) -> str:
    """Return a stack's file with these Terraform settings."""
    return json.dumps({"terraform": terraform})


S3 = {"s3": {"bucket": "acme", "key": "k/b.tfstate", "region": "eu-west-1"}}
WORKSPACE = {"hostname": "h", "organization": "acme", "workspaces": {"name": "b"}}


def test_a_stack_with_state_stops_the_run(tmp_path: Path) -> None:
    """Its resources would be orphans; the message says what to do first."""
    write(tmp_path, "a", "b")
    state = tmp_path / "stacks/b/terraform.tfstate"
    state.write_text(json.dumps({"resources": [{"type": "aws_ecs_cluster"}]}))

    change = output.compare(tmp_path, {FILE: '{"new": 1}\n'}, manifest("a"))
    folder = tmp_path / "stacks/b"
    assert refusal(change, move_state=True) == (
        f"{folder}: left the delivery file, but its state still holds resources\n"
        "  of another delivery file? write this one elsewhere: --out DIR\n"
        "  to let it go, in this order:\n"
        f"    1. terraform -chdir={folder} init\n"
        f"    2. terraform -chdir={folder} destroy "
        "(to keep what it made, move the folder elsewhere instead)\n"
        f"    3. rm -r {folder}"
    )

    state.write_text(json.dumps({"resources": []}))
    output.compare(tmp_path, {FILE: "{}\n"}, manifest("a")).apply()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (stack(backend=S3), "nothing else says that its state is s3 eu-west-1 acme k/b.tfstate"),
        (stack(backend={"pg": {"schema_name": "b"}}), "nothing else says that its state is pg b"),
        (stack(cloud=WORKSPACE), "nothing else says that its state is workspace h/acme/b"),
    ],
)
def test_the_only_record_of_a_state_stays(tmp_path: Path, text: str, why: str) -> None:
    """Who deletes it could not even destroy what the stack made; a folder taken away is done."""
    write(tmp_path, "a", "b")
    folder = tmp_path / "stacks/b"
    (folder / "cdk.tf.json").write_text(text)

    assert f"{folder}: left the delivery file, and {why}\n" in refusal(
        output.compare(tmp_path, {FILE: "{}\n"}, manifest("a"))
    )
    shutil.rmtree(folder)
    output.compare(tmp_path, {FILE: "{}\n"}, manifest("a")).apply()
    assert list(json.loads((tmp_path / "manifest.json").read_text())["stacks"]) == ["a"]


def test_a_state_outside_the_folder_is_seen(tmp_path: Path) -> None:
    """Wherever a relative path leads."""
    write(tmp_path, "a", "b")
    (tmp_path / "stacks/b/cdk.tf.json").write_text(
        stack(backend={"local": {"path": "../../b.tfstate"}})
    )
    assert output.compare(tmp_path, {FILE: "{}\n"}, manifest("a")).losses == {}
    (tmp_path / "b.tfstate").write_text(json.dumps({"resources": [{}]}))

    change = output.compare(tmp_path, {FILE: "{}\n"}, manifest("a"))
    assert "but its state still holds resources" in refusal(change)


def test_a_moved_state_stops_the_run(tmp_path: Path) -> None:
    """A state left behind would be planned anew: each stack, both places, and what to do."""
    before = stack(backend={"local": {"path": "x.tfstate"}})
    output.compare(tmp_path, {FILE: before}, manifest("a")).apply()

    change = output.compare(tmp_path, {FILE: stack(backend=S3)}, manifest("a"))
    title, old, new, *mend = refusal(change).splitlines()
    assert title == f"{tmp_path}/stacks/a: its state would move"
    assert (old, new) == ("  from local x.tfstate", "    to s3 eu-west-1 acme k/b.tfstate")
    assert "--move-state" in " ".join(mend)

    change.apply(move_state=True)
    assert (tmp_path / FILE).read_text() == stack(backend=S3)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (stack(backend=S3), stack(backend={"s3": {**S3["s3"], "use_lockfile": True}})),
        (stack(backend={"remote": WORKSPACE}), stack(cloud=WORKSPACE)),
        (stack(), stack(backend={"local": {"path": "terraform.tfstate"}})),
    ],
)
def test_another_way_to_the_same_state_is_no_move(tmp_path: Path, before: str, after: str) -> None:
    """Locks, keys, roles; a cloud block in place of a remote backend; nor is a new stack."""
    output.compare(tmp_path, {FILE: before}, manifest("a")).apply()

    files = {FILE: after, Path("stacks/new/cdk.tf.json"): after}
    assert output.compare(tmp_path, files, manifest("a", "new")).moves == ()


def test_a_strangers_stacks_are_never_removed(tmp_path: Path) -> None:
    """Only what an earlier run wrote can leave: the manifest names it."""
    stranger = tmp_path / "stacks/stranger/cdk.tf.json"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("{}")
    for text in ("[]", "{}", '{"stacks": {"x": {"workingDirectory": "../../x"}}}'):
        (tmp_path / "manifest.json").write_text(text)

        assert output.compare(tmp_path, {}, manifest()).leaving == ()


def test_a_workflow_without_a_repository_goes(tmp_path: Path) -> None:
    """Where a repository left the file its workflows leave; a stranger's workflow stays."""
    ours, theirs = (
        tmp_path / f"workflows/{name}/.github/workflows/ecr-push.yml" for name in ("ours", "theirs")
    )
    for path, text in ((ours, "# Generated by keyless-ecs from x\n"), (theirs, "name: x\n")):
        path.parent.mkdir(parents=True)
        path.write_text(text)

    output.compare(tmp_path, {}, manifest()).apply()
    assert not (tmp_path / "workflows/ours").exists()
    assert theirs.exists()


def test_a_gitignore_of_the_users_stays(tmp_path: Path) -> None:
    """Whoever has one there says what is ignored, as where ``--out`` is the repository itself."""
    wanted = {FILE: stack(), Path(".gitignore"): "# Generated by keyless-ecs\n*.tfstate\n"}
    path = tmp_path / ".gitignore"
    path.write_text("mine\n")

    change = output.compare(tmp_path, wanted, manifest("a"))
    change.apply()
    assert (change.foreign, path.read_text()) == ((), "mine\n")

    path.unlink()
    output.compare(tmp_path, wanted, manifest("a")).apply()
    assert path.read_text() == wanted[Path(".gitignore")]


def test_nothing_half_written(tmp_path: Path) -> None:
    """Where one file cannot be written, none is, and nothing is left behind."""
    write(tmp_path, "a")
    (tmp_path / "stacks/b/cdk.tf.json").mkdir(parents=True)
    files = {FILE: '{"new": 1}\n', Path("stacks/b/cdk.tf.json"): "{}\n"}

    with pytest.raises(output.OutputFolderError, match="nothing was changed"):
        output.compare(tmp_path, files, manifest("a", "b")).apply()
    assert (tmp_path / FILE).read_text() == "{}\n"
    assert list(tmp_path.rglob(".*")) == []


def test_a_partial_run_leaves_the_others_alone(tmp_path: Path) -> None:
    """The manifest goes on naming them, so that CDKTF's command line deletes none."""
    write(tmp_path, "a", "b")

    change = output.compare(tmp_path, {FILE: '{"new": 1}\n'}, manifest("a"), partial=True)
    assert list(change.files) == [FILE]
    change.apply()
    assert (tmp_path / "stacks/b/cdk.tf.json").exists()


def test_an_output_folder_that_is_a_file(tmp_path: Path) -> None:
    """The message names it and the option that mends it."""
    path = tmp_path / "out"
    path.write_text("")

    with pytest.raises(output.OutputFolderError, match="is no folder; name another with --out"):
        output.compare(path, {}, manifest())
