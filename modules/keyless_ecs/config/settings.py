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
    """Settings that an environment may leave to its service, and that to ``defaults``.

    All but what names one thing (``logs.name``, ``task.family``, ``trust.role_name``, …) may stand
    at each of the three levels. ``defaults`` gives way to the service, and that to the
    environment, key by key: an environment that says ``logs: {retention_days: 90}`` keeps the
    ``kms_key`` of its service. Names of your choice, as in ``variables``, are keys too; a list is
    replaced as a whole. The word ``none`` puts a key, or all keys of a mapping, back to the
    default: ``container: {health_check: none}``.
    """

    registry: Registry = Registry()
    """The image registry.

    Example: {tags: immutable}
    """
    container: Container = Container()
    """What runs in the task.

    Example: {port: 8080}
    """
    task: Task = Task()
    """Size and identity of the Fargate task.

    Example: {cpu: 512, memory: 2048}
    """
    trust: Trust = Trust()
    """How the roles of its jobs tell them from all others.

    Example: {workflow: true}
    """
    github: EnvironmentSettings = EnvironmentSettings()
    """The GitHub environment: who approves, and what the jobs read.

    Example: {reviewers: {teams: [platform]}}
    """
    cluster: Cluster = Cluster()
    """The ECS cluster.

    Example: {existing: shared}
    """
    network: Network = Network()
    """Where the tasks run, and who reaches them.

    Example: {ingress: [10.0.0.0/8]}
    """
    count: Annotated[StrictInt, Field(ge=0, le=5_000)] = 1
    """How many tasks run.

    Example: 2
    """
    deployment: Deployment = Deployment()
    """How ECS replaces tasks.

    Example: {minimum_healthy_percent: 50}
    """
    logs: Logs = Logs()
    """Where the tasks' output goes, and for how long it stays.

    Example: {retention_days: 90}
    """
    exec: StrictBool = False
    """Whether ECS Exec gives a shell in the tasks."""
    capacity: Literal["fargate", "fargate_provider", "fargate_spot"] = "fargate"
    """The launch type ``fargate``; or a capacity provider: ``fargate_spot``, or
    ``fargate_provider`` for services made in the console, which uses it. ECS cannot turn one
    into the other, so a change makes another service."""
