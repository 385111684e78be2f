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


Command = Annotated[tuple[Text, ...], BeforeValidator(_words)]


class HealthCheck(Setting):
    """A command that ECS runs inside the container; times in seconds.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
    """

    needed: ClassVar = {"command"}

    command: Annotated[Command, Field(min_length=1)] = ()
    interval: Annotated[StrictInt, Field(ge=5, le=300)] = 30
    timeout: Annotated[StrictInt, Field(ge=2, le=60)] = 5
    retries: Annotated[StrictInt, Field(ge=1, le=10)] = 3
    start_period: Annotated[StrictInt, Field(ge=0, le=300)] = 0

    @property
    def test(self) -> tuple[str, ...]:
        """The command as ECS takes it: run as it stands, unless it says ``CMD-SHELL``."""
        return self.command if self.command[0].startswith("CMD") else ("CMD", *self.command)


class Container(Setting):
    """What runs in the task. *image* only serves until the pipeline deploys the first one."""

    port: Annotated[StrictInt, Field(ge=1, le=65_535)] | None = None
    image: Image = "public.ecr.aws/nginx/nginx:stable"
    command: Command = ()
    health_check: HealthCheck | None = None
    variables: Mapping[EnvironmentVariable, Text] = {}
    secrets: Mapping[EnvironmentVariable, SecretArn] = {}
    read_only_root: StrictBool = False
