"""What is said of an error."""

import errno

import pytest

from keyless_ecs.commands import failures, main, trust
from keyless_ecs.errors import UserError
from tests.conftest import EXAMPLE


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UserError("delivery.yaml: 1 problem"), "delivery.yaml: 1 problem"),
        (FileNotFoundError(errno.ENOENT, "No such file", "a/b"), "a/b: No such file"),
        (
            OSError(errno.EMFILE, "Too many open files", "x"),
            "x: Too many open files; raise the limit of open files (ulimit -n)",
        ),
        (
            BlockingIOError(errno.EAGAIN, "Try again"),
            "Try again; raise the limit of processes (ulimit -u)",
        ),
        (
            RuntimeError("Error: ENOSPC: no space left on device, write 'a/x'"),
            "a/x: No space left on device; make room there, or name another place",
        ),
        (
            MemoryError(),
            "there is not enough memory; give it more memory, or fewer stacks at once with --only",
        ),
    ],
)
def test_what_the_surroundings_lack_is_one_line(error: Exception, message: str) -> None:
    """The place, what is wrong and the mend; whether Python or Node met it."""
    assert failures.message(error) == message


@pytest.mark.parametrize("error", [KeyError("hunter2"), RecursionError("hunter2")])
def test_the_unforeseen_is_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, never 1; where to report it, and no value, which may be a secret."""

    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(trust, "run", fail)
    monkeypatch.delenv(failures.TRACEBACK, raising=False)
    assert main.main(["trust", "--config", str(EXAMPLE)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"{type(error).__name__} at keyless_ecs/commands/main.py:")
    assert failures.ISSUES in said
    assert "hunter2" not in said

    monkeypatch.setenv(failures.TRACEBACK, "1")
    assert main.main(["trust"]) == 2
    assert "Traceback" in capsys.readouterr().err
