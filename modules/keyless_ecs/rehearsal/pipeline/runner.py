"""Runs the workflows of a repository on an event, as GitHub would."""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.github.store import GitHub, RefusedError
from keyless_ecs.rehearsal.pipeline import steps
from keyless_ecs.rehearsal.pipeline.expressions import Contexts, ExpressionError, UnsetError
from keyless_ecs.rehearsal.pipeline.job import RunningJob, StepFailedError
from keyless_ecs.rehearsal.pipeline.steps import Notes
from keyless_ecs.trust import claims

JOB_KEYS = frozenset(
    {
        *("concurrency", "environment", "if", "name", "needs", "outputs", "permissions"),
        *("runs-on", "secrets", "steps", "uses", "with"),
    }
)
PUSH_KEYS = frozenset({"branches", "tags"})
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
        workflow = self._read(file)
        trigger = _trigger(workflow, event.name, file)
        if event.name == "push" and not _pushes(trigger, event.ref):
            raise StepFailedError(f"{file} does not run on a push to {event.ref}")
        inputs = _inputs(trigger, event.inputs, file)
        try:
            return self._jobs(workflow, file, event, inputs, caller=None)
        except (ExpressionError, UnsetError) as error:
            raise StepFailedError(f"{file}: {error}") from None

    def _jobs(
        self,
        workflow: Mapping[str, Any],
        file: str,
        event: Event,
        inputs: Mapping[str, str],
        caller: Mapping[str, Any] | None,
    ) -> list[str]:
        ran: list[str] = []
        whole: set[str] = set()
        """Those that ran, as did everything that they waited for."""
        outputs: dict[str, dict[str, str]] = {}
        waiting = dict(workflow["jobs"])
        for key, job in waiting.items():
            if unknown := sorted(set(job) - JOB_KEYS):
                raise StepFailedError(f"the rehearsal does not know {unknown[0]!r} of a job")
            if nobody := sorted(set(_needed(job)) - set(waiting)):
                raise StepFailedError(f"{file}: {key} needs {nobody[0]}, which is no job")
        while waiting:
            ready = [key for key, job in waiting.items() if not set(_needed(job)) & set(waiting)]
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
                            name: {"outputs": outputs.get(name, {})} for name in _needed(job)
                        },
                    },
                    # https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-jobs
                    succeeded=set(_needed(job)) <= whole,
                )
                if not contexts.holds(job.get("if", True)):
                    continue
                ran.append(key)
                if contexts.succeeded:
                    whole.add(key)
                if "uses" in job:
                    self._call(job, contexts, event)
                else:
                    outputs[key] = self._job(job, contexts, event, file, caller)
        return ran

    def _call(self, job: Mapping[str, Any], contexts: Contexts, event: Event) -> None:
        """Run a workflow that a job calls."""
        file = job["uses"].removeprefix("./.github/workflows/")
        if job.get("secrets", "inherit") != "inherit":
            raise StepFailedError("the rehearsal knows of secrets only how to inherit them")
        called = self._read(file)
        given = {name: contexts.text(value) for name, value in job.get("with", {}).items()}
        inputs = _inputs(_trigger(called, "workflow_call", file), given, file)
        self._jobs(called, file, event, inputs, caller=job)

    def _job(
        self,
        job: Mapping[str, Any],
        contexts: Contexts,
        event: Event,
        file: str,
        caller: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
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
        has_token = all(_permissions(holder).get("id-token") == "write" for holder in holders)
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
        outputs = {name: contexts.text(value) for name, value in job.get("outputs", {}).items()}
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


def _needed(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else list(needs)


def _permissions(job: Mapping[str, Any]) -> Mapping[str, str]:
    permissions = job.get("permissions") or {}
    if isinstance(permissions, str):
        raise StepFailedError(f"the rehearsal does not know the permissions {permissions!r}")
    return dict(permissions)


def _trigger(workflow: Mapping[str, Any], event: str, file: str) -> Mapping[str, Any]:
    """Return what a workflow says of the event that starts it."""
    on = workflow["on"]
    triggers = on if isinstance(on, Mapping) else dict.fromkeys([on] if isinstance(on, str) else on)
    if event not in triggers:
        raise StepFailedError(f"{file} does not run on {event}")
    trigger: Mapping[str, Any] = triggers[event] or {}
    known = PUSH_KEYS if event == "push" else {"inputs"}
    if unknown := sorted(set(trigger) - known):
        raise StepFailedError(f"the rehearsal does not know {unknown[0]!r} of {event}")
    return trigger


def _pushes(filters: Mapping[str, Any], ref: str) -> bool:
    """Say whether a push to *ref* starts a workflow with these filters.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushbranchestagsbranches-ignoretags-ignore
    """
    for kind, prefix in (("branches", "refs/heads/"), ("tags", "refs/tags/")):
        if ref.startswith(prefix):
            name = ref.removeprefix(prefix)
            patterns = filters.get(kind, [])
            return not filters or any(_filter(p).fullmatch(name) for p in patterns)
    return False


def _filter(pattern: str) -> re.Pattern[str]:
    """Return a filter as a regular expression: ``*`` ends at a slash, ``**`` does not.

    Not so a deployment policy, whose ``**`` wants a slash behind it.
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
    """
    if odd := re.search(r"[?+\[\]!\\]", pattern):
        raise StepFailedError(f"the rehearsal does not know {odd[0]!r} of the filter {pattern!r}")
    parts = re.split(r"(\*\*/|\*\*|\*)", pattern)
    stars = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return re.compile("".join(stars.get(part) or re.escape(part) for part in parts))


def _inputs(trigger: Mapping[str, Any], given: Mapping[str, str], file: str) -> dict[str, str]:
    """Return the inputs of a run; a wrong one is refused as GitHub refuses it."""
    known = trigger.get("inputs") or {}
    for name in given:
        if name not in known:
            raise StepFailedError(f"{file} has no input {name}")
    for name, spec in known.items():
        kind = spec.get("type", "string")
        if kind not in ("choice", "string") or "default" in spec:
            raise StepFailedError(
                f"the rehearsal does not know inputs like {name}: of type {kind}"
                + " with a default" * ("default" in spec)
            )
        if spec.get("required") and not given.get(name):
            raise StepFailedError(f"{file}: the required input {name} is empty")
        if kind == "choice" and name in given and given[name] not in spec["options"]:
            raise StepFailedError(f"{file}: {name} is one of {', '.join(spec['options'])}")
    return dict(given)
