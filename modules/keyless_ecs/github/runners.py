"""Which machines the generated jobs run on."""

import json
from collections.abc import Sequence
from typing import Any

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.runner import Runner

HOSTED = "ubuntu-24.04"
HOSTED_ARM = "ubuntu-24.04-arm"
"""https://docs.github.com/en/actions/reference/runners/github-hosted-runners"""


def build_runner(delivery: Delivery) -> Any:
    """Return ``runs-on`` of the job that builds: a machine of the image's own architecture."""
    if runner := delivery.service.build.runs_on:
        return runner.written
    return HOSTED_ARM if delivery.task.architecture == "arm64" else HOSTED


def deploy_runner(deliveries: Sequence[Delivery], environment: str = "inputs.environment") -> Any:
    """Return ``runs-on`` of a job that deploys to one of *deliveries*.

    Args:
        deliveries: The environments of a repository.
        environment: The expression that names the job's environment.
    """
    written = [_written(delivery.environment.deployment.runs_on) for delivery in deliveries]
    if all(each == written[0] for each in written):
        return written[0]
    *others, last = zip(deliveries, map(json.dumps, written), strict=True)
    chosen = "".join(
        f"{environment} == '{_quoted(delivery.github_environment)}' && '{_quoted(runner)}' || "
        for delivery, runner in others
    )
    return f"${{{{ fromJSON({chosen}'{_quoted(last[1])}') }}}}"


def _written(runner: Runner | None) -> Any:
    return runner.written if runner else HOSTED


def _quoted(text: str) -> str:
    return text.replace("'", "''")
