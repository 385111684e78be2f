"""The command line in a process of its own, whatever surrounds it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE, ROOT
from tests.support.command_line import files

pytestmark = pytest.mark.slow


def shell(command: str, **env: str) -> tuple[int, str, str]:
    """Run *command*, in which ``$RUN`` is the command line, in a shell."""
    program = f"{sys.executable} {ROOT / 'main.py'}"
    # A pytest run unbuffered would hide what is written at the end.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        ["bash", "-c", command],
        env={**inherited, "RUN": program, "EXAMPLE": str(EXAMPLE), **env},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("$RUN trust --config $EXAMPLE >&-", "standard output is closed; "),
        ("$RUN trust --config $EXAMPLE >/dev/full", "standard output: No space left on device; "),
        ("$RUN --help >/dev/full", "standard output: No space left on device; "),
        (
            "TMPDIR=/missing $RUN check --config $EXAMPLE",
            "TMPDIR=/missing: No such file or directory; ",
        ),
        ("ulimit -n 8; $RUN check --config $EXAMPLE", "this shell allows 8 open files "),
        ("ulimit -v 400000; $RUN check --config $EXAMPLE", "this shell allows 409600000 bytes "),
        ("ulimit -f 4; $RUN check --config $EXAMPLE", "TMPDIR=.: File too large; "),
    ],
)
def test_a_fault_of_the_surroundings_is_one_line(command: str, said: str) -> None:
    """Exit 2 with the place and the mend, and nothing else on either stream."""
    status, stdout, stderr = shell(command, TMPDIR=".")

    assert (status, stdout) == (2, "")
    assert stderr.startswith(said)
    assert stderr.count("\n") == 1


def test_nobody_need_hear_what_goes_wrong(tmp_path: Path) -> None:
    """The exit status tells where stderr is full; no file gets what a closed one should have."""
    assert shell("$RUN trust --only x --config $EXAMPLE 2>/dev/full")[0] == 2
    assert shell(f"$RUN --config $EXAMPLE --out {tmp_path}/a <&- 2>&-")[0] == 0
    assert shell(f"$RUN --config $EXAMPLE --out {tmp_path}/b")[0] == 0
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_what_a_stream_cannot_show_is_escaped(tmp_path: Path) -> None:
    """A name in another alphabet ends no run."""
    config = tmp_path / "é.yaml"
    status, _, stderr = shell(f"$RUN --config {config}", PYTHONIOENCODING="ascii")
    assert (status, stderr.partition(":")[0]) == (2, f"{tmp_path}/\\xe9.yaml")

    status, stdout, _ = shell(
        f"$RUN --config $EXAMPLE --out {tmp_path}/é", PYTHONIOENCODING="ascii:strict"
    )
    assert (status, stdout.count("/\\xe9/")) == (0, 2)


def test_ctrl_c_is_heard_while_modules_are_imported(tmp_path: Path) -> None:
    """Exit 130, and not a word: whatever comes out of an import that was interrupted."""
    module = tmp_path / "pydantic.py"
    module.write_text(
        "import os, signal\n"
        "class Named:\n"
        "    def __set_name__(self, owner, name):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "class It:\n"
        "    name = Named()\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])

    assert shell("exec $RUN trust --config $EXAMPLE", PYTHONPATH=path) == (130, "", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after", [0, 0.15, 0.3])
def test_an_interrupt_is_silent_whenever_it_comes(number: int, after: float) -> None:
    """As soon as it listens: before that is Python's own start."""
    listens = (
        "from keyless_ecs.commands import interrupts, process\n"
        "listen = interrupts.listen\n"
        "interrupts.listen = lambda: (listen(), print('listens', flush=True))\n"
        "process.run()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", listens, "trust", "--config", EXAMPLE],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests may have it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout
    assert process.stdout.readline() == "listens\n"
    time.sleep(after)
    process.send_signal(number)

    assert process.communicate()[1] == ""
    assert process.returncode in (0, 130)  # it may have been quick
