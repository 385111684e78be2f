"""One job of a workflow run: what it is, and what its steps may see."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
        commits: The commits that it may compare, each the parent of the next, or None where its
            token may not read the repository.
        shell: What runs its scripts.

    Exposes the *registry* to which it has logged in, and the *summary* that it wrote.
    """

    aws: LocalAws
    folder: Path
    contexts: Contexts
    identity: claims.Job | None
    environment: dict[str, str] = field(default_factory=dict)
    commits: Sequence[str] | None = ()
    shell: Sequence[str] = ("bash", "-e")
    registry: str | None = None
    summary: str = ""

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
