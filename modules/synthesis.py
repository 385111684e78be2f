"""From a delivery file to the files of ``generated/``, as bytes in memory; writes nothing there."""

import fnmatch
import json
import math
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from modules import bindings, crosschecks, workflows
from modules.config import Delivery, DeliveryFile

STACKS_PER_PROCESS = 30
"""jsii frees nothing, so a process that went on would grow: it ends after so many stacks."""


@dataclass(frozen=True)
class SynthesizedStack:
    """One stack: its Terraform JSON, its entry in CDKTF's manifest and its number of resources."""

    name: str
    text: str
    manifest: dict[str, Any]
    resources: int

    @property
    def path(self) -> Path:
        """Where the stack's file stands below the output folder."""
        return Path(self.manifest["synthesizedStackPath"])


def stack_names(file: DeliveryFile) -> list[str]:
    """Return the names of all stacks, accounts first."""
    accounts = [f"account-{key}" for key in file.accounts]
    return accounts + [delivery.name for delivery in file.deliveries()]


def matching(names: Sequence[str], pattern: str) -> list[str]:
    """Return those of *names* that match the shell *pattern*."""
    return [name for name in names if fnmatch.fnmatchcase(name, pattern)]


def synthesize(
    file: DeliveryFile,
    names: Sequence[str],
    *,
    processes: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> list[SynthesizedStack]:
    """Synthesize the stacks called *names*, in their order.

    Many stacks are shared out to *processes* (default: one per core); the result is the same.

    Args:
        file: The delivery file.
        names: Names from :func:`stack_names`.
        processes: How many processes work at once.
        progress: Called with the number of stacks that are done.
    """
    processes = processes or os.cpu_count() or 1
    if len(names) <= STACKS_PER_PROCESS or processes == 1:
        stacks = _synthesize_here(file, names)
        progress(len(stacks))
        return stacks
    groups = list(_groups(names, processes))
    done: dict[int, list[SynthesizedStack]] = {}
    # A new process for each group, never a fork: the Node process behind jsii cannot be shared.
    with ProcessPoolExecutor(
        processes, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        running = {
            pool.submit(_synthesize_here, file, group): index for index, group in enumerate(groups)
        }
        for future in as_completed(running):
            done[running[future]] = future.result()
            progress(sum(map(len, done.values())))
    return [stack for index in sorted(done) for stack in done[index]]


def _groups(names: Sequence[str], processes: int) -> Iterator[Sequence[str]]:
    """Cut *names* into groups of about equal size, a multiple of *processes* in number."""
    rounds = math.ceil(len(names) / (STACKS_PER_PROCESS * processes))
    size = math.ceil(len(names) / (rounds * processes))
    for start in range(0, len(names), size):
        yield names[start : start + size]


def _synthesize_here(file: DeliveryFile, names: Sequence[str]) -> list[SynthesizedStack]:
    """Synthesize in this process, through an output folder of its own."""
    bindings.load_lazily()
    from cdktf import App

    from modules.stacks.account import AccountStack
    from modules.stacks.delivery import DeliveryStack

    wanted = set(names)
    deliveries = list(file.deliveries())
    with tempfile.TemporaryDirectory(prefix="keyless-ecs-") as folder:
        app = App(outdir=folder)
        for key, account in file.accounts.items():
            if f"account-{key}" in wanted:
                AccountStack(app, key, account=account, github=file.github, state=file.state)
        for delivery in deliveries:
            if delivery.name in wanted:
                DeliveryStack(
                    app,
                    delivery,
                    promoted_to=[
                        other
                        for other in deliveries
                        if other.source and other.source.name == delivery.name
                    ],
                    state=file.state,
                )
        app.synth()
        written = json.loads(Path(folder, "manifest.json").read_text())
        return [_stack(name, written["stacks"][name], Path(folder)) for name in names]


def _stack(name: str, manifest: dict[str, Any], folder: Path) -> SynthesizedStack:
    """Read a stack back without what CDKTF notes of each element's place in the program."""
    content = json.loads((folder / manifest["synthesizedStackPath"]).read_text())
    resources = 0
    for block in ("data", "resource"):
        for named in content.get(block, {}).values():
            for element in named.values():
                element.pop("//", None)
                resources += block == "resource"
    return SynthesizedStack(name, to_json(content), manifest, resources)


def manifest(stacks: Sequence[SynthesizedStack]) -> dict[str, Any]:
    """Return CDKTF's manifest of *stacks*, through which its command line finds them."""
    entries = {stack.name: stack.manifest for stack in stacks}
    return {"stacks": entries, "version": metadata.version("cdktf")}


def to_json(content: Any) -> str:
    """Return *content* as it stands in a generated file."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def workflow_files(file: DeliveryFile, stacks: Sequence[SynthesizedStack]) -> dict[Path, str]:
    """Return the workflows of each repository that one of *stacks* delivers.

    Raises:
        CrossCheckError: A stack and its workflows contradict each other.
    """
    synthesized = {stack.name: stack for stack in stacks}
    repositories: dict[str, list[Delivery]] = {}
    for delivery in file.deliveries():
        repositories.setdefault(delivery.service.repository, []).append(delivery)
    files = {}
    for repository, deliveries in repositories.items():
        present = [delivery for delivery in deliveries if delivery.name in synthesized]
        if present:
            push, deploy = workflows.ecr_push(deliveries), workflows.ecs_deploy(deliveries)
            for delivery in present:
                stack = json.loads(synthesized[delivery.name].text)
                crosschecks.check(delivery, stack, push, deploy)
            folder = Path("workflows", repository, ".github", "workflows")
            files[folder / workflows.PUSH] = workflows.to_yaml(push)
            files[folder / workflows.DEPLOY] = workflows.to_yaml(deploy)
    return files
