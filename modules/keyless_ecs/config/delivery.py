"""One environment of one service, with every name resolved."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from keyless_ecs.config import pace
from keyless_ecs.config.account import Account
from keyless_ecs.config.adopt import ALL, KINDS, VARIABLE
from keyless_ecs.config.adoptable import ADOPTABLE
from keyless_ecs.config.container import Container
from keyless_ecs.config.deploy_from import DeployFrom
from keyless_ecs.config.environment import Environment
from keyless_ecs.config.github import (
    ARTICLE_VARIABLES,
    BUILT_IN_VARIABLES,
    DEPLOY_VARIABLES,
    REGISTRY_ELSEWHERE_VARIABLES,
    SERVICE_URL,
    TIMES,
    GitHub,
)
from keyless_ecs.config.model import UnknownSettingError
from keyless_ecs.config.problems import Location
from keyless_ecs.config.reach import Reach
from keyless_ecs.config.regions import Partition
from keyless_ecs.config.registry import Registry
from keyless_ecs.config.service import Service
from keyless_ecs.config.settings import Settings
from keyless_ecs.config.task import Task


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
    """With all that it inherits from its service and from *defaults*."""
    defaults: Settings
    account_key: str
    """The account's key in the file."""
    source: "Delivery | None" = None
    """The environment whose *deployments* this one promotes (``registry.from``): it deploys what
    that one deployed, and after it. Such chains may have any length."""
    follows: "Delivery | None" = None
    """With ``image_of``, the environment of the same key of the service that builds the image: this
    one deploys what that one deployed, after it and in the same run."""

    @property
    def stack(self) -> str:
        """The stack, named after the keys that stand in the file now."""
        return f"{self.service_key}-{self.environment_key}"

    @property
    def former_stacks(self) -> tuple[str, ...]:
        """The names that the stack had while its service or environment had another key."""
        services = (*self.service.was, self.service_key)
        environments = (*self.environment.was, self.environment_key)
        names = [f"{service}-{environment}" for service in services for environment in environments]
        return tuple(name for name in names if name != self.stack)

    @property
    def first_service_key(self) -> str:
        """The key that the service had first: what is named after it keeps its name."""
        return (*self.service.was, self.service_key)[0]

    @property
    def first_environment_key(self) -> str:
        """The key that the environment had first."""
        return (*self.environment.was, self.environment_key)[0]

    @property
    def name(self) -> str:
        """The security group, and the default of other names.

        It is made of the first keys: AWS renames nothing, so another name would be another thing.
        """
        return f"{self.first_service_key}-{self.first_environment_key}"

    @property
    def upstream(self) -> "Delivery | None":
        """The environment that hands its images on to this one, None where one builds its own."""
        return self.source or self.follows

    @property
    def root(self) -> "Delivery":
        """The environment that builds the images, and whose registry holds them."""
        return self.upstream.root if self.upstream else self

    @property
    def builds(self) -> bool:
        """Whether it builds its images, and so has a registry."""
        return self.upstream is None

    @property
    def gated(self) -> bool:
        """Whether a deployment may wait, for a reviewer or a timer."""
        settings = self.environment.github
        asked = settings.reviewers.users or settings.reviewers.teams
        return bool(asked or settings.wait_minutes)

    @property
    def ref_makers(self) -> tuple[str, ...]:
        """Who alone makes the refs that deploy, in words; nobody where no ruleset says it."""
        ruleset = self.environment.github.ruleset
        return (
            *(f"the team {team}" for team in ruleset.teams),
            *(f"the App {app}" for app in ruleset.apps),
            *(f"the role {role}" for role in ruleset.roles),
        )

    @property
    def cluster_name(self) -> str:
        """The ECS cluster, the environment's own or an existing one."""
        cluster = self.environment.cluster
        return cluster.existing or cluster.name or self.name

    @property
    def service_name(self) -> str:
        """The ECS service."""
        return self.environment.service_name or self.name

    @property
    def region(self) -> str:
        """The AWS region."""
        if self.follows and not (self.environment.region or self.environment.account):
            return self.follows.region
        return self.environment.region or self.account.region

    @property
    def partition(self) -> Partition:
        """The AWS partition, as it stands in ARNs."""
        return self.account.partition

    @property
    def levels(self) -> Iterator[tuple[Location, Settings]]:
        """What is said of the environment, each with its place, the most specific first."""
        service = ("services", self.service_key)
        environment = (*service, "environments", self.environment_key)
        yield environment, self.service.environments[self.environment_key]
        yield service, self.service
        yield ("defaults",), self.defaults

    @property
    def registry(self) -> Registry:
        """The registry's settings."""
        return self.environment.registry

    @property
    def container(self) -> Container:
        """The container's settings."""
        return self.environment.container

    @property
    def task(self) -> Task:
        """The task's settings."""
        return self.environment.task

    @cached_property
    def reach(self) -> Reach | None:
        """How it is reached through a load balancer, None for a service without a domain."""
        domain = self.environment.domain
        return Reach(self, domain) if domain else None

    @property
    def count(self) -> int:
        """How many tasks the service begins with, or keeps where nothing scales it."""
        scaling = self.environment.autoscaling
        return scaling.first_count if scaling else self.environment.count

    @property
    def tags(self) -> dict[str, str]:
        """The tags of every AWS resource."""
        built_in = self.account.tag_keys.tags(
            service=self.service_key, environment=self.environment_key
        )
        return {**self.account.tags, **self.service.tags, **built_in}

    @property
    def github_environment(self) -> str:
        """The GitHub environment, in which images are deployed.

        What follows another service has it beside that one's in the same repository.
        """
        default = self.name if self.service.image_of else self.first_environment_key
        return self.environment.github.name or default

    @property
    def has_build_role(self) -> bool:
        """Whether a job of its own builds or finds the image; one that follows is handed it."""
        return self.follows is None

    @property
    def build_environment(self) -> str:
        """The companion of the GitHub environment, in which images are built or found.

        It has the same refs and neither reviewers nor timer: what builds needs no approval.
        """
        return f"{self.github_environment}-build"

    @property
    def image_repository(self) -> str:
        """The ECR repository."""
        return self.root.registry.name or self.root.first_service_key

    @property
    def image_repository_arn(self) -> str:
        """The ARN of the ECR repository, which may lie in another account or region."""
        return self.root.arn("ecr", f"repository/{self.image_repository}")

    @property
    def crosses_registries(self) -> bool:
        """Whether the images come from the registry of another account or region."""
        root = self.root
        return (root.account.id, root.region) != (self.account.id, self.region)

    @property
    def tags_can_stay(self) -> bool:
        """Whether ECR can keep tags as they are but for those that say what runs.

        Exclusion filters were announced for the commercial regions and GovCloud.
        https://aws.amazon.com/about-aws/whats-new/2025/07/amazon-ecr-exceptions-tag-immutability/
        """
        return self.partition != "aws-cn"

    @property
    def task_family(self) -> str:
        """The family of task definitions that runs: the pipeline registers its revisions."""
        return self.task.family or self.name

    @property
    def template_family(self) -> str:
        """The family that Terraform describes, and into which the pipeline puts the image."""
        return f"{self.name}-template"

    @property
    def container_name(self) -> str:
        """The container in the task definition."""
        return self.container.name or self.first_service_key

    @property
    def log_group(self) -> str:
        """The CloudWatch log group."""
        return self.environment.logs.name or f"/ecs/{self.name}"

    @property
    def execution_role(self) -> str:
        """The role with which ECS starts the task."""
        return self.task.execution_role_name or f"{self.name}-task-execution"

    @property
    def task_role(self) -> str:
        """The role of the application."""
        return self.task.task_role_name or f"{self.name}-task"

    @property
    def infrastructure_role(self) -> str:
        """The role with which ECS shifts traffic."""
        return f"{self.name}-infrastructure"

    @property
    def deploy_role(self) -> str:
        """The role of the job that deploys."""
        return self.environment.trust.role_name or f"{self.name}-deploy"

    @property
    def build_role(self) -> str:
        """The role of the job that builds the image, or finds it where one promotes."""
        return self.environment.trust.build_role_name or f"{self.name}-build"

    @property
    def execution_role_arn(self) -> str:
        """The ARN of the role with which ECS starts the task, whoever owns it."""
        if existing := self.task.existing_execution_role:
            return f"arn:{self.partition}:iam::{self.account.id}:role/{existing}"
        return self.role_arn(self.execution_role)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a regional resource in this account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account.id}:{resource}"

    def role_arn(self, name: str) -> str:
        """Return the ARN of one of this environment's roles."""
        return f"arn:{self.partition}:iam::{self.account.id}:role{self.account.role_path}{name}"

    @property
    def oidc_provider_arn(self) -> str:
        """The ARN of the account's OIDC provider, which another stack creates."""
        return self.account.oidc_provider_arn(self.github.provider)

    @property
    def audience(self) -> str:
        """The ``aud`` that the jobs ask for."""
        return self.github.audience_in(self.partition)

    @property
    def deploy_from(self) -> DeployFrom:
        """The branches and tags that may deploy, those of the environment it follows if not said.

        Raises:
            UnknownSettingError: The file does not say; the checks report it.
        """
        if self.environment.deploy_from:
            return self.environment.deploy_from
        if self.follows:
            return self.follows.deploy_from
        raise UnknownSettingError("deploy_from")

    @property
    def refs(self) -> list[str]:
        """Patterns of the full refs that may deploy, but for the exceptions."""
        return list(self.deploy_from.refs.allowed)

    @property
    def is_private(self) -> bool:
        """Whether the repository has what GitHub's plan gives to private ones."""
        return self.service.visibility != "public"

    @property
    def admins_always_bypass(self) -> bool:
        """Whether GitHub's plan has nothing that keeps administrators from passing by."""
        return self.is_private and self.github.plan in ("pro", "team")

    @property
    def by_ref(self) -> bool:
        """Whether the jobs run without a GitHub environment."""
        return self.environment.trust.by == "ref"

    @property
    def wait_minutes(self) -> int:
        """How long a job waits for ECS to complete a deployment."""
        return self.environment.deployment.wait_minutes or pace.wait_minutes(self)

    @property
    def build_session_seconds(self) -> int:
        """How long the credentials last of the job that builds."""
        return self.environment.trust.session_hours * 3600

    @property
    def session_seconds(self) -> int:
        """How long the credentials last of the job that deploys: longer than it runs."""
        return max(self.build_session_seconds, (self.wait_minutes + 30) * 60)

    @property
    def times(self) -> dict[str, int]:
        """Of :data:`TIMES` those that are otherwise."""
        here = {"ECS_WAIT_MINUTES": self.wait_minutes, "ECS_SESSION_SECONDS": self.session_seconds}
        return {name: value for name, value in here.items() if value != TIMES[name]}

    @property
    def variables(self) -> list[str]:
        """The GitHub variables of the jobs that deploy, in upper case as GitHub keeps them.

        Without an environment they are those of the jobs that build as well.
        """
        built_in = BUILT_IN_VARIABLES if self.by_ref else DEPLOY_VARIABLES
        return [
            *(name for name in built_in if name not in self.environment.github.as_secrets),
            *(REGISTRY_ELSEWHERE_VARIABLES if self.crosses_registries else ()),
            *self.times,
            *((SERVICE_URL,) if self.reach else ()),
            *(name.upper() for name in self.environment.github.variables),
        ]

    @property
    def not_owned(self) -> dict[str, str]:
        """What of :data:`ADOPTABLE` this environment does not own, and who does."""
        said = {kind: thing.not_owned(self) for kind, thing in ADOPTABLE.items()}
        return {kind: why for kind, why in said.items() if why}

    @cached_property
    def adopted(self) -> tuple[str, ...]:
        """What was made by hand and comes under state: of :data:`KINDS`, and ``vars.<NAME>``.

        ``all`` is what the article's steps make, as far as this environment owns it.
        """
        if self.environment.adopt != (ALL,):
            return self.environment.adopt
        variables = [name for name in self.variables if name in ARTICLE_VARIABLES]
        return (
            *(kind for kind in KINDS if kind not in self.not_owned),
            *(f"{VARIABLE}{name}" for name in variables),
        )
