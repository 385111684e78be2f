"""Measures whole processes from outside: wall time, and memory of the process with its children."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.02

Command = Sequence[str | Path]


@dataclass(frozen=True)
class Memory:
    """Peaks in MiB: of all processes together, and of the largest one."""

    tree: float
    largest: float


def seconds(
    command: Command, *, cwd: Path, env: Mapping[str, str] | None = None, expect: int = 0
) -> float:
    """Run *command* once and return its wall time.

    Raises:
        RuntimeError: It ended with another status than *expect*.
    """
    start = time.perf_counter()
    process = _start(command, cwd, env)
    _, said = process.communicate()
    taken = time.perf_counter() - start
    if process.returncode != expect:
        raise RuntimeError(f"{command} ended with {process.returncode}: {said.decode()}")
    return taken


def memory(command: Command, *, cwd: Path) -> Memory:
    """Run *command* once and return its memory. Looking slows it down: time it apart."""
    process = _start(command, cwd, None)
    watched = psutil.Process(process.pid)
    tree = largest = 0.0
    while process.poll() is None:
        sizes = _sizes(watched)
        tree, largest = max(tree, sum(sizes)), max(largest, *sizes)
        time.sleep(SAMPLE_SECONDS)
    return Memory(tree, largest)


def _start(command: Command, cwd: Path, env: Mapping[str, str] | None) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _sizes(process: psutil.Process) -> list[float]:
    sizes = []
    try:
        for one in [process, *process.children(recursive=True)]:
            sizes.append(one.memory_info().rss / 2**20)
    except psutil.Error:
        # A process that ends while it is looked at.
        pass
    return sizes or [0.0]
