"""The steps of a job, in their order: scripts as they stand, actions by their meaning."""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from keyless_ecs.rehearsal.pipeline import actions, stand_ins
from keyless_ecs.rehearsal.pipeline.actions import Inputs, Outputs
from keyless_ecs.rehearsal.pipeline.expressions import ExpressionError, UnsetError
from keyless_ecs.rehearsal.pipeline.job import RunningJob, StepFailedError

_FAILURES = (BotoCoreError, ClientError, ExpressionError, StepFailedError, UnsetError)
STEP_KEYS = frozenset({"env", "id", "if", "name", "run", "uses", "with"})


class Notes(Protocol):
    """Takes note of each step while it runs."""

    def step(self, name: str) -> AbstractContextManager[Any]:
        """Return what surrounds the step called *name*."""


def run(job: RunningJob, steps: Iterable[Mapping[str, Any]], notes: Notes, *, title: str) -> None:
    """Run *steps* of *job*, each under a note that begins with *title*.

    Raises:
        StepFailedError: One failed; of those after it, only what asks for that ran.
    """
    done: dict[str, dict[str, Outputs | str]] = {}
    job.contexts.values = {**job.contexts.values, "steps": done}
    failures: list[str] = []
    for step in steps:
        if unknown := sorted(set(step) - STEP_KEYS):
            raise StepFailedError(f"the rehearsal does not know {unknown[0]!r} of a step")
        name = step.get("name") or step.get("uses") or "run"
        made, outcome = Outputs(), "skipped"
        try:
            if job.contexts.holds(step.get("if", True)):
                outcome = "failure"
                with notes.step(f"{title}: {name}"):
                    made = _made(job, step)
                outcome = "success"
        except _FAILURES as error:
            failures.append(str(error))
            job.contexts.succeeded, job.contexts.failed = False, True
        if "id" in step:
            done[step["id"]] = {"outputs": made, "outcome": outcome}
    if failures:
        raise StepFailedError(failures[0])


def _made(job: RunningJob, step: Mapping[str, Any]) -> Outputs:
    """Do what a step says, and return its outputs."""
    variables = {name: job.contexts.text(value) for name, value in step.get("env", {}).items()}
    if "run" in step:
        return _run_script(job, job.contexts.text(step["run"]), variables)
    repository = step["uses"].partition("@")[0]
    if repository not in actions.MEANINGS:
        raise StepFailedError(f"the rehearsal does not know the action {step['uses']}")
    meaning, takes = actions.MEANINGS[repository]
    inputs = Inputs(
        (name, job.contexts.text(value)) for name, value in step.get("with", {}).items()
    )
    if unknown := sorted(set(inputs) - takes):
        raise StepFailedError(f"the rehearsal does not know {unknown[0]!r} of {repository}")
    return meaning(job, inputs)


def _run_script(job: RunningJob, script: str, variables: Mapping[str, str]) -> Outputs:
    """Run a script as the runner does, with AWS's own command line.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
    """
    temporary, output, summary = (job.folder / name for name in ("temp", "outputs", "summary"))
    temporary.mkdir(exist_ok=True)
    output.write_text("")
    summary.write_text("")
    stand_ins.write(job.folder / "stand-ins", job.commits)
    path = os.pathsep.join([str(job.folder / "stand-ins"), os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S603
        [*job.shell, "-c", script],  # as found on PATH
        cwd=job.folder,
        env={
            "PATH": path,
            "HOME": str(job.folder),
            "AWS_ENDPOINT_URL": job.aws.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",  # or this machine's own role would sign
            "AWS_PAGER": "",
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(temporary),
            **job.environment,
            **variables,
        },
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
    )
    job.summary += summary.read_text(errors="replace")
    if done.returncode:
        raise StepFailedError((done.stderr + done.stdout).strip() or f"exit {done.returncode}")
    return dict(_outputs(output.read_text(errors="replace")))


def _outputs(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a script wrote to ``GITHUB_OUTPUT``: ``name=value``, or ``name<<END`` and lines.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
    """
    lines = iter(text.split("\n"))
    for line in filter(None, lines):
        sign = re.search("=|<<", line)
        name, value = (line[: sign.start()], line[sign.end() :]) if sign else ("", "")
        if not sign or not name or (sign[0] == "<<" and not value):
            raise StepFailedError(f"Invalid format {line!r} in $GITHUB_OUTPUT")
        if sign[0] == "<<":
            end, block = value, list[str]()
            for inner in lines:
                if inner == end:
                    break
                block.append(inner)
            else:
                raise StepFailedError(f"Invalid value. Matching delimiter not found {end!r}")
            value = "\n".join(block)
        yield name, value
