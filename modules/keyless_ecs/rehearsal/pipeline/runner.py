"""Runs the workflows of a repository on an event, as GitHub would."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.github.store import GitHub, RefusedError
from keyless_ecs.rehearsal.pipeline import steps, syntax
from keyless_ecs.rehearsal.pipeline.expressions import Contexts, ExpressionError, UnsetError
from keyless_ecs.rehearsal.pipeline.job import RunningJob, StepFailedError
from keyless_ecs.rehearsal.pipeline.steps import Notes
from keyless_ecs.rehearsal.pipeline.syntax import WorkflowError
from keyless_ecs.trust import claims

JOB_KEYS = frozenset(
    {
        *("concurrency", "env", "environment", "if", "name", "needs", "outputs", "permissions"),
        *("runs-on", "secrets", "steps", "timeout-minutes", "uses", "with"),
    }
)
WORKFLOW_KEYS = frozenset(
    {"concurrency", "defaults", "jobs", "name", "on", "permissions", "run-name"}
)
SHELLS = {None: ("bash", "-e"), "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail")}
"""What a script runs in, by what the workflow says.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
"""

FIRST_RUN = 17_000_000_001


@dataclass(frozen=True)
class Event:
    """What starts a run: a push to *ref*, or a dispatch by hand with *inputs*."""

    ref: str
    sha: str
    name: str = "push"
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """A run: the workflow file that was started, by what, and the how manieth it is of its file."""

    file: str
    event: Event
    number: int
    id: int


@dataclass
class Runner:
    """Runs the workflows of one repository.

    Args:
        aws: The local AWS.
        github: GitHub's stand-in.
        identity: The repository, as a token tells of it.
        files: The workflow files by name.
        notes: Takes note of each step.
        before: What happens before a job of an environment begins, while it waits for its turn or
            an approval. Raises StepFailedError where the approval is refused.

    Exposes the *commits* that were pushed, each the parent of the next, the *summaries* that the
    jobs wrote, and the *urls* to which GitHub links the last deployment of each environment.
    """

    aws: LocalAws
    github: GitHub
    identity: claims.Job
    files: Mapping[str, str]
    notes: Notes
    before: Callable[[Run, str], None] = lambda _run, _environment: None
    commits: list[str] = field(default_factory=list, init=False)
    summaries: list[str] = field(default_factory=list, init=False)
    urls: dict[str, str] = field(default_factory=dict, init=False)
    _runs: list[Run] = field(default_factory=list, init=False)

    def run(self, file: str, event: Event) -> list[str]:
        """Run *file* on *event*, and return the keys of the jobs that ran.

        Raises:
            StepFailedError: A step failed, or a job could not start.
        """
        try:
            workflow = self._read(file)
            trigger = syntax.trigger(workflow, event.name, file)
            if event.name == "push" and not syntax.pushes(trigger, event.ref):
                raise WorkflowError(f"{file} does not run on a push to {event.ref}")
            inputs = syntax.inputs(trigger, event.inputs, file)
            if event.name == "push" and event.sha not in self.commits:
                self.commits.append(event.sha)
            number = 1 + sum(run.file == file for run in self._runs)
            self._runs.append(Run(file, event, number, id=FIRST_RUN + len(self._runs)))
            ran, _ = self._jobs(workflow, self._runs[-1], inputs, caller=None)
            return ran
        except WorkflowError as error:
            raise StepFailedError(str(error)) from None
        except (ExpressionError, UnsetError) as error:
            raise StepFailedError(f"{file}: {error}") from None

    def _jobs(
        self,
        workflow: Mapping[str, Any],
        run: Run,
        inputs: Mapping[str, str],
        caller: Mapping[str, Any] | None,
    ) -> tuple[list[str], dict[str, dict[str, str]]]:
        """Run the jobs of a workflow; return the keys of those that ran, and their outputs."""
        ran: list[str] = []
        whole: set[str] = set()
        """Those that ran, as did everything that they waited for."""
        outputs: dict[str, dict[str, str]] = {}
        waiting = dict(workflow["jobs"])
        for key, job in waiting.items():
            if unknown := sorted(set(job) - JOB_KEYS):
                raise StepFailedError(f"the rehearsal does not know {unknown[0]!r} of a job")
            if nobody := sorted(set(syntax.needed(job)) - set(waiting)):
                raise StepFailedError(f"{key} needs {nobody[0]}, which is no job")
        while waiting:
            ready = [
                key for key, job in waiting.items() if not set(syntax.needed(job)) & set(waiting)
            ]
            if not ready:
                raise StepFailedError("the jobs of a workflow wait for each other")
            for key in ready:
                job = {"name": key, "permissions": workflow.get("permissions"), **waiting.pop(key)}
                contexts = Contexts(
                    {
                        "github": self._github(run),
                        "inputs": inputs,
                        # A job that was skipped has no outputs.
                        "needs": {
                            name: {
                                "outputs": outputs.get(name, {}),
                                "result": "success" if name in ran else "skipped",
                            }
                            for name in syntax.needed(job)
                        },
                    },
                    # https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-jobs
                    succeeded=set(syntax.needed(job)) <= whole,
                )
                if not contexts.holds(job.get("if", True)):
                    continue
                ran.append(key)
                if contexts.succeeded:
                    whole.add(key)
                if "uses" in job:
                    outputs[key] = self._call(job, contexts, run)
                else:
                    outputs[key] = self._job(job, contexts, run, _shell(workflow), caller)
        return ran, outputs

    def _call(self, job: Mapping[str, Any], contexts: Contexts, run: Run) -> dict[str, str]:
        """Run a workflow that a job calls, and return what it gives out."""
        file = job["uses"].removeprefix("./.github/workflows/")
        if job.get("secrets", "inherit") != "inherit":
            raise StepFailedError("the rehearsal knows of secrets only how to inherit them")
        called = self._read(file)
        given = {name: contexts.text(value) for name, value in job.get("with", {}).items()}
        trigger = syntax.trigger(called, "workflow_call", file)
        inputs = syntax.inputs(trigger, given, file)
        _, outputs = self._jobs(called, run, inputs, caller=job)
        jobs = {key: {"outputs": outputs.get(key, {})} for key in called["jobs"]}
        # What a job does not give out is empty, for GitHub and for who reads it.
        found = Contexts({**contexts.values, "inputs": inputs, "jobs": jobs}, strict=False)
        return {
            name: found.text(output["value"]) for name, output in trigger.get("outputs", {}).items()
        }

    def _job(
        self,
        job: Mapping[str, Any],
        contexts: Contexts,
        run: Run,
        shell: Sequence[str],
        caller: Mapping[str, Any] | None,
    ) -> dict[str, str]:
        title, event = contexts.text(job["name"]), run.event
        name, url = syntax.environment(job)
        environment = contexts.text(name) or None
        if environment:
            self._admit(environment, event.ref)
            self.before(run, environment)
        # A called workflow gets no secrets that its caller does not hand on.
        inherits = caller is None or caller.get("secrets") == "inherit"
        secrets = self.github.secrets(self._full_name, environment) if inherits else {}
        variables = self.github.variables(self._full_name, environment)
        # Of its steps none has failed yet, whatever was skipped before the job.
        contexts = Contexts({**contexts.values, "vars": variables, "secrets": secrets})
        holders = [job] if caller is None else [job, caller]
        may = [syntax.permissions(holder) for holder in holders]
        identity = replace(
            self.identity,
            ref=event.ref,
            environment=environment,
            event=event.name,
            workflow=run.file if caller is None else caller["uses"].rpartition("/")[2],
        )
        with tempfile.TemporaryDirectory(prefix="keyless-ecs-job-") as folder:
            running = RunningJob(
                self.aws,
                Path(folder),
                contexts,
                identity if all(each.get("id-token") == "write" for each in may) else None,
                environment={
                    **{name: contexts.text(value) for name, value in job.get("env", {}).items()},
                    **self._variables(run),
                },
                commits=self.commits if all(each.get("contents") for each in may) else None,
                shell=shell,
            )
            of = f" ({environment})" if environment else ""
            try:
                steps.run(running, job["steps"], self.notes, title=f"{title}{of}")
            finally:
                self.summaries += filter(None, [running.summary])
        given = Contexts(contexts.values, strict=False)
        if environment and url:
            self.urls[environment] = given.text(url)
        outputs = {name: given.text(value) for name, value in job.get("outputs", {}).items()}
        # "Skip output since it may contain secret."
        hidden = [secret for secret in secrets.values() if secret]
        return {
            name: value
            for name, value in outputs.items()
            if not any(secret in value for secret in hidden)
        }

    @property
    def _full_name(self) -> str:
        return f"{self.identity.owner}/{self.identity.repository}"

    def _admit(self, environment: str, ref: str) -> None:
        """See that the environment is there, and takes jobs of *ref*."""
        try:
            admitted = self.github.may_deploy(self._full_name, environment, ref)
        except RefusedError as error:
            raise StepFailedError(f"there is no environment {environment}: {error}") from None
        if not admitted:
            raise StepFailedError(
                f"{ref} is not allowed to deploy to {environment} due to environment "
                "protection rules"
            )

    def _github(self, run: Run) -> dict[str, Any]:
        return {
            "actor": self.identity.owner,
            "event": {},
            "event_name": run.event.name,
            "ref": run.event.ref,
            "repository": self._full_name,
            "run_attempt": "1",
            "run_id": str(run.id),
            "sha": run.event.sha,
            "token": "the token of GitHub's API",
            "workflow_ref": f"{self._full_name}/.github/workflows/{run.file}@{run.event.ref}",
        }

    def _variables(self, run: Run) -> dict[str, str]:
        """Return what GitHub sets in every script.

        https://docs.github.com/en/actions/reference/workflows-and-actions/variables
        """
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REF": run.event.ref,
            "GITHUB_REF_NAME": run.event.ref.split("/", 2)[-1],
            "GITHUB_REPOSITORY": self._full_name,
            "GITHUB_RUN_ID": str(run.id),
            "GITHUB_RUN_NUMBER": str(run.number),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": run.event.sha,
        }

    def _read(self, file: str) -> Mapping[str, Any]:
        if file not in self.files:
            raise StepFailedError(f"there is no workflow {file}; there is {', '.join(self.files)}")
        workflow: Mapping[str, Any] = YAML(typ="safe").load(self.files[file])
        if unknown := sorted(set(workflow) - WORKFLOW_KEYS):
            raise StepFailedError(f"the rehearsal does not know {unknown[0]!r} of a workflow")
        return workflow


def _shell(workflow: Mapping[str, Any]) -> Sequence[str]:
    """Return what runs the scripts of a workflow."""
    defaults = workflow.get("defaults") or {}
    run = defaults.get("run") or {}
    if set(defaults) - {"run"} or set(run) - {"shell"} or run.get("shell") not in SHELLS:
        raise StepFailedError(f"the rehearsal does not know the defaults {defaults!r}")
    return SHELLS[run.get("shell")]
