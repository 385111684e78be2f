"""``main.py check``: what differs, and the command that mends it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE, ROOT
from tests.support.command_line import Result, Run, files


def test_check_has_nothing_to_say_of_what_is_up_to_date(run: Run, generated_example: Path) -> None:
    """Exit 0, and not a word."""
    assert run("check", "--out", generated_example) == Result(0, "", "")


def test_check_shows_the_difference_and_the_mend(run: Run, tmp_path: Path) -> None:
    """Exit 1, a unified diff on stdout, the command on stderr; nothing is written."""
    config, out = tmp_path / "delivery.yaml", tmp_path / "out"
    text = (EXAMPLE).read_text()
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
    text = (EXAMPLE).read_text()
    config.write_text(text.replace("production:", "staging:"))
    assert run("--config", config, "--out", out).returncode == 0
    config.write_text(text)

    result = run("check", "--config", config, "--out", out)
    assert result.stderr.splitlines()[1:-1] == [
        "  stack papyrus-production: is missing",
        "  stack papyrus-staging: left the delivery file",
        "  README.md: differs",
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
    shutil.copy(EXAMPLE, folder / 'a "b".yaml')
    check = [sys.executable, str(ROOT / "main.py"), "check", "--only", "*-main"]
    check += ["--config", 'a "b".yaml', "--out", "é $PWD"]

    first = subprocess.run(check, cwd=folder, capture_output=True, text=True)
    assert first.returncode == 1
    mend = first.stderr.splitlines()[-1].removeprefix("mend it with: ")
    subprocess.run(["sh", "-c", mend], cwd=folder, check=True, capture_output=True)
    assert subprocess.run(check, cwd=folder, capture_output=True).returncode == 0
