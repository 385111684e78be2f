"""``main.py synth``, which is what ``main.py`` does without a command."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from keyless_ecs import release
from tests.conftest import EXAMPLE, ROOT
from tests.support.command_line import Run, files

pytestmark = pytest.mark.slow


def test_same_input_same_bytes(tmp_path: Path, generated_example: Path) -> None:
    """Any folder, locale, time zone or hash seed."""
    elsewhere = tmp_path / "a folder with spaces"
    elsewhere.mkdir()
    shutil.copy(EXAMPLE, elsewhere / "delivery.yaml")
    other = {"PYTHONHASHSEED": "7", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo", "PYTHONUTF8": "0"}
    result = subprocess.run(
        [sys.executable, ROOT / "main.py"],
        cwd=elsewhere,
        env={**os.environ, **other},
        capture_output=True,
        text=True,
    )

    assert result.returncode == 0, result.stderr
    assert files(elsewhere / "generated") == files(generated_example)


def test_a_run_says_what_it_wrote_where(run: Run, tmp_path: Path) -> None:
    """One line per stack, on stdout; stderr has what comes next, while there is anything to do."""
    result = run("--out", tmp_path)

    assert result.stdout.splitlines() == [
        f"account-main           1 resource  {tmp_path}/stacks/account-main/cdk.tf.json",
        f"papyrus-production   35 resources  {tmp_path}/stacks/papyrus-production/cdk.tf.json",
        "written: 2 stacks, 36 resources added, 6 other files",
    ]
    assert result.stderr.splitlines() == [
        "next: python main.py trust",
        "next: python main.py cost",
        f"next: commit {tmp_path}, then plan and apply: "
        f"terraform -chdir={tmp_path}/stacks/account-main init",
        f"next: after the apply, copy {tmp_path}/workflows/Papyrus/.github into Papyrus",
    ]
    assert run("--out", tmp_path).stderr == ""
    (tmp_path / "stacks/account-main/README.md").unlink()
    assert run("--out", tmp_path).stderr == f"next: git diff {tmp_path}\n"


def test_what_another_version_changes_is_said(run: Run, tmp_path: Path) -> None:
    """The page says which version wrote the folder, and the run that follows what came since."""
    run("--out", tmp_path)
    page = tmp_path / "README.md"
    line = f"Written by keyless-ecs {release.version()}.\n"
    assert page.read_text().endswith(line)
    page.write_text(page.read_text().replace(line, "Written by keyless-ecs 0.0.1.\n"))

    said = run("--out", tmp_path).stderr
    assert said.startswith(f"{tmp_path} was written by 0.0.1, and now by {release.version()}:\n")
    assert page.read_text().endswith(line)


def test_cdktfs_command_line_says_where(run: Run, tmp_path: Path) -> None:
    """``cdktf synth`` passes the folder in its own variable, and ``--out`` has the last word."""
    assert run(CDKTF_OUTDIR=str(tmp_path / "a")).returncode == 0
    assert run("--out", tmp_path / "b").returncode == 0

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    manifest = json.loads((tmp_path / "a/manifest.json").read_text())
    assert sorted(manifest["stacks"]) == ["account-main", "papyrus-production"]


def test_what_terraform_locked_survives(run: Run, tmp_path: Path) -> None:
    """In stacks that change, in those that do not, and in those that ``--only`` leaves out."""
    config, out = tmp_path / "delivery.yaml", tmp_path / "out"
    text = (EXAMPLE).read_text()
    config.write_text(text)
    run("--config", config, "--out", out)
    locks = [path.with_name(".terraform.lock.hcl") for path in out.rglob("cdk.tf.json")]
    for number, lock in enumerate(locks):
        lock.write_text(f"lock {number}")
    config.write_text(text + "    task: {memory: 1024}\n")

    assert run("--config", config, "--out", out, "--only", "account-*").returncode == 0
    assert run("--config", config, "--out", out).returncode == 0
    assert "removed" not in run("--config", config, "--out", out).stderr
    assert [lock.read_text() for lock in locks] == ["lock 0", "lock 1"]


S3 = "state: {s3: {bucket: acme, region: eu-west-1}}\n"


def test_a_moved_state_is_called_out(run: Run, tmp_path: Path) -> None:
    """``check`` says so beside the diff, a run stops; ``--move-state`` goes on, and says how."""
    config, out = tmp_path / "delivery.yaml", tmp_path / "out"
    text = (EXAMPLE).read_text()
    config.write_text(text)
    run("--config", config, "--out", out)
    before = files(out)
    config.write_text(text + S3)

    refused = run("--config", config, "--out", out)
    assert (refused.returncode, refused.stdout) == (2, "")
    for stack in ("account-main", "papyrus-production"):
        assert (
            f"{out}/stacks/{stack}: its state would move\n"
            "  from local terraform.tfstate\n"
            f"    to s3 eu-west-1 acme keyless-ecs/{stack}.tfstate\n"
        ) in refused.stderr
    checked = run("check", "--config", config, "--out", out)
    assert checked.returncode == 1
    assert refused.stderr in checked.stderr
    assert checked.stderr.endswith(f"--config {config} --out {out} --move-state\n")
    assert files(out) == before

    moved = run("--config", config, "--out", out, "--move-state")
    assert moved.returncode == 0
    assert moved.stderr.splitlines() == [
        f"next: terraform -chdir={out}/stacks/{stack} init -migrate-state"
        for stack in ("account-main", "papyrus-production")
    ]
    assert run("--config", config, "--out", out).returncode == 0


def test_a_stack_may_not_leave_with_the_only_record_of_its_state(run: Run, tmp_path: Path) -> None:
    """The run stops, ``check`` says the same; without the folder both go on."""
    config, out = tmp_path / "delivery.yaml", tmp_path / "out"
    text = (EXAMPLE).read_text()
    config.write_text(text.replace("production:", "staging:") + S3)
    run("--config", config, "--out", out)
    before = files(out)
    config.write_text(text + S3)

    refused = run("--config", config, "--out", out)
    folder = out / "stacks/papyrus-staging"
    assert refused.returncode == 2
    assert refused.stderr.startswith(
        f"{folder}: left the delivery file, and nothing else says that its state is "
        "s3 eu-west-1 acme keyless-ecs/papyrus-staging.tfstate\n"
    )
    assert refused.stderr.endswith(f". rm -r {folder}\n")
    checked = run("check", "--config", config, "--out", out)
    assert checked.returncode == 1
    assert refused.stderr in checked.stderr
    assert files(out) == before

    shutil.rmtree(folder)
    assert run("--config", config, "--out", out).returncode == 0
    assert run("check", "--config", config, "--out", out).returncode == 0


def test_what_another_file_wrote_is_not_taken_away_without_a_word(run: Run, tmp_path: Path) -> None:
    """M3's neighbour: a second delivery file into one folder, before anything was applied."""
    text = EXAMPLE.read_text()
    for name in ("papyrus", "scroll"):
        config = tmp_path / f"{name}.yaml"
        config.write_text(text.replace("papyrus:", f"{name}:").replace("Papyrus", name))
        said = run("--config", config, "--out", tmp_path / "out").stderr
        assert ("another delivery file's?" in said) is (name == "scroll")

    assert f"removed {tmp_path / 'out/stacks/papyrus-production'}: it left" in said


