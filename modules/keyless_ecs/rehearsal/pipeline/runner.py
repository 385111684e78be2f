"""Runs the workflows of a repository on an event, as GitHub would."""

import tempfile
from collections.abc import Mapping
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
        *("concurrency", "environment", "if", "name", "needs", "outputs", "permissions"),
        *("runs-on", "secrets", "steps", "uses", "with"),
    }
)
WORKFLOW_KEYS = frozenset({"concurrency", "jobs", "name", "on", "permissions", "run-name"})


@dataclass(frozen=True)
class Event:
    """What starts a run: a push to *ref*, or a dispatch by hand with *inputs*."""

    ref: str
    sha: str
    name: str = "push"
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Runner:
    """Runs the workflows of one repository.

    Args:
        aws: The local AWS.
        github: GitHub's stand-in.
        identity: The repository, as a token tells of it.
        files: The workflow files by name.
        notes: Takes note of each step.
    """

    aws: LocalAws
    github: GitHub
    identity: claims.Job
    files: Mapping[str, str]
    notes: Notes

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
            ran, _ = self._jobs(workflow, file, event, inputs, caller=None)
            return ran
        except WorkflowError as error:
            raise StepFailedError(str(error)) from None
        except (ExpressionError, UnsetError) as error:
            raise StepFailedError(f"{file}: {error}") from None

    def _jobs(
        self,
        workflow: Mapping[str, Any],
        file: str,
        event: Event,
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
                raise StepFailedError(f"{file}: {key} needs {nobody[0]}, which is no job")
        while waiting:
            ready = [
                key for key, job in waiting.items() if not set(syntax.needed(job)) & set(waiting)
            ]
            if not ready:
                raise StepFailedError(f"the jobs of {file} wait for each other")
            for key in ready:
                job = {"name": key, "permissions": workflow.get("permissions"), **waiting.pop(key)}
                contexts = Contexts(
                    {
                        "github": self._github(event),
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
                    outputs[key] = self._call(job, contexts, event)
                else:
                    outputs[key] = self._job(job, contexts, event, file, caller)
        return ran, outputs

    def _call(self, job: Mapping[str, Any], contexts: Contexts, event: Event) -> dict[str, str]:
        """Run a workflow that a job calls, and return what it gives out."""
        file = job["uses"].removeprefix("./.github/workflows/")
        if job.get("secrets", "inherit") != "inherit":
            raise StepFailedError("the rehearsal knows of secrets only how to inherit them")
        called = self._read(file)
        given = {name: contexts.text(value) for name, value in job.get("with", {}).items()}
        trigger = syntax.trigger(called, "workflow_call", file)
        inputs = syntax.inputs(trigger, given, file)
        _, outputs = self._jobs(called, file, event, inputs, caller=job)
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
        event: Event,
        file: str,
        caller: Mapping[str, Any] | None,
    ) -> dict[str, str]:
        title = contexts.text(job["name"])
        environment = contexts.text(job.get("environment")) or None
        if environment:
            self._admit(environment, event.ref)
        # A called workflow gets no secrets that its caller does not hand on.
        inherits = caller is None or caller.get("secrets") == "inherit"
        secrets = self.github.secrets(self._full_name, environment) if inherits else {}
        variables = self.github.variables(self._full_name, environment)
        # Of its steps none has failed yet, whatever was skipped before the job.
        contexts = Contexts({**contexts.values, "vars": variables, "secrets": secrets})
        holders = [job] if caller is None else [job, caller]
        has_token = all(syntax.permissions(holder).get("id-token") == "write" for holder in holders)
        identity = replace(
            self.identity, ref=event.ref, environment=environment, event=event.name, workflow=file
        )
        with tempfile.TemporaryDirectory(prefix="keyless-ecs-job-") as folder:
            running = RunningJob(
                self.aws,
                Path(folder),
                contexts,
                identity if has_token else None,
                environment={
                    "GITHUB_ACTIONS": "true",
                    "GITHUB_REF": event.ref,
                    "GITHUB_REPOSITORY": self._full_name,
                    "GITHUB_SHA": event.sha,
                },
            )
            of = f" ({environment})" if environment else ""
            steps.run(running, job["steps"], self.notes, title=f"{title}{of}")
        given = Contexts(contexts.values, strict=False)
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

    def _github(self, event: Event) -> dict[str, Any]:
        return {
            "actor": self.identity.owner,
            "event_name": event.name,
            "ref": event.ref,
            "repository": self._full_name,
            "sha": event.sha,
        }

    def _read(self, file: str) -> Mapping[str, Any]:
        if file not in self.files:
            raise StepFailedError(f"there is no workflow {file}; there is {', '.join(self.files)}")
        workflow: Mapping[str, Any] = YAML(typ="safe").load(self.files[file])
        if unknown := sorted(set(workflow) - WORKFLOW_KEYS):
            raise StepFailedError(f"the rehearsal does not know {unknown[0]!r} of a workflow")
        return workflow
