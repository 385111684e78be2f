"""One environment of one service, with every name resolved."""

from dataclasses import dataclass
from functools import cached_property

from modules.config.account import Account
from modules.config.aws import Partition
from modules.config.container import Container
from modules.config.environment import Environment
from modules.config.github import GitHub
from modules.config.registry import Registry
from modules.config.service import Service
from modules.config.task import Task


@dataclass(frozen=True)
class Delivery:
    """What one stack delivers: settings merged, names chosen, ARNs computed.

    Names follow ``<service>-<environment>-<role>``. ARNs are computed and not read from resources,
    so that every policy is readable in the first plan.
    """

    github: GitHub
    account: Account
    service_key: str
    service: Service
    environment_key: str
    environment: Environment
    source: "Delivery | None" = None
    """The environment whose images this one promotes, where it has no registry of its own."""

    @property
    def name(self) -> str:
        """The stack, cluster, ECS service, task family and security group."""
        return f"{self.service_key}-{self.environment_key}"

    @property
    def region(self) -> str:
        """The AWS region."""
        return self.environment.region or self.account.region

    @property
    def partition(self) -> Partition:
        """The AWS partition, as it stands in ARNs."""
        return self.account.partition

    @cached_property
    def registry(self) -> Registry:
        """The registry's settings, with those of the environment over the service's."""
        return self.service.registry.overridden_by(self.environment.registry)

    @cached_property
    def container(self) -> Container:
        """The container's settings, with those of the environment over the service's."""
        return self.service.container.overridden_by(self.environment.container)

    @cached_property
    def task(self) -> Task:
        """The task's settings, with those of the environment over the service's."""
        return self.service.task.overridden_by(self.environment.task)

    @property
    def github_environment(self) -> str:
        """The GitHub environment."""
        return self.environment.github.name or self.environment_key

    @property
    def image_repository(self) -> str:
        """The ECR repository."""
        return (self.source or self).registry.name or self.service_key

    @property
    def image_repository_arn(self) -> str:
        """The ARN of the ECR repository, which may lie in another account or region."""
        return (self.source or self).arn("ecr", f"repository/{self.image_repository}")

    @property
    def crosses_registries(self) -> bool:
        """Whether the images come from the registry of another account or region."""
        source = self.source or self
        return (source.account.id, source.region) != (self.account.id, self.region)

    @property
    def container_name(self) -> str:
        """The container in the task definition."""
        return self.service_key

    @property
    def log_group(self) -> str:
        """The CloudWatch log group."""
        return f"/ecs/{self.name}"

    @property
    def execution_role(self) -> str:
        """The role with which ECS starts the task."""
        return self.task.execution_role_name or f"{self.name}-task-execution"

    @property
    def task_role(self) -> str:
        """The role of the application."""
        return f"{self.name}-task"

    @property
    def deploy_role(self) -> str:
        """The role of the pipeline."""
        return f"{self.name}-deploy"

    @property
    def role_names(self) -> tuple[str, str, str]:
        """The three roles."""
        return (self.execution_role, self.task_role, self.deploy_role)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a regional resource in this account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account.id}:{resource}"

    def role_arn(self, name: str) -> str:
        """Return the ARN of one of this environment's roles."""
        return f"arn:{self.partition}:iam::{self.account.id}:role{self.account.role_path}{name}"

    @property
    def oidc_provider_arn(self) -> str:
        """The ARN of the account's OIDC provider, which another stack creates."""
        provider = self.github.provider
        return f"arn:{self.partition}:iam::{self.account.id}:oidc-provider/{provider}"

    @property
    def audience(self) -> str:
        """The ``aud`` that the jobs ask for."""
        return self.github.audience_in(self.partition)

    @property
    def refs(self) -> list[str]:
        """Patterns of the full refs that may deploy."""
        deploy_from = self.environment.deploy_from
        return [
            *(f"refs/heads/{branch}" for branch in deploy_from.branches),
            *(f"refs/tags/{tag}" for tag in deploy_from.tags),
        ]

    @property
    def by_ref(self) -> bool:
        """Whether the jobs run without a GitHub environment."""
        return self.environment.trust.by == "ref"
