"""The program as a wheel installs it: a command, in a folder that holds but a delivery file.

``make test-install`` builds it and installs it in an environment of its own; without that these
tests are skipped.
"""

import filecmp
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE, ROOT
from tests.support.script import SET_BY_US

COMMAND = os.environ.get("KEYLESS_ECS", "")
DIST = ROOT / "build/dist"

pytestmark = pytest.mark.skipif(not COMMAND, reason="run make test-install")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with nothing but a delivery file."""
    shutil.copy(EXAMPLE, tmp_path / "delivery.yaml")
    return tmp_path


def run(folder: Path, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run the command as its user does: no variable of this project, no Node on the path."""
    return subprocess.run(
        [COMMAND, *arguments], cwd=folder, env=_environment(), capture_output=True, text=True
    )


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in SET_BY_US}
    kept.pop("PYTHONPATH", None)
    return {**kept, "PATH": f"{Path(COMMAND).parent}:/usr/bin:/bin"}


def test_it_writes_what_main_py_writes(project: Path, generated_example: Path) -> None:
    """Byte for byte; and it sets the bindings up once, before the first run."""
    first = run(project)
    assert first.returncode == 0, first.stderr

    same = filecmp.dircmp(project / "generated", generated_example)
    assert (same.left_only, same.diff_files) == ([], [])
    assert "setting up" not in run(project).stderr


def test_the_mend_that_check_names_can_be_typed(project: Path) -> None:
    """It names the command, not a file of a checkout."""
    found = run(project, "check")

    assert found.returncode == 1
    mend = found.stderr.splitlines()[-1].removeprefix("mend it with: ")
    assert mend.split()[0] in (COMMAND, "keyless-ecs")
    subprocess.run(
        ["sh", "-c", mend], cwd=project, env=_environment(), check=True, capture_output=True
    )
    assert run(project, "check").returncode == 0


@pytest.mark.parametrize("command", ["--version", "trust", "adopt", "explain", "--help"])
def test_every_command_is_there(project: Path, command: str) -> None:
    """Also those that read more than the delivery file: the models' own source."""
    done = run(project, command)

    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert done.stdout


def test_what_is_not_installed_says_what_installs_it(project: Path) -> None:
    """The rehearsal is an extra: most of what it needs serves nothing else."""
    done = run(project, "rehearse")

    assert (done.returncode, done.stdout) == (2, "")
    assert "uv tool install '.[rehearse]'" in done.stderr


def test_the_constructs_can_be_imported(project: Path) -> None:
    """For those who write CDKTF themselves."""
    python = Path(COMMAND).with_name("python")
    script = "from keyless_ecs.aws import Registry; print(Registry.__name__)"

    done = subprocess.run([python, "-c", script], cwd=project, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "Registry\n"), done.stderr


def test_the_wheel_holds_the_package_and_the_sdist_what_it_is_built_from() -> None:
    """No test, no environment, nothing that was fetched."""
    (wheel,), (sdist,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    with tarfile.open(sdist) as archive_of_source:
        source = {Path(name).parts[1] for name in archive_of_source.getnames()}

    version = wheel.name.split("-")[1]
    assert tops == {"keyless_ecs", f"keyless_ecs-{version}.dist-info"}
    assert {"modules", "pyproject.toml", "LICENSE", "README.md"} <= source
    assert not {"tests", "bench", "generated", ".venv"} & source
