"""The command line as a whole, whichever command it is."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.commands import main, program
from tests.conftest import EXAMPLE, ROOT
from tests.support.command_line import Result, Run


@pytest.mark.slow
def test_a_reader_may_stop_reading() -> None:
    """``main.py trust | head`` ends without a traceback."""
    with subprocess.Popen(
        [sys.executable, ROOT / "main.py", "trust", "--config", EXAMPLE],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == b""
    assert process.returncode == 141


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


@pytest.mark.parametrize("command", ["", *main.COMMANDS])
def test_help_has_an_example(run: Run, command: str) -> None:
    """Of each command, with its own flags; of them all, a line for each."""
    result = run(*command.split(), "--help")

    assert (result.returncode, result.stderr) == (0, "")
    if command:
        assert f"example: python main.py {command} " in result.stdout
    else:
        assert re.findall(r"^    (\w+)(?:  |$)", result.stdout, re.MULTILINE) == list(main.COMMANDS)


@pytest.mark.parametrize(("name", "command"), main.COMMANDS.items())
def test_an_example_is_a_command_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, command: Any
) -> None:
    """The flags of each example are known."""
    monkeypatch.setattr(command, "run", lambda _: 0)

    assert run(name, *shlex.split(command.EXAMPLE)).returncode == 0


def test_help_imports_nothing_that_takes_time() -> None:
    """No pydantic, no YAML, no jsii: help is there at once."""
    script = (
        "import sys; from keyless_ecs.commands import main; main.main(['--help'])\n"
        "print(*{name.partition('.')[0] for name in sys.modules} & "
        "{'pydantic', 'ruamel', 'jsii', 'cdktf', 'constructs'}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "\n")


def test_help_lists_the_commands_below_their_heading(run: Run) -> None:
    """Without an empty line between them, as argparse would leave."""
    shown = run("--help").stdout
    assert re.search(r"^commands:\n +init ", shown, re.MULTILINE)


def test_a_command_on_the_path_is_named_as_it_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its whole path is for where it is not found without."""
    command = tmp_path / "keyless-ecs"
    command.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(command)])

    assert program.called() == [str(command)]
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert program.called() == ["keyless-ecs"]


def test_the_version_is_that_of_the_project(run: Run) -> None:
    """It stands in one place."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert run("--version") == Result(0, f"keyless-ecs {project['version']}\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("chekc", "'chekc' is no command; did you mean \"check\"?"),
        ("check --mirror x", "unknown: --mirror x; see python main.py check --help"),
        ("atlantis --only x", "unknown: --only x; see python main.py atlantis --help"),
        ("--into x", "unknown: --into x; see python main.py synth --help"),
        ("--conf x", "unknown: --conf x; see python main.py synth --help"),
        ("--config x check", "the command stands first: python main.py check …"),
    ],
)
def test_what_a_command_does_not_know_is_refused(run: Run, arguments: str, said: str) -> None:
    """Exit 2 with the mend, and nothing is done."""
    result = run(*arguments.split())

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].endswith(f"error: {said}")


@pytest.mark.slow
@pytest.mark.parametrize("program", [["main.py"], ["-m", "keyless_ecs"]], ids=["main", "module"])
def test_each_way_to_call_it_names_itself(program: list[str], tmp_path: Path) -> None:
    """So that the mend of ``check`` can be typed as it stands."""
    check = [sys.executable, *program, "check", "--config", str(EXAMPLE)]
    check += ["--out", str(tmp_path / "out")]

    first = subprocess.run(check, cwd=ROOT, capture_output=True, text=True)
    assert first.returncode == 1
    mend = first.stderr.splitlines()[-1].removeprefix("mend it with: ")
    subprocess.run(["sh", "-c", mend], cwd=ROOT, check=True, capture_output=True)
    assert subprocess.run(check, cwd=ROOT, capture_output=True).returncode == 0
