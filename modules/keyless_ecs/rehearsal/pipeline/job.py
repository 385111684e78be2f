"""One job of a workflow run: what it may see, and its steps in their order."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from keyless_ecs.rehearsal.aws import requests
from keyless_ecs.rehearsal.aws.server import Credentials, LocalAws
from keyless_ecs.rehearsal.pipeline import actions
from keyless_ecs.rehearsal.pipeline.actions import Inputs, Outputs, StepFailedError
from keyless_ecs.rehearsal.pipeline.expressions import Contexts, ExpressionError, UnsetError
from keyless_ecs.trust import claims

STEP_KEYS = frozenset({"env", "id", "if", "name", "run", "uses", "with"})
PROGRAMS = frozenset({"aws"})
"""What a script needs that not every machine has."""


class Notes(Protocol):
    """Takes note of each step while it runs."""

    def step(self, name: str) -> AbstractContextManager[Any]:
        """Return what surrounds the step called *name*."""


@dataclass
class Job:
    """A job that runs.

    Args:
        aws: The local AWS.
        folder: An empty folder, in which its steps work.
        contexts: What its expressions read.
        identity: What GitHub would write into its token, or None where it may ask for none.
        environment: The environment variables of its steps.

    Exposes the *registry* to which it has logged in.
    """

    aws: LocalAws
    folder: Path
    contexts: Contexts
    identity: claims.Job | None
    environment: dict[str, str] = field(default_factory=dict)
    registry: str | None = None

    def run(self, steps: Iterable[Mapping[str, Any]], notes: Notes, *, title: str) -> None:
        """Run *steps*, each under a note that begins with *title*.

        Raises:
            StepFailedError: One failed; those after it did not run.
        """
        outputs: dict[str, dict[str, Outputs]] = {}
        self.contexts.values = {**self.contexts.values, "steps": outputs}
        for step in steps:
            if unknown := sorted(set(step) - STEP_KEYS):
                raise StepFailedError(f"the rehearsal does not know {unknown[0]!r} of a step")
            name = step.get("name") or step.get("uses") or "run"
            try:
                if not self.contexts.holds(step.get("if", True)):
                    continue
                with notes.step(f"{title}: {name}"):
                    made = self._do(step)
            except (BotoCoreError, ClientError, ExpressionError, UnsetError) as error:
                raise StepFailedError(str(error)) from None
            if "id" in step:
                outputs[step["id"]] = {"outputs": made}

    def claims(self, audience: str) -> dict[str, str]:
        """Return the claims of the token that GitHub gives the job."""
        if self.identity is None:
            raise StepFailedError("the job has no permission id-token: write, so it gets no token")
        return {**self.identity.claims, "aud": audience}

    def client(self, service: str) -> Any:
        """Return a client of *service* that signs as the job does.

        Raises:
            StepFailedError: No step has given it credentials.
        """
        credentials = Credentials.in_variables(self.environment)
        if credentials is None:
            raise StepFailedError("Could not load credentials from any providers")
        return self.aws.session(credentials, self.environment["AWS_REGION"]).client(service)

    def watch_deployments(self, cluster: str, service: str) -> None:
        """Ask IAM for what moto cannot do: to list and describe the deployments of a service.

        Raises:
            StepFailedError: The role may not.
        """
        key, region = self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_REGION"]
        for ask in requests.watch_deployments(self.aws.gate.role(key), region, cluster, service):
            if not self.aws.gate.ask(key, ask):
                raise StepFailedError(f"not authorized to perform {ask.action} on {ask.resource}")

    def _do(self, step: Mapping[str, Any]) -> Outputs:
        variables = {name: self.contexts.text(value) for name, value in step.get("env", {}).items()}
        if "run" in step:
            return self._script(self.contexts.text(step["run"]), variables)
        repository = step["uses"].partition("@")[0]
        if repository not in actions.MEANINGS:
            raise StepFailedError(f"the rehearsal does not know the action {step['uses']}")
        meaning, takes = actions.MEANINGS[repository]
        inputs = Inputs(
            (name, self.contexts.text(value)) for name, value in step.get("with", {}).items()
        )
        if unknown := sorted(set(inputs) - takes):
            raise StepFailedError(f"the rehearsal does not know {unknown[0]!r} of {repository}")
        return meaning(self, inputs)

    def _script(self, script: str, variables: Mapping[str, str]) -> Outputs:
        """Run a script as the runner does, with AWS's own command line.

        https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
        """
        output = self.folder / "outputs"
        output.write_text("")
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        for program in PROGRAMS:
            if not shutil.which(program, path=path):
                raise StepFailedError(f"there is no {program} on PATH; make rehearse installs it")
        done = subprocess.run(  # noqa: S603
            ["bash", "-e", "-c", script],  # noqa: S607 - as found on PATH
            cwd=self.folder,
            env={
                "PATH": path,
                "HOME": str(self.folder),
                "AWS_ENDPOINT_URL": self.aws.endpoint,
                "AWS_EC2_METADATA_DISABLED": "true",  # or this machine's own role would sign
                "AWS_PAGER": "",
                "GITHUB_OUTPUT": str(output),
                **self.environment,
                **variables,
            },
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
        )
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
