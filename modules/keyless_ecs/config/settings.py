"""What every level of the file may say: ``defaults``, a service, an environment."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from keyless_ecs.config.cluster import Cluster
from keyless_ecs.config.container import Container
from keyless_ecs.config.deployment import Deployment
from keyless_ecs.config.github import EnvironmentSettings
from keyless_ecs.config.logs import Logs
from keyless_ecs.config.network import Network
from keyless_ecs.config.registry import Registry
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.task import Task
from keyless_ecs.config.trust import Trust


class Settings(Setting):
    """The settings of an environment that it may leave to its service, and that to ``defaults``.

    *capacity* is a launch type (``fargate``) or a capacity provider. ECS cannot turn one into the
    other; the console makes services with the provider FARGATE (``fargate_provider``).
    """

    registry: Registry = Registry()
    container: Container = Container()
    task: Task = Task()
    trust: Trust = Trust()
    github: EnvironmentSettings = EnvironmentSettings()
    cluster: Cluster = Cluster()
    network: Network = Network()
    count: Annotated[StrictInt, Field(ge=0, le=5_000)] = 1
    deployment: Deployment = Deployment()
    logs: Logs = Logs()
    exec: StrictBool = False
    capacity: Literal["fargate", "fargate_provider", "fargate_spot"] = "fargate"
