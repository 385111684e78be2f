"""One job of a workflow run: what it is, and what its steps may see."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keyless_ecs.rehearsal.aws import requests
from keyless_ecs.rehearsal.aws.clients import Credentials
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.pipeline.expressions import Contexts
from keyless_ecs.trust import claims


class StepFailedError(Exception):
    """A step failed; the text is what the job's log would say."""


@dataclass
class RunningJob:
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
