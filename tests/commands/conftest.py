"""Fixtures that the tests of the commands share."""

import shutil
from pathlib import Path

import pytest

from keyless_ecs.commands import main
from tests.conftest import EXAMPLE
from tests.support.command_line import Result, Run


@pytest.fixture
def run(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Return what runs the command line in this process, where the example is delivery.yaml."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(EXAMPLE, folder / "delivery.yaml")
    monkeypatch.chdir(folder)

    def run_it(*arguments: str | Path, **env: str) -> Result:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        status = main.main([str(argument) for argument in arguments])
        return Result(status, *capsys.readouterr())

    return run_it
