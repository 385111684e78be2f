"""The container of a service."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool, StrictInt

from keyless_ecs.config.aws import EcsName, SecretArn
from keyless_ecs.config.health_check import HealthCheck
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import Text, matching

Image = Annotated[
    str,
    matching(
        # A URL is none, and a digest alone would be the tag of an image called sha256.
        r"(?!sha256:|[a-z]+://)[a-z0-9][\w.:/-]{0,254}(@sha256:[A-Fa-f0-9]{64})?",
        'is not an image; use <registry>/<name>:<tag> or "…@sha256:<digest>"',
    ),
]
EnvironmentVariable = Annotated[
    str,
    matching(r"[A-Za-z_][\w.:-]*", "is not a variable's name; use letters, digits and _"),
]
"""Also such as ``spring.profiles.active`` and ``Logging:Level``, which no shell can set."""


def _words(value: object) -> object:
    if isinstance(value, str | int | float):
        raise ValueError(f"{shown(value)} is one string; write the words as a list: [npm, start]")
    return value


Command = Annotated[
    tuple[Text, ...], BeforeValidator(_words, json_schema_input_type=tuple[Text, ...])
]


class Container(Setting):
    """What runs in the task."""

    name: EcsName | None = None
    """Name of the container in the task definition.

    Default: {container_name}
    Example: app
    """
    port: Annotated[StrictInt, Field(ge=1, le=65_535)] | None = None
    """The port it listens on.

    Example: 8080
    """
    image: Image = "public.ecr.aws/nginx/nginx:stable"
    """What runs until the pipeline deploys for the first time. The default answers 200 on the
    container's port, and has nothing else of it; an image that is named runs as it stands.

    Example: public.ecr.aws/docker/library/httpd:2.4
    """
    command: Command = ()
    """What replaces the image's command, word by word.

    Default: the image's
    Example: [npm, start]
    """
    health_check: HealthCheck | None = None
    """A command by which ECS knows whether the container is healthy.

    Example: curl -f http://localhost:8080/health || exit 1
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
