"""An environment of a service: one GitHub environment, one ECS service."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator

from keyless_ecs.config.adopt import Adopt
from keyless_ecs.config.aws import EcsName, KmsKeyArn, LogGroupName, Region
from keyless_ecs.config.cluster import Cluster
from keyless_ecs.config.container import Container
from keyless_ecs.config.github import EnvironmentSettings
from keyless_ecs.config.model import Model
from keyless_ecs.config.network import Network
from keyless_ecs.config.registry import Registry
from keyless_ecs.config.shown import as_name, shown
from keyless_ecs.config.task import Task
from keyless_ecs.config.text import EachOnce, matching
from keyless_ecs.config.trust import Trust

RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""


def _not_everything(value: str) -> str:
    if not value.strip("*/"):
        raise ValueError(
            f"{shown(value)} matches every ref, so whoever can push could deploy; name them: main"
        )
    if value.startswith("refs/"):
        name = value.split("/", 2)[-1]
        raise ValueError(f'{shown(value)} is a full ref; use the name alone: "{as_name(name)}"')
    return value


RefPattern = Annotated[
    str,
    AfterValidator(_not_everything),
    matching(
        r"(?!.*\.\.)(?!/)[\w./#@*-]{1,244}(?<![./])",
        "is not a branch or tag pattern; use a name in which * stands for any characters "
        "(? [ ] + mean different things to Git, GitHub and AWS)",
    ),
]


RefPatterns = Annotated[tuple[RefPattern, ...], Field(max_length=100), EachOnce]
"""Of so many the role's trust policy, with its 2,048 characters, names no more."""


class DeployFrom(Model):
    """The branches and tags that may deploy: patterns in which ``*`` stands for any characters.

    They become the deployment policies of the GitHub environment, the ``ref`` that the deploy
    role trusts, and what triggers ``ecr-push.yml``.
    """

    branches: RefPatterns = ()
    tags: RefPatterns = ()

    @model_validator(mode="after")
    def _something(self) -> "DeployFrom":
        if not self.branches and not self.tags:
            raise ValueError("no branch and no tag may deploy; name one: branches: [main]")
        return self


def _retention(value: int) -> int:
    if value not in RETENTION_DAYS:
        nearest = min(RETENTION_DAYS, key=lambda days: (abs(days - value), days))
        raise ValueError(f"{value} days is not a retention that CloudWatch offers; use {nearest}")
    return value


class Logs(Model):
    """The log group of the tasks."""

    name: LogGroupName | None = None
    retention_days: Annotated[StrictInt, AfterValidator(_retention)] = 30
    kms_key: KmsKeyArn | None = None


class Deployment(Model):
    """How ECS replaces tasks, in percent of the count. A failed deployment rolls back."""

    minimum_healthy_percent: Annotated[StrictInt, Field(ge=0, le=100)] = 100
    maximum_percent: Annotated[StrictInt, Field(ge=100, le=200)] = 200

    @model_validator(mode="after")
    def _room(self) -> "Deployment":
        if self.minimum_healthy_percent == self.maximum_percent:
            raise ValueError(
                "100 to 100 percent leaves ECS no room to replace a task; "
                "lower minimum_healthy_percent or raise maximum_percent"
            )
        return self


class Environment(Model):
    """An environment; what it says of registry, container and task overrides the service.

    *capacity* is a launch type (``fargate``) or a capacity provider. ECS cannot turn one into the
    other; the console makes services with the provider FARGATE (``fargate_provider``).
    """

    account: str
    deploy_from: DeployFrom
    region: Region | None = None
    trust: Trust = Trust()
    github: EnvironmentSettings = EnvironmentSettings()
    cluster: Cluster = Cluster()
    service_name: EcsName | None = None
    network: Network = Network()
    count: Annotated[StrictInt, Field(ge=0, le=5_000)] = 1
    deployment: Deployment = Deployment()
    logs: Logs = Logs()
    exec: StrictBool = False
    capacity: Literal["fargate", "fargate_provider", "fargate_spot"] = "fargate"
    registry: Registry | None = None
    container: Container | None = None
    task: Task | None = None
    adopt: Adopt = ()
