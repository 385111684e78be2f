"""Synthesizes many stacks in several processes. A run of few never imports this.

``ProcessPoolExecutor`` would be less to read, but its processes hold both ends of their queues:
when this one is killed they wait for ever, and Node with them.
"""

import math
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NoReturn

from keyless_ecs.config import DeliveryFile
from keyless_ecs.engine.kernel import KernelError
from keyless_ecs.synthesis import here
from keyless_ecs.synthesis.stack import SynthesizedStack

STACKS_PER_PROCESS = 150
"""jsii frees nothing, so a process that went on would grow: it ends after so many stacks."""


def synthesize(
    file: DeliveryFile,
    names: Sequence[str],
    processes: int,
    progress: Callable[[int], None],
    folder: Path,
) -> list[SynthesizedStack]:
    """Do what :func:`keyless_ecs.synthesis.parallel.synthesize` does, in *processes* at once.

    Whatever ends this process early ends them too, before *folder*, in which they work, goes.

    Raises:
        CrossCheckError: A stack and its workflows contradict each other.
        BindingsError: Nothing can run jsii on this machine.
        KernelError: Node, or a process, ended early.
    """
    groups, done = _groups(names, processes), 0
    workers: list[_Worker] = []
    working: dict[Any, _Worker] = {}
    try:
        while True:
            for group in islice(groups, processes - len(working)):
                worker = _Worker(file, group, folder / group[0])
                workers.append(worker)
                working[worker.results] = worker
            if not working:
                return [stack for worker in workers for stack in worker.stacks]
            for results in wait(list(working)):
                if working[results].has_finished():
                    del working[results]
                else:
                    done += 1
                    progress(done)
    finally:
        # Not those in *working*: a signal may come between the start of one and its entry there.
        for process in (left := multiprocessing.active_children()):
            process.terminate()
        for process in left:
            process.join()


def _groups(names: Sequence[str], processes: int) -> Iterator[Sequence[str]]:
    """Cut *names* into groups of about equal size, a multiple of *processes* in number."""
    rounds = math.ceil(len(names) / (STACKS_PER_PROCESS * processes))
    size = math.ceil(len(names) / (rounds * processes))
    for start in range(0, len(names), size):
        yield names[start : start + size]


class _Worker:
    """A process for one group. It is new, never a fork: nobody shares the Node behind jsii."""

    def __init__(self, file: DeliveryFile, names: Sequence[str], folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.names = names
        self.stacks: list[SynthesizedStack] = []
        self.results, results = context.Pipe(duplex=False)
        # A daemon: when this process leaves early, it is told to end.
        self.process = context.Process(
            target=_work, args=(results, file, names, folder), daemon=True
        )
        with _apart(), results:
            self.process.start()

    def has_finished(self) -> bool:
        """Wait for one more stack to be built, or for all of them, which are in *stacks* then."""
        try:
            result = self.results.recv()
        except EOFError as error:
            self.process.join()
            raise KernelError(
                f"the process for {self.names[0]} to {self.names[-1]} ended with "
                f"{self.process.exitcode}; is there memory for it? Fewer stacks at once: --only"
            ) from error
        if isinstance(result, Exception):
            raise result
        if result is None:
            return False
        self.stacks = result
        self.process.join()
        return True


@contextmanager
def _apart() -> Iterator[None]:
    """Let a process that starts leave Ctrl-C to this one, and leave out jsii's assertions.

    jsii checks every argument, a sixth of a worker's time. The types are mypy's to check, and
    a single process still does.
    """
    given = os.environ.get("PYTHONOPTIMIZE")
    os.environ["PYTHONOPTIMIZE"] = given or "1"
    resource_tracker.ensure_running()  # else the first start would, and let signals through
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        if given is None:
            del os.environ["PYTHONOPTIMIZE"]


def _work(results: Connection, file: DeliveryFile, names: Sequence[str], folder: Path) -> None:
    """Be a worker: send None for each stack that is built, and at last all of them."""
    signal.signal(signal.SIGTERM, _leave)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    try:
        results.send(here.synthesize(file, names, lambda _: results.send(None), folder))
    except BrokenPipeError:
        sys.exit()  # the process that waited was killed
    except Exception as error:  # noqa: BLE001 -- raised where it is waited for
        error.add_note(traceback.format_exc())
        results.send(error)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it leaves already


def _leave(*_: object) -> NoReturn:
    """Leave as Python does, which tells Node to end and removes folders; once is enough."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit()
