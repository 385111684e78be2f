"""``make`` sets up what it needs on machines that are not tidy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the Makefile and something that looks like a virtual environment."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    scripts = tmp_path / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "python").symlink_to(sys.executable)
    (scripts / "pip").write_text(f"#!{scripts}/python\n")
    return tmp_path


def made(folder: Path, *target: str, **environment: str) -> str:
    """Return what ``make`` says in *folder*."""
    command = ["make", "--no-print-directory", *target]
    result = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_whole_environment_stays(folder: Path) -> None:
    """Set-up is done once."""
    assert "made anew" not in made(folder, "help")
    assert (folder / ".venv").exists()


@pytest.mark.parametrize("removed", [True, False])
def test_a_moved_folder_or_a_python_that_is_gone(folder: Path, removed: bool) -> None:
    """F50: each script names its Python by the whole path, and ended with Error 127.

    pypa/virtualenv#802
    """
    if removed:
        (folder / ".venv/bin/python").unlink()
        (folder / ".venv/bin/python").symlink_to("/nowhere/python")
    else:
        folder = folder.rename(folder.with_name("moved"))

    assert ".venv was made in another folder, or its Python is gone" in made(folder, "help")
    assert not (folder / ".venv").exists()


def test_pip_takes_no_orders_for_other_folders(folder: Path) -> None:
    """F50: PIP_USER and PIP_CONSTRAINT end in errors of pip's; where packages come from is kept."""
    with (folder / "Makefile").open("a") as makefile:
        makefile.write("\nshow:\n\t@env | grep -E '^(PIP_|PYTHONHOME)' | sort\n")
    untidy = {
        "PIP_USER": "1",
        "PIP_CONSTRAINT": "/nowhere.txt",
        "PIP_TARGET": "/nowhere",
        "PIP_PREFIX": "/nowhere",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "PYTHONHOME": "",
        "PIP_INDEX_URL": "https://mirror.acme.example/simple",
    }

    assert [
        line
        for line in made(folder, "show", **untidy).splitlines()
        if line.partition("=")[0] in untidy
    ] == [
        "PIP_CONSTRAINT=/dev/null",
        "PIP_INDEX_URL=https://mirror.acme.example/simple",
        "PIP_REQUIRE_VIRTUALENV=0",
        "PIP_USER=0",
    ]


def test_no_script_of_the_environment_sets_it_up() -> None:
    """F50: pip is called as a module, which knows where it is."""
    text = (ROOT / "Makefile").read_text()

    assert "bin/pip install" not in text.replace("-m pip install", "")


def test_what_the_documents_say_works_as_typed(tmp_path: Path) -> None:
    """``python main.py`` with a Python that has none of the packages finds the one that has."""
    shutil.copy(ROOT / "main.py", tmp_path)
    scripts = tmp_path / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "python").write_text('#!/bin/sh\necho "found: $*"\n')
    (scripts / "python").chmod(0o755)

    result = subprocess.run(
        [sys._base_executable, "main.py", "check"],  # type: ignore[attr-defined]
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.stdout == "found: main.py check\n", result.stderr


@pytest.mark.parametrize(
    ("target", "called"),
    [
        ("synth", "main.py synth --config a b.yaml --out o"),
        ("rehearse", "main.py rehearse --config a b.yaml"),
        ("providers-lock", "main.py lock --out o"),
    ],
)
def test_each_target_knows_the_places(folder: Path, target: str, called: str) -> None:
    """Kind 10: in a monorepo of others the delivery file and its folder stand elsewhere."""
    python = folder / ".venv/bin/python"
    python.unlink()
    python.write_text('#!/bin/sh\necho "$*"\n')
    python.chmod(0o755)
    (folder / "requirements").mkdir()
    for lock in ("cdktf", "cdktf-rehearse", "cdktf-dev"):
        (folder / f"requirements/{lock}.txt").touch()
    for done in (".synth", ".rehearse", ".dev"):
        (folder / ".venv" / done).touch()

    said = made(folder, target, "CONFIG=a b.yaml", "OUT=o")
    assert called in [line.strip() for line in said.splitlines()]
