"""A workflow file as GitHub reads it: its triggers, its inputs, its jobs and what they wait for."""

from collections.abc import Mapping
from typing import Any

from keyless_ecs.github.patterns import filter_takes

TRIGGER_KEYS: Mapping[str, frozenset[str]] = {
    "push": frozenset({"branches", "tags"}),
    "workflow_call": frozenset({"inputs", "outputs"}),
    "workflow_dispatch": frozenset({"inputs"}),
}


class WorkflowError(Exception):
    """GitHub refuses the file or the run, or it says what is not known here."""


def needed(job: Mapping[str, Any]) -> list[str]:
    """Return the jobs that a job waits for."""
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else list(needs)


def permissions(job: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what a job's token may do."""
    given = job.get("permissions") or {}
    if isinstance(given, str):
        raise WorkflowError(f"the rehearsal does not know the permissions {given!r}")
    return dict(given)


def environment(job: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the environment that a job names, and where its deployment leads to."""
    given = job.get("environment")
    if not isinstance(given, Mapping):
        return given, None
    if unknown := sorted(set(given) - {"name", "url"}):
        raise WorkflowError(f"the rehearsal does not know {unknown[0]!r} of an environment")
    return given["name"], given.get("url")


def trigger(workflow: Mapping[str, Any], event: str, file: str) -> Mapping[str, Any]:
    """Return what a workflow says of the event that starts it."""
    on = workflow["on"]
    triggers = on if isinstance(on, Mapping) else dict.fromkeys([on] if isinstance(on, str) else on)
    if event not in triggers:
        raise WorkflowError(f"{file} does not run on {event}")
    said: Mapping[str, Any] = triggers[event] or {}
    if unknown := sorted(set(said) - TRIGGER_KEYS[event]):
        raise WorkflowError(f"the rehearsal does not know {unknown[0]!r} of {event}")
    return said


def pushes(filters: Mapping[str, Any], ref: str) -> bool:
    """Say whether a push to *ref* starts a workflow with these filters.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushbranchestagsbranches-ignoretags-ignore
    """
    for kind, prefix in (("branches", "refs/heads/"), ("tags", "refs/tags/")):
        if ref.startswith(prefix):
            name = ref.removeprefix(prefix)
            try:
                return not filters or filter_takes(filters.get(kind, []), name)
            except ValueError as error:
                raise WorkflowError(f"the rehearsal does not know {error}") from error
    return False


def inputs(said: Mapping[str, Any], given: Mapping[str, str], file: str) -> dict[str, str]:
    """Return the inputs of a run; a wrong one is refused as GitHub refuses it."""
    known = said.get("inputs") or {}
    for name in given:
        if name not in known:
            raise WorkflowError(f"{file} has no input {name}")
    for name, spec in known.items():
        kind = spec.get("type", "string")
        if kind not in ("choice", "string") or "default" in spec:
            raise WorkflowError(
                f"the rehearsal does not know inputs like {name}: of type {kind}"
                + " with a default" * ("default" in spec)
            )
        if spec.get("required") and not given.get(name):
            raise WorkflowError(f"{file}: the required input {name} is empty")
        if kind == "choice" and name in given and given[name] not in spec["options"]:
            raise WorkflowError(f"{file}: {name} is one of {', '.join(spec['options'])}")
    return dict(given)
