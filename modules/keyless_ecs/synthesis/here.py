"""From a delivery file to the files of ``generated/``, as bytes in memory; writes nothing there."""

import fnmatch
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from keyless_ecs.atlantis import projects
from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.config.file import account_stack
from keyless_ecs.engine import bindings
from keyless_ecs.engine import libraries as engine
from keyless_ecs.github import code_owners, workflows
from keyless_ecs.stacks import addresses, crosschecks, moves
from keyless_ecs.stacks import imports as adoption
from keyless_ecs.synthesis import temporary

WORTH_A_PROCESS = 25
"""A further process costs a second, which is what so many stacks take."""


@dataclass(frozen=True)
class SynthesizedStack:
    """One stack, and *beside* it the workflows of the repository that it delivers.

    *text* is its Terraform JSON, *manifest* its entry in CDKTF's manifest.
    """

    name: str
    text: str
    manifest: dict[str, Any]
    resources: int
    beside: Mapping[Path, str]

    @property
    def path(self) -> Path:
        """Where the stack's file stands below the output folder."""
        return Path(self.manifest["synthesizedStackPath"])

    @property
    def files(self) -> dict[Path, str]:
        """Every file that the stack needs, by its path below the output folder."""
        return {self.path: self.text, **self.beside}


def stack_names(file: DeliveryFile) -> list[str]:
    """Return the names of all stacks, accounts first."""
    return file.stack_names()


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

    Raises:
        CrossCheckError: A stack and its workflows contradict each other.
        BindingsError: Nothing can run jsii on this machine.
        KernelError: Node, or a process of many, ended early.
    """
    processes = processes or os.cpu_count() or 1
    processes = min(processes, math.ceil(len(names) / WORTH_A_PROCESS))
    if processes == 1:
        return synthesize_here(file, names, progress)
    from keyless_ecs.synthesis import workers

    return workers.synthesize(file, names, processes, progress)


def synthesize_here(
    file: DeliveryFile, names: Sequence[str], progress: Callable[[int], None]
) -> list[SynthesizedStack]:
    """Synthesize in this process, through an output folder of its own.

    Raises:
        CrossCheckError: A stack and its workflows contradict each other.
    """
    with bindings.started():
        from cdktf import App

        from keyless_ecs.stacks.account import AccountStack
        from keyless_ecs.stacks.delivery import DeliveryStack

        # Here, because Node is not ready yet.
        wanted, deliveries = set(names), list(file.deliveries())
        pipelines = _pipelines(deliveries, wanted)

    done = 0
    promoted: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        if delivery.source:
            promoted.setdefault(delivery.source.name, []).append(delivery)
    with temporary.folder() as folder, bindings.interruptible():
        app = App(outdir=folder)
        for key, account in file.accounts.items():
            if account_stack(key) in wanted:
                AccountStack(
                    app,
                    key,
                    account=account,
                    github=file.github,
                    state=file.state,
                    providers=file.providers,
                )
                done += 1
                progress(done)
        for delivery in deliveries:
            if delivery.name in wanted:
                DeliveryStack(
                    app,
                    delivery,
                    promoted_to=promoted.get(delivery.name, ()),
                    state=file.state,
                    providers=file.providers,
                )
                done += 1
                progress(done)
        app.synth()
        written = json.loads(Path(folder, "manifest.json").read_text())["stacks"]
        contents = {
            name: addresses.readable(
                json.loads(Path(folder, written[name]["synthesizedStackPath"]).read_text())
            )
            for name in names
        }
    contents |= {
        delivery.name: adoption.with_imports(contents[delivery.name], delivery)
        for delivery in deliveries
        if delivery.name in contents
    }
    contents = {name: moves.with_moved(content, moves.MOVED) for name, content in contents.items()}
    for delivery in deliveries:
        if pipeline := pipelines.get(delivery.name):
            crosschecks.check(delivery, contents[delivery.name], pipeline.push, pipeline.deploy)
    return [
        SynthesizedStack(
            name=name,
            text=to_json(content),
            manifest=written[name],
            resources=sum(map(len, content.get("resource", {}).values())),
            beside=pipelines[name].files if name in pipelines else {},
        )
        for name, content in contents.items()
    ]


@dataclass(frozen=True)
class _Pipeline:
    """The two workflows of a repository, and them and their owners as files."""

    push: workflows.Workflow
    deploy: workflows.Workflow
    files: Mapping[Path, str]


def _pipelines(deliveries: Sequence[Delivery], wanted: Set[str]) -> dict[str, _Pipeline]:
    """Return the pipeline of the repository that each of the *wanted* stacks delivers."""
    repositories: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        repositories.setdefault(delivery.service.repository, []).append(delivery)
    pipelines = dict[str, _Pipeline]()
    # Repositories that deploy alike have the same ecs-deploy.yml.
    written: dict[str, str] = {}

    def write(workflow: workflows.Workflow) -> str:
        key = repr(workflow)
        if key not in written:
            written[key] = workflows.to_yaml(workflow)
        return written[key]

    for repository, of_repository in repositories.items():
        present = [delivery for delivery in of_repository if delivery.name in wanted]
        if not present:
            continue
        push, deploy = workflows.ecr_push(of_repository), workflows.ecs_deploy(of_repository)
        folder = Path("workflows", repository)
        files = {
            folder / ".github" / "workflows" / workflows.PUSH: write(push),
            folder / ".github" / "workflows" / workflows.DEPLOY: write(deploy),
        }
        if owners := present[0].github.code_owners:
            files[folder / code_owners.FILE] = code_owners.of_service(owners)
        pipeline = _Pipeline(push, deploy, files)
        pipelines |= {delivery.name: pipeline for delivery in present}
    return pipelines


def files(file: DeliveryFile, stacks: Sequence[SynthesizedStack]) -> dict[Path, str]:
    """Return every file that *stacks* need, and what stands beside them all."""
    beside = {projects.PATH: projects.text(file)}
    if owners := file.github.code_owners:
        beside[Path(code_owners.FILE)] = code_owners.of_terraform(owners)
    return {path: text for stack in stacks for path, text in stack.files.items()} | beside


def manifest(stacks: Sequence[SynthesizedStack]) -> dict[str, Any]:
    """Return CDKTF's manifest of *stacks*, through which its command line finds them."""
    entries = {stack.name: stack.manifest for stack in stacks}
    return {"stacks": entries, "version": metadata.version(engine.installed().core)}


def to_json(content: Any) -> str:
    """Return *content* as it stands in a generated file."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
