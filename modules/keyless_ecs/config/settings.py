"""What every level of the file may say: ``defaults``, a service, an environment."""

from typing import Annotated, ClassVar

from pydantic import Field, StrictBool, StrictInt

from keyless_ecs.config.autoscaling import Autoscaling
from keyless_ecs.config.capacity import Capacity
from keyless_ecs.config.cluster import Cluster
from keyless_ecs.config.container import Container
from keyless_ecs.config.deployment import Deployment
from keyless_ecs.config.domain import Domain
from keyless_ecs.config.github import EnvironmentSettings
from keyless_ecs.config.load_balancer import LoadBalancer
from keyless_ecs.config.logs import Logs
from keyless_ecs.config.network import Network
from keyless_ecs.config.registry import Registry
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.target_group import TargetGroup
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

    alternatives: ClassVar = ({"count"}, {"autoscaling"})

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
    """How many tasks run, where nothing scales them.

    Example: 2
    """
    deployment: Deployment = Deployment()
    """How ECS replaces tasks. A word is the strategy.

    Example: canary
    """
    logs: Logs = Logs()
    """Where the tasks' output goes, and for how long it stays.

    Example: {retention_days: 90}
    """
    exec: StrictBool = False
    """Whether ECS Exec gives a shell in the tasks."""
    capacity: Capacity = Capacity()
    """What the tasks run on.

    Example: {fargate: {base: 1, weight: 1}, fargate_spot: 3}
    """
    domain: Domain | None = None
    """The names under which a service is reached through a load balancer, over HTTPS. A word is
    its one name, a list are several.

    Example: papyrus.example.com
    """
    target_group: TargetGroup = TargetGroup()
    """How the load balancer sees the tasks. Makes nothing without a ``domain``.

    Example: {health_check: /healthz}
    """
    load_balancer: LoadBalancer = LoadBalancer()
    """Which load balancer stands in front of the tasks. Makes nothing without a ``domain``.

    Example: shared
    """
    autoscaling: Autoscaling | None = None
    """Between how many tasks ECS scales, and by what. A level that says it inherits no ``count``.

    Example: {min: 2, max: 10}
    """
