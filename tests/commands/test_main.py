"""The command line, run as a user runs it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from keyless_ecs.commands import main
from tests.conftest import ROOT


@dataclass
class Result:
    """What a run of the command line left behind."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the command line in this process, in the repository's root."""
    monkeypatch.chdir(ROOT)

    def run_it(*arguments: str | Path, **env: str) -> Result:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        status = main.main([str(argument) for argument in arguments])
        return Result(status, *capsys.readouterr())

    return run_it


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below *folder* with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.cdktf
def test_the_example_is_committed_as_it_is_written(run: Run) -> None:
    """``generated/`` equals what the shipped file yields."""
    result = run("check")

    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.slow
def test_same_input_same_bytes(tmp_path: Path) -> None:
    """Any folder, locale, time zone or hash seed."""
    elsewhere = tmp_path / "a folder with spaces"
    elsewhere.mkdir()
    shutil.copy(ROOT / "delivery.yaml", elsewhere)
    other = {"PYTHONHASHSEED": "7", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo", "PYTHONUTF8": "0"}
    result = subprocess.run(
        [sys.executable, ROOT / "main.py"],
        cwd=elsewhere,
        env={**os.environ, **other},
        capture_output=True,
        text=True,
    )

    assert result.returncode == 0, result.stderr
    assert files(elsewhere / "generated") == {
        path: content
        for path, content in files(ROOT / "generated").items()
        if ".terraform" not in path and "tfstate" not in path
    }


def test_a_run_says_what_it_wrote_where(run: Run, tmp_path: Path) -> None:
    """One line per stack, on stdout; stderr stays quiet when nothing is wrong."""
    result = run("--out", tmp_path)

    assert result.stdout.splitlines() == [
        f"account-main           1 resource  {tmp_path}/stacks/account-main/cdk.tf.json",
        f"papyrus-production   24 resources  {tmp_path}/stacks/papyrus-production/cdk.tf.json",
    ]
    assert result.stderr == ""


def test_cdktfs_command_line_says_where(run: Run, tmp_path: Path) -> None:
    """``cdktf synth`` passes the folder in its own variable, and ``--out`` has the last word."""
    assert run(CDKTF_OUTDIR=str(tmp_path / "a")).returncode == 0
    assert run("--out", tmp_path / "b").returncode == 0

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    manifest = json.loads((tmp_path / "a/manifest.json").read_text())
    assert sorted(manifest["stacks"]) == ["account-main", "papyrus-production"]


def test_check_shows_the_difference_and_the_mend(run: Run, tmp_path: Path) -> None:
    """Exit 1, a unified diff on stdout, the command on stderr; nothing is written."""
    config, out = tmp_path / "delivery.yaml", tmp_path / "out"
    text = (ROOT / "delivery.yaml").read_text()
    config.write_text(text)
    assert run("--config", config, "--out", out).returncode == 0
    before = files(out)
    config.write_text(text + "    task: {memory: 1024}\n")

    result = run("check", "--config", config, "--out", out)
    assert result.returncode == 1
    assert [line for line in result.stdout.splitlines() if line[0] in "+-"] == [
        "--- a/stacks/papyrus-production/cdk.tf.json",
        "+++ b/stacks/papyrus-production/cdk.tf.json",
        '-        "memory": "512",',
        '+        "memory": "1024",',
    ]
    assert result.stderr.splitlines() == [
        f"{out} is not what {config} yields:",
        "  stack papyrus-production: differs",
        f"mend it with: python main.py --config {config} --out {out}",
    ]
    assert files(out) == before


def test_check_names_what_differs(run: Run, tmp_path: Path) -> None:
    """A line for each stack, whether it is another, missing or gone; stacks first."""
    config, out = tmp_path / "delivery.yaml", tmp_path / "out"
    text = (ROOT / "delivery.yaml").read_text()
    config.write_text(text.replace("production:", "staging:"))
    assert run("--config", config, "--out", out).returncode == 0
    config.write_text(text)

    result = run("check", "--config", config, "--out", out)
    assert result.stderr.splitlines()[1:-1] == [
        "  stack papyrus-production: is missing",
        "  stack papyrus-staging: left the delivery file",
        "  atlantis.yaml: differs",
        "  manifest.json: differs",
        "  workflows/Papyrus/.github/workflows/ecr-push.yml: differs",
        "  workflows/Papyrus/.github/workflows/ecs-deploy.yml: differs",
    ]
    assert "--- /dev/null\n+++ b/stacks/papyrus-production/cdk.tf.json\n" in result.stdout
    assert "--- a/stacks/papyrus-staging/cdk.tf.json\n+++ /dev/null\n" in result.stdout


@pytest.mark.slow
def test_the_mend_is_a_command_for_any_shell(tmp_path: Path) -> None:
    """Whatever the paths are called; run as printed, it leaves nothing to mend."""
    folder = tmp_path / "it's $HOME; *"
    folder.mkdir()
    shutil.copy(ROOT / "delivery.yaml", folder / 'a "b".yaml')
    check = [sys.executable, str(ROOT / "main.py"), "check", "--only", "*-main"]
    check += ["--config", 'a "b".yaml', "--out", "é $PWD"]

    first = subprocess.run(check, cwd=folder, capture_output=True, text=True)
    assert first.returncode == 1
    mend = first.stderr.splitlines()[-1].removeprefix("mend it with: ")
    subprocess.run(["sh", "-c", mend], cwd=folder, check=True, capture_output=True)
    assert subprocess.run(check, cwd=folder, capture_output=True).returncode == 0


def test_what_terraform_locked_survives(run: Run, tmp_path: Path) -> None:
    """In stacks that change, in those that do not, and in those that ``--only`` leaves out."""
    config, out = tmp_path / "delivery.yaml", tmp_path / "out"
    text = (ROOT / "delivery.yaml").read_text()
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
    text = (ROOT / "delivery.yaml").read_text()
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
    text = (ROOT / "delivery.yaml").read_text()
    config.write_text(text.replace("production:", "staging:") + S3)
    run("--config", config, "--out", out)
    before = files(out)
    config.write_text(text + S3)

    refused = run("--config", config, "--out", out)
    folder = out / "stacks/papyrus-staging"
    assert refused.returncode == 2
    assert refused.stderr == (
        f"{folder}: left the delivery file, and nothing else says that its state is "
        "s3 eu-west-1 acme keyless-ecs/papyrus-staging.tfstate; first: "
        f"terraform -chdir={folder} init && terraform -chdir={folder} destroy && rm -r {folder}\n"
    )
    checked = run("check", "--config", config, "--out", out)
    assert checked.returncode == 1
    assert refused.stderr in checked.stderr
    assert files(out) == before

    shutil.rmtree(folder)
    assert run("--config", config, "--out", out).returncode == 0
    assert run("check", "--config", config, "--out", out).returncode == 0


def test_code_owners_come_and_go(run: Run, tmp_path: Path) -> None:
    """A fragment for either side, where GitHub does not read it; never a file of the user's."""
    config, out = tmp_path / "delivery.yaml", tmp_path / "out"
    text = (ROOT / "delivery.yaml").read_text()
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
    text = (ROOT / "delivery.yaml").read_text()
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


@pytest.mark.parametrize("argument", ["--config", "--out"])
def test_a_wrong_path_is_named(run: Run, tmp_path: Path, argument: str) -> None:
    """A file that is not there, a folder that is a file."""
    path = tmp_path / "x"
    if argument == "--out":
        path.write_text("")

    result = run(argument, path)
    assert result.returncode == 2
    assert str(path) in result.stderr
    assert "Traceback" not in result.stderr


def test_trust_shows_who_gets_in(run: Run) -> None:
    """For every role: whom it trusts, the tokens tried, and that all fared as they should."""
    result = run("trust")

    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "papyrus-production-deploy"
    assert "  environment  production" in lines
    assert any(line.startswith("denied    both       fork") for line in lines)
    assert re.fullmatch(r"\d{3} tokens tried, all as expected", lines[-1])


def test_trust_tells_one_role_from_others(run: Run) -> None:
    """``--only`` takes a stack's name; one that names no deploy role is refused."""
    assert run("trust", "--only", "papyrus-*").returncode == 0

    result = run("trust", "--only", "account-*")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "--only account-*: no such stack has a deploy role\n"


@pytest.mark.slow
def test_a_reader_may_stop_reading() -> None:
    """``main.py trust | head`` ends without a traceback."""
    with subprocess.Popen(
        [sys.executable, ROOT / "main.py", "trust"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == b""
    assert process.returncode == 141
