"""A script in a shell, whose ``aws``, ``gh`` and ``sleep`` ask whoever started it."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("aws", "gh", "sleep")
_FUNCTIONS = r"""
_answer() {
  local text code
  printf '%s\0' "$#" "$@" >&$ASK
  read -r code <&$HEAR || kill -KILL 0
  IFS= read -r -d '' text < "$CALLS/err" || :
  printf %s "$text" >&2
  IFS= read -r -d '' text < "$CALLS/out" || :
  printf %s "$text"
  return "$code"
}
aws() { _answer aws "$@"; }
gh() { _answer gh "$@"; }
# The shell's own clock stands still, but while something sleeps.
unset SECONDS
SECONDS=0
sleep() {
  local passed
  passed=$(_answer sleep "$@")
  SECONDS=$((SECONDS + passed))
}
"""
_PROGRAM = """#!/bin/bash
"${0##*/}" "$@"
"""
"""For who starts a program by another, such as ``timeout``."""


@dataclass(frozen=True)
class Answer:
    """What a program answers."""

    out: str = ""
    err: str = ""
    code: int = 0


@dataclass(frozen=True)
class Asked:
    """A script that waits for the answer of a program."""

    argv: tuple[str, ...]
    files: Mapping[str, str]


@dataclass(frozen=True)
class Ended:
    """A script that has ended."""

    code: int
    output: str
    summary: str
    environment: str
    log: str
    files: Mapping[str, str]


class Shell:
    """A script that runs until it asks, or ends.

    Exposes what it *does* now, and how often it was *answered*.

    Args:
        script: Its text.
        command: The shell that runs it.
        variables: Its environment variables.
        files: What lies in its folders ``work`` and ``temp``.
    """

    def __init__(
        self,
        script: str,
        command: Sequence[str],
        variables: Mapping[str, str],
        files: Mapping[str, str],
    ) -> None:
        self.answered = 0
        self._folder = Path(tempfile.mkdtemp(prefix="keyless-ecs-script-"))
        programs, calls, work, temp = (self._folder / n for n in ("bin", "calls", "work", "temp"))
        for each in (programs, calls, work, temp):
            each.mkdir()
        for program in PROGRAMS:
            (programs / program).write_text(_PROGRAM)
            (programs / program).chmod(0o755)
        for path, text in files.items():
            (self._folder / path).write_text(text)
        for name in ("output", "summary", "environment", "log"):
            (self._folder / name).write_text("")
        (self._folder / "functions").write_text(_FUNCTIONS)
        (self._folder / "script").write_text(script)
        self._asks, ask = os.pipe()
        hear, self._tell = os.pipe()
        with (self._folder / "log").open("w") as log:
            self._process = subprocess.Popen(
                [*command, str(self._folder / "script")],
                cwd=work,
                env={
                    **variables,
                    "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
                    "HOME": str(temp),
                    "CALLS": str(calls),
                    "ASK": str(ask),
                    "HEAR": str(hear),
                    "BASH_ENV": str(self._folder / "functions"),
                    "GITHUB_OUTPUT": str(self._folder / "output"),
                    "GITHUB_STEP_SUMMARY": str(self._folder / "summary"),
                    "GITHUB_ENV": str(self._folder / "environment"),
                    "RUNNER_TEMP": str(temp),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(ask, hear),
                start_new_session=True,
            )
        os.close(ask)
        os.close(hear)
        self.does: Asked | Ended = self._next()

    def answer(self, answer: Answer) -> None:
        """Answer the question, and run on."""
        calls = self._folder / "calls"
        (calls / "out").write_text(answer.out)
        (calls / "err").write_text(answer.err)
        self.answered += 1
        os.write(self._tell, f"{answer.code}\n".encode())
        self.does = self._next()

    def close(self) -> None:
        """End it, wherever it is."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for end in (self._asks, self._tell):
            os.close(end)
        shutil.rmtree(self._folder)

    def _next(self) -> Asked | Ended:
        heard = b""
        while read := os.read(self._asks, 1 << 16):
            heard += read
            count, *arguments = heard.split(b"\0")
            if len(arguments) > int(count or b"9999"):
                argv = (one.decode() for one in arguments[:-1])
                return Asked(
                    tuple(one.replace(str(self._folder), "") for one in argv), self._files()
                )
        code = self._process.wait()
        read_text = {
            name: (self._folder / name).read_text()
            for name in ("output", "summary", "environment", "log")
        }
        read_text["log"] = read_text["log"].replace(str(self._folder), "")
        return Ended(code=code, files=self._files(), **read_text)

    def _files(self) -> dict[str, str]:
        return {
            f"{place}/{path.name}": path.read_text()
            for place in ("work", "temp")
            for path in sorted((self._folder / place).iterdir())
        }