def test_code_owners_come_and_go(run: Run, tmp_path: Path) -> None:
    """A fragment for either side, where GitHub does not read it; never a file of the user's."""
    config, out = tmp_path / "delivery.yaml", tmp_path / "out"
    text = (EXAMPLE).read_text()
    owned = text.replace("Nickelth\n", 'Nickelth\n  code_owners: ["@acme/platform", a@acme.com]\n')
    config.write_text(owned)
    assert run("--config", config, "--out", out).returncode == 0
    rules = {
        str(path.relative_to(out)): re.findall("^[^#].*", path.read_text(), re.MULTILINE)
        for path in sorted(out.rglob("CODEOWNERS"))
    }
    owners = "@acme/platform a@acme.com"
    assert rules == {
        "CODEOWNERS": [
            f"{path} {owners}" for path in ("/delivery.yaml", "/generated/", "/.github/")
        ],
        "workflows/Papyrus/CODEOWNERS": [f"/.github/ {owners}"],
    }

    theirs = out / "workflows/Other/CODEOWNERS"
    theirs.parent.mkdir()
    theirs.write_text("* @me\n")
    config.write_text(text)
    assert run("--config", config, "--out", out).returncode == 0
    assert list(out.rglob("CODEOWNERS")) == [theirs]


def test_bad_input_writes_nothing(run: Run, tmp_path: Path) -> None:
    """Exit 2, every problem on stderr without a traceback, the output as it was."""
    config, out = tmp_path / "delivery.yaml", tmp_path / "out"
    text = (EXAMPLE).read_text()
    config.write_text(text)
    run("--config", config, "--out", out)
    before = files(out)
    config.write_text(text.replace("port: 8080", "port: 80800"))

    result = run("--config", config, "--out", out)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        f"{config}: 1 problem\n"
        "  line 12  services.papyrus.container.port: 80800 is too large; use 65535 or less\n"
    )
    assert files(out) == before
