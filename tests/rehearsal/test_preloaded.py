"""A program that is loaded once and called often."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from keyless_ecs.rehearsal import preloaded
from tests.conftest import eventually
from tests.support.processes import is_running

pytestmark = pytest.mark.slow


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Return a program that calls :mod:`tests.support.called`."""
    path = tmp_path / "called"
    path.write_text(preloaded.program("tests.support.called"))
    path.chmod(0o755)
    return path


def test_a_call_is_the_callers(script: Path, tmp_path: Path) -> None:
    """Its arguments, folder, variables, streams and exit status, each call in a process anew."""
    said = [
        subprocess.run(
            [script, "a b", ""],
            cwd=tmp_path,
            env={"CALLER": "me"},
            check=False,
            capture_output=True,
            text=True,
        )
        for _ in range(2)
    ]

    assert [(each.returncode, each.stderr) for each in said] == [(3, "")] * 2
    assert [each.stdout.split(" ", 1)[1] for each in said] == [f"{tmp_path} me a b \n"] * 2
    assert len({each.stdout.split()[0] for each in said}) == 2


def test_a_call_ends_with_its_caller(script: Path) -> None:
    """A job kills what does not stop; what answers in its stead must not live on."""
    calling = subprocess.Popen([script, "wait"], env={"CALLER": "me"}, stdout=subprocess.PIPE)
    assert calling.stdout
    serving = int(calling.stdout.readline().split()[0])
    os.kill(serving, 0)

    calling.send_signal(signal.SIGINT)
    calling.kill()
    calling.communicate()

    assert eventually(lambda: not is_running(serving))
