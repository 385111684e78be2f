"""The container of a service."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, StrictBool, StrictInt

from keyless_ecs.config.aws import SecretArn
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import Text, matching

Image = Annotated[
    str,
    matching(
        r"[a-z0-9][\w.:/@-]{0,511}",
        'is not an image; use <registry>/<name>:<tag> or "…@sha256:<digest>"',
    ),
]
EnvironmentVariable = Annotated[
    str,
    matching(r"[A-Za-z_]\w*", "is not a variable's name; use letters, digits and _"),
]


def _words(value: object) -> object:
    if isinstance(value, str | int | float):
        raise ValueError(f"{shown(value)} is one string; write the words as a list: [npm, start]")
    return value


Command = Annotated[
    tuple[Text, ...], BeforeValidator(_words, json_schema_input_type=tuple[Text, ...])
]


class HealthCheck(Setting):
    """A command that ECS runs inside the container.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
    """

    needed: ClassVar = {"command"}

    command: Annotated[Command, Field(min_length=1)] = ()
    """Words, run as they stand, or by a shell with ``CMD-SHELL`` first. It succeeds with exit
    status 0.

    Example: [CMD-SHELL, curl -f http://localhost:8080/health]
    """
    interval: Annotated[StrictInt, Field(ge=5, le=300)] = 30
    """Seconds between two runs.

    Example: 10
    """
    timeout: Annotated[StrictInt, Field(ge=2, le=60)] = 5
    """Seconds after which a run has failed.

    Example: 10
    """
    retries: Annotated[StrictInt, Field(ge=1, le=10)] = 3
    """How many runs in a row must fail before the container is unhealthy.

    Example: 5
    """
    start_period: Annotated[StrictInt, Field(ge=0, le=300)] = 0
    """Seconds after the start in which failed runs do not count.

    Example: 60
    """

    @property
    def test(self) -> tuple[str, ...]:
        """The command as ECS takes it: run as it stands, unless it says ``CMD-SHELL``."""
        return self.command if self.command[0].startswith("CMD") else ("CMD", *self.command)


class Container(Setting):
    """What runs in the task."""

    port: Annotated[StrictInt, Field(ge=1, le=65_535)] | None = None
    """The port it listens on.

    Example: 8080
    """
    image: Image = "public.ecr.aws/nginx/nginx:stable"
    """What runs until the pipeline deploys for the first time.

    Example: public.ecr.aws/docker/library/httpd:2.4
    """
    command: Command = ()
    """What replaces the image's command, word by word.

    Default: the image's
    Example: [npm, start]
    """
    health_check: HealthCheck | None = None
    """A command by which ECS knows whether the container is healthy.

    Example: {command: [CMD-SHELL, curl -f http://localhost:8080/health]}
    """
    variables: Mapping[EnvironmentVariable, Text] = {}
    """Environment variables, merged over those of the lower levels.

    Example: {LOG_LEVEL: info}
    """
    secrets: Mapping[EnvironmentVariable, SecretArn] = {}
    """Environment variables from SSM parameters or Secrets Manager, by ARN.

    Example: {DATABASE_URL: arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf}
    """
    read_only_root: StrictBool = False
    """Whether the root filesystem cannot be written."""
