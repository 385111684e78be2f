"""GitHub's scheduler: runs, their jobs, groups, approvals and timers.

A job passes its needs, its ``if``, its group and then its environment's gate, in this order. That
the group comes before the approval was observed, at every level: hypothesis/lms#4533,
vstorm-co/agenticos#1832, github.com/orgs/community/discussions/17401.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keyless_ecs.rehearsal.pipeline import syntax
from keyless_ecs.rehearsal.pipeline.expressions import Contexts
from keyless_ecs.trust import claims
from tests.pipeline.model.groups import Entry
from tests.pipeline.model.history import Asked, Displaced
from tests.pipeline.model.steps import Atoms, Wake, Work

if TYPE_CHECKING:
    from tests.pipeline.model.world import World

JOB_KEYS = frozenset(
    {
        *("concurrency", "env", "environment", "if", "name", "needs", "outputs", "permissions"),
        *("runs-on", "secrets", "steps", "timeout-minutes", "uses", "with"),
    }
)
WORKFLOW_KEYS = frozenset(
    {"concurrency", "defaults", "jobs", "name", "on", "permissions", "run-name"}
)
FIRST_ID = 3_000_001
FIRST_NUMBER = 1_000_001
"""Counted from here, so that the table of scripts can tell ids and numbers from others."""


@dataclass(eq=False)
class Job:
    """A job of a run: where it stands, and how it ended."""

    run: "Run"
    key: str
    spec: Mapping[str, Any]
    file: str
    inputs: Mapping[str, str]
    caller: "Job | None" = None
    state: str = "needs"
    """``needs``; ``pending`` in a group; ``waiting`` at a gate; ``running``, ``calling``; ``done``.
    """
    result: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    whole: bool = False
    """Whether it and all that it waited for succeeded."""
    called: list["Job"] = field(default_factory=list)
    entry: Entry | None = None
    environment: str | None = None
    approved: bool = False
    opens: int = 0
    """The minute at which its wait timer ends."""
    work: Work | None = None
    atoms: Atoms | None = None
    wake: Wake = None
    why: str = ""

    @property
    def path(self) -> str:
        """Its name in the run."""
        return f"{self.caller.path}/{self.key}" if self.caller else self.key

    @property
    def siblings(self) -> Mapping[str, "Job"]:
        """The jobs of its file, itself included."""
        jobs = self.caller.called if self.caller else self.run.jobs
        return {job.key: job for job in jobs}

    @property
    def ready(self) -> bool:
        """Whether it could do something now."""
        return self.state == "running" and (self.wake is None or self.wake())


@dataclass(eq=False)
class Run:
    """A run of a workflow."""

    world: "World"
    file: str
    number: int
    id: int
    event: str
    ref: str
    sha: str
    inputs: Mapping[str, str]
    details: Mapping[str, Any] = field(default_factory=dict)
    attempt: int = 1
    jobs: list[Job] = field(default_factory=list)
    entry: Entry | None = None
    held: bool = False
    """Whether the run itself waits for a group."""
    cancelled: bool = False
    summaries: list[str] = field(default_factory=list)
    settled: bool = False
    """Whether it is done, and has left its group."""

    @property
    def by_hand(self) -> bool:
        """Whether a person started it with inputs of their own."""
        return self.event == "workflow_dispatch" and bool(self.inputs)

    @property
    def workflow(self) -> Mapping[str, Any]:
        """The file."""
        return self.world.read(self.file)

    @property
    def every_job(self) -> list[Job]:
        """Its jobs, with those of the workflows that they call."""
        found = list(self.jobs)
        for job in found:
            found += job.called
        return found

    @property
    def done(self) -> bool:
        """Whether nothing more will happen in it."""
        return not self.held and all(job.state == "done" for job in self.jobs)

    @property
    def conclusion(self) -> str:
        """How it ended."""
        results = [job.result for job in self.jobs]
        for worst in ("failure", "cancelled"):
            if worst in results:
                return worst
        return "success" if "success" in results else "skipped"

    def start(self) -> None:
        """Enter the workflow's group, then begin."""
        group = self.workflow.get("concurrency")
        if group is None:
            self._begin()
            return
        name, queue = _group(group, Contexts({"github": self.github, "inputs": self.inputs}))
        self.held = True
        self.entry = Entry(f"run {self.number} of {self.file}", self.id, self._begin, self._dropped)
        self.world.groups.enter(name, self.entry, queue)

    def _begin(self) -> None:
        self.held = False
        self.jobs = [self.job(key, spec, self.file, self.inputs) for key, spec in self._specs()]

    def _specs(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        yield from self.workflow["jobs"].items()

    def _dropped(self, by: int | None) -> None:
        self.world.history.displaced.append(Displaced(self.id, f"run {self.number}", by))
        self.held, self.entry = False, None
        self.jobs = [self.job(key, spec, self.file, self.inputs) for key, spec in self._specs()]
        for job in self.jobs:
            _end(job, "cancelled")

    def job(
        self,
        key: str,
        spec: Mapping[str, Any],
        file: str,
        inputs: Mapping[str, str],
        caller: Job | None = None,
    ) -> Job:
        """Return a job that waits for its needs."""
        if unknown := sorted(set(spec) - JOB_KEYS):
            raise ValueError(f"the model does not know {unknown[0]!r} of a job")
        return Job(self, key, spec, file, inputs, caller)

    @property
    def github(self) -> dict[str, Any]:
        """The context of that name."""
        repository = self.world.repository
        return {
            "event_name": self.event,
            "event": self.details,
            "ref": self.ref,
            "ref_name": self.ref.split("/", 2)[2],
            "ref_type": "tag" if self.ref.startswith("refs/tags/") else "branch",
            "sha": self.sha,
            "repository": repository,
            "repository_owner": repository.partition("/")[0],
            "run_id": str(self.id),
            "run_number": str(self.number),
            "run_attempt": str(self.attempt),
            "workflow": self.workflow["name"],
            "workflow_ref": f"{repository}/.github/workflows/{self.file}@{self.ref}",
            "server_url": f"https://{self.world.host}",
            "token": "ghs_token",
            "actor": "somebody",
        }

    def cancel(self) -> None:
        """Cancel the run, as a person does."""
        self.cancelled = True
        if self.held:
            if self.entry:
                self.world.groups.leave(self.entry)
            self.held = False
            self._begin()
        for job in self.every_job:
            if job.state in ("pending", "waiting"):
                _end(job, "cancelled")
            elif job.work and job.state == "running":
                job.work.cancelled = True
            elif job.state == "done" and job.entry:
                # A group that a refusal has wedged.
                _leave(job)

    def again(self, *, failed_only: bool) -> None:
        """Start another attempt: of all jobs, or of what did not succeed and what needs it."""
        self.attempt += 1
        self.cancelled, self.settled = False, False
        kept = {job.key: job for job in self.jobs if job.result == "success" and failed_only}
        for job in self.jobs:
            if any(needed not in kept for needed in syntax.needed(job.spec)):
                kept.pop(job.key, None)
        if self.entry:
            self.world.groups.leave(self.entry)
        self.jobs = [
            kept.get(key) or self.job(key, spec, self.file, self.inputs)
            for key, spec in self._specs()
        ]


def settle(world: "World") -> None:
    """Let every job go on that waits for nothing but the scheduler."""
    moved, world.unsettled = world.unsettled, False
    while moved:
        moved = False
        for run in world.runs:
            if run.held or run.settled:
                continue
            for job in run.every_job:
                moved = _moved(world, job) or moved
            if run.done:
                run.settled = True
                if run.entry:
                    world.groups.leave(run.entry)
                    run.entry, moved = None, True


def _moved(world: "World", job: Job) -> bool:
    if job.state == "needs":
        needed = [job.siblings[key] for key in syntax.needed(job.spec)]
        if all(other.state == "done" for other in needed):
            _consider(world, job, needed)
            return True
    elif job.state == "waiting":
        if job.approved and world.clock >= job.opens:
            _begin(world, job)
            return True
    elif job.state == "calling" and all(child.state == "done" for child in job.called):
        results = {child.result for child in job.called}
        order = ("failure", "cancelled", "success", "skipped")
        found = job.run.world.read(job.called[0].file)["on"]["workflow_call"] or {}
        jobs = {
            child.key: {"outputs": child.outputs, "result": child.result} for child in job.called
        }
        values = {"jobs": jobs, "github": job.run.github, "inputs": job.called[0].inputs}
        given = Contexts(values, strict=False)
        job.outputs = {k: given.text(v["value"]) for k, v in found.get("outputs", {}).items()}
        _end(job, next(result for result in order if result in results))
        return True
    return False


def _contexts(job: Job, needed: list[Job]) -> Contexts:
    world = job.run.world
    cancelled = job.run.cancelled
    if world.cancelled_spreads:
        cancelled = cancelled or any(other.result == "cancelled" for other in needed)
    return Contexts(
        {
            "github": job.run.github,
            "inputs": job.inputs,
            "vars": world.terraform.variables,
            "needs": {
                other.key: {"result": other.result, "outputs": other.outputs} for other in needed
            },
        },
        succeeded=not job.run.cancelled and all(other.whole for other in needed),
        failed=any(_failed(other) for other in needed),
        cancelled=cancelled,
        strict=False,
    )


def _failed(job: Job) -> bool:
    return job.result == "failure" or any(
        _failed(job.siblings[key]) for key in syntax.needed(job.spec)
    )


def _consider(world: "World", job: Job, needed: list[Job]) -> None:
    contexts = _contexts(job, needed)
    job.whole = contexts.succeeded
    if not contexts.holds(job.spec.get("if", True)):
        _end(job, "cancelled" if job.run.cancelled else "skipped")
        return
    group = job.spec.get("concurrency")
    if group is None:
        _gate(world, job)
        return
    name, queue = _group(group, contexts)
    job.state = "pending"

    def dropped(by: int | None) -> None:
        world.history.displaced.append(Displaced(job.run.id, job.path, by))
        job.entry = None
        _end(job, "cancelled")

    job.entry = Entry(
        f"{job.path} of run {job.run.id}", job.run.id, lambda: _gate(world, job), dropped
    )
    world.groups.enter(name, job.entry, queue)


def _group(group: Any, contexts: Contexts) -> tuple[str, str]:
    if isinstance(group, str):
        group = {"group": group}
    if unknown := sorted(set(group) - {"group", "queue", "cancel-in-progress"}):
        raise ValueError(f"the model does not know {unknown[0]!r} of a group")
    if group.get("cancel-in-progress"):
        raise ValueError("the model does not know groups that cancel what runs")
    return contexts.text(group["group"]), group.get("queue", "single")


def _gate(world: "World", job: Job) -> None:
    """Let a job that has its group wait for its environment."""
    called = job.spec.get("environment")
    name = called.get("name") if isinstance(called, Mapping) else called
    values = {"github": job.run.github, "inputs": job.inputs, "vars": world.terraform.variables}
    job.environment = Contexts(values, strict=False).text(name) or None
    job.state = "waiting"
    if job.environment is None:
        _begin(world, job)
        return
    environment = world.terraform.environments.get(job.environment.lower())
    if environment is None:
        raise ValueError(f"there is no environment {job.environment}")
    if not environment.takes(job.run.ref):
        _fail(job, f"{job.run.ref} is not allowed to deploy to {job.environment}")
        return
    job.approved, job.opens = not environment.reviewers, world.clock + environment.wait
    if not environment.reviewers and not environment.wait:
        _begin(world, job)
        return
    world.history.asked.append(Asked(job.run.id, job.run.attempt, job.environment))


def _begin(world: "World", job: Job) -> None:
    if "uses" in job.spec:
        job.state = "calling"
        file = job.spec["uses"].removeprefix("./.github/workflows/")
        needed = [job.siblings[key] for key in syntax.needed(job.spec)]
        contexts = _contexts(job, needed)
        given = {k: contexts.text(v) for k, v in job.spec.get("with", {}).items()}
        said = syntax.trigger(world.read(file), "workflow_call", file)
        try:
            inputs = syntax.inputs(said, given, file)
        except syntax.WorkflowError as error:
            _fail(job, str(error))
            return
        jobs = world.read(file)["jobs"].items()
        job.called = [job.run.job(key, spec, file, inputs, job) for key, spec in jobs]
        return
    job.state = "running"
    job.work = _work(world, job)
    job.atoms = job.work.atoms()
    job.wake = None


def _work(world: "World", job: Job) -> Work:
    run, workflow = job.run, world.read(job.file)
    environment = world.terraform.environments.get((job.environment or "").lower())
    variables = {**world.terraform.variables, **(environment.variables if environment else {})}
    needed = [job.siblings[key] for key in syntax.needed(job.spec)]
    holders = [job.spec, *([job.caller.spec] if job.caller else [])]
    granted = [syntax.permissions({**workflow, **holder}) for holder in holders]
    owner, _, name = world.repository.partition("/")
    identity = claims.Job(
        *(owner, "1001", name, "2002"),
        ref=run.ref,
        environment=job.environment,
        event=run.event,
        workflow=job.file,
        issuer=world.issuer,
    )
    return Work(
        world=world,
        run=run.id,
        job=f"{job.path} of run {run.id}",
        spec=job.spec,
        values={**_contexts(job, needed).values, "vars": variables, "secrets": {}},
        identity=identity if all(g.get("id-token") == "write" for g in granted) else None,
        variables={f"GITHUB_{key.upper()}": str(value) for key, value in run.github.items()},
        by_hand=run.by_hand,
        reads_commits=all(g.get("contents") == "read" for g in granted),
        shell=workflow.get("defaults", {}).get("run", {}).get("shell"),
    )


def proceed(job: Job) -> None:
    """Let a running job do one thing."""
    if job.atoms is None or job.work is None:
        raise ValueError(f"{job.path} does not run")
    try:
        job.wake = next(job.atoms)
    except StopIteration:
        finish(job)


def finish(job: Job, *, lost: bool = False) -> None:
    """End a running job; *lost* where its runner is, and nothing more of it will run."""
    work = job.work
    if work is None:
        raise ValueError(f"{job.path} does not run")
    job.run.summaries.append(work.summary)
    if lost:
        result = "failure"
    elif work.cancelled:
        result = "failure" if work.timed_out else "cancelled"
    else:
        result = "failure" if work.failed else "success"
    work.result, job.outputs = result, work.outputs
    job.run.world.unsettled = True
    job.run.world.ended(work, well=not lost)
    _end(job, result)


def refuse(job: Job, *, wedges: bool) -> None:
    """Refuse the approval of a job; the group may stay taken: elizaOS/eliza#15914."""
    job.state, job.result, job.whole = "done", "failure", False
    if not wedges:
        _leave(job)


def _fail(job: Job, why: str) -> None:
    job.why = why
    _end(job, "failure")


def _end(job: Job, result: str) -> None:
    job.state, job.result = "done", result
    job.whole = job.whole and result == "success"
    _leave(job)


def _leave(job: Job) -> None:
    if job.entry:
        entry, job.entry = job.entry, None
        job.run.world.groups.leave(entry)
