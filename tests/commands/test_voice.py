"""How much is said, in which colour, and in which form for machines."""

import io
import json
import subprocess
from pathlib import Path

import pytest

from keyless_ecs.commands import voice
from tests.support.command_line import Run


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("stream", "variables", "coloured"),
    [
        (Terminal(), {}, True),
        (io.StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    stream: io.StringIO,
    variables: dict[str, str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Never in a pipe or a log; https://no-color.org."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert voice.coloured("+ x", stream) == ("\033[32m+ x\033[0m" if coloured else "+ x")
    assert voice.coloured("x", stream) == "x"


def test_a_quiet_run_says_what_is_wrong_alone(run: Run, tmp_path: Path) -> None:
    """Neither stacks nor warnings; but problems, and the difference that check finds."""
    text = Path("delivery.yaml").read_text()
    Path("delivery.yaml").write_text(f"{text}        trust: {{by: ref}}\n")

    assert "warning" in run("--out", tmp_path / "a").stderr
    quiet = run("--out", tmp_path / "b", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert run("check", "-q", "--out", tmp_path / "c").returncode == 1
    Path("delivery.yaml").write_text("version: 2\n")
    assert "problem" in run("-q").stderr


def test_a_verbose_run_names_each_thing(run: Run, tmp_path: Path) -> None:
    """Resources with their stack, files with their path; and nothing where nothing changed."""
    said = run("--out", tmp_path, "--verbose").stdout
    assert "  + papyrus-production: aws_ecs_service.service\n" in said
    assert "    atlantis.yaml\n" in said

    text = Path("delivery.yaml").read_text()
    Path("delivery.yaml").write_text(f"{text}        count: 2\n")
    said = run("--out", tmp_path, "--verbose").stdout
    assert "written: 1 stack, 1 resource changed\n" in said
    assert "  ~ papyrus-production: aws_ecs_service.service\n" in said
    assert run("--out", tmp_path, "-v").stdout.endswith("nothing changed\n")


def test_what_machines_read_is_json(run: Run, tmp_path: Path) -> None:
    """Of what was written, of what differs, of what is billed."""
    out = tmp_path / "out"
    differs = json.loads(run("check", "--out", out, "--json").stdout)
    written = json.loads(run("--out", out, "--json").stdout)
    billed = json.loads(run("cost", "--json").stdout)

    assert written["written"] == differs
    assert differs["stacks"] == ["account-main", "papyrus-production"]
    assert "papyrus-production: aws_ecs_cluster.cluster" in differs["added"]
    assert written["stacks"][0]["resources"] == 1
    assert billed.keys() == {"account-main", "papyrus-production"}
    same = json.loads(run("check", "--out", out, "--json").stdout)
    assert (same.keys(), any(same.values())) == (differs.keys(), False)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["keyless-ecs", "ch"], {"check"}),
        (["keyless-ecs", "check", "--o"], {"--out", "--only"}),
        (["keyless-ecs", "--mov"], set()),
        (["keyless-ecs", "completion", "f"], {"fish"}),
        (["keyless-ecs", "synth", "--only", "web"], {"web-production", "web-staging"}),
    ],
)
def test_bash_completes(run: Run, tmp_path: Path, words: list[str], offered: set[str]) -> None:
    """Commands first, then words and flags of the one that stands there; stacks behind --only."""
    for stack in ("account-main", "web-staging", "web-production"):
        (tmp_path / "generated/stacks" / stack).mkdir(parents=True)
    script = run("completion", "bash").stdout
    typed = " ".join(words)
    ask = (
        f"{script}\nCOMP_WORDS=({typed}); COMP_CWORD={len(words) - 1}; _keyless_ecs; "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )

    done = subprocess.run(
        ["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == offered


def test_the_other_shells_know_each_command(run: Run) -> None:
    """Zsh by way of bash's completion, fish with the help of each."""
    zsh, fish = run("completion", "zsh").stdout, run("completion", "fish").stdout

    assert zsh.startswith("autoload -Uz compinit bashcompinit\n")
    assert "bashcompinit\n_keyless_ecs() {" in zsh
    assert "__fish_seen_subcommand_from synth' -l only -x -a '(command ls generated/stacks" in fish
    assert "-a explain -d 'Say what a key of the delivery file means" in fish
