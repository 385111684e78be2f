"""One environment of one service, from the image registry to the GitHub environment."""

from collections.abc import Sequence
from typing import Any

from cdktf import TerraformOutput
from cdktf_cdktf_provider_github.provider import GithubProvider
from constructs import Construct

from keyless_ecs.aws.cluster import Cluster, ExistingCluster
from keyless_ecs.aws.lifecycle import lifecycle_policy
from keyless_ecs.aws.log_group import LogGroup
from keyless_ecs.aws.placeholder import SIZE, placeholder
from keyless_ecs.aws.registry import Registry, access_from_other_accounts
from keyless_ecs.aws.role import ExistingRole, Role
from keyless_ecs.aws.task_definition import TaskDefinition, container_definition
from keyless_ecs.aws.task_roles import exec_channels, read_secrets, task_trust
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.github import SERVICE_URL
from keyless_ecs.config.providers import Providers
from keyless_ecs.config.state import State
from keyless_ecs.stacks import pipeline
from keyless_ecs.stacks.pipeline import of_account
from keyless_ecs.stacks.service import running_service
from keyless_ecs.stacks.stack import Stack


class DeliveryStack(Stack):
    """Everything of one environment, AWS and GitHub in one plan.

    It reads no other stack's state: what it needs of the account's stack or of the environment
    whose images it promotes is computed from names and account ids.

    Args:
        delivery: The environment.
        promoted_to: The environments that deploy the images of this one's registry.
        state: Where Terraform keeps its state.
        providers: Which versions of the providers it takes.
    """

    def __init__(
        self,
        scope: Construct,
        delivery: Delivery,
        *,
        promoted_to: Sequence[Delivery] = (),
        state: State,
        providers: Providers,
    ) -> None:
        super().__init__(scope, delivery.stack, state=state, providers=providers)
        self.provide_aws(delivery.account, region=delivery.region, tags=delivery.tags)
        self.require("github", "integrations/github")
        github = GithubProvider(
            self, "github", owner=delivery.github.owner, base_url=delivery.github.base_url
        )
        if delivery.github.app_auth:
            # Empty: the App's id, installation and key come from the environment. Without the block
            # the provider ignores them before 6.12.
            # https://github.com/integrations/terraform-provider-github/issues/2223
            github.add_override("app_auth", [{}])

        image_repository = self._registry(delivery, promoted_to)
        execution_role, task_role = self._task_roles(delivery)
        job_roles = pipeline.job_roles(self, delivery)
        cluster = self._cluster(delivery)
        family, template = self._task_definitions(delivery, execution_role, task_role)
        service = running_service(
            self, delivery, cluster, family=family, after=execution_role.ready
        )

        pipeline.settings(
            self,
            delivery,
            job_roles,
            both={
                "AWS_ACCOUNT_ID": delivery.account.id,
                "AWS_REGION": delivery.region,
                "ECR_REPOSITORY": image_repository,
                **_registry_elsewhere(delivery),
            },
            deploy={
                "ECS_CLUSTER": cluster.name,
                "ECS_SERVICE": service.name,
                "ECS_TASK_FAMILY": family,
                "ECS_TASK_TEMPLATE": template,
                "ECS_CONTAINER": delivery.container_name,
                **{name: str(value) for name, value in delivery.times.items()},
                **({SERVICE_URL: service.url} if service.url else {}),
            },
        )
        pipeline.rulesets(self, delivery)
        TerraformOutput(self, "cluster_name", value=cluster.name)
        TerraformOutput(self, "service_name", value=service.name)
        TerraformOutput(self, "deploy_role_arn", value=job_roles.deploy.arn)
        if job_roles.build:
            TerraformOutput(self, "build_role_arn", value=job_roles.build.arn)

    def _registry(self, delivery: Delivery, promoted_to: Sequence[Delivery]) -> str:
        """Create the registry, or name that of the environment whose images it deploys."""
        settings = delivery.registry
        if not delivery.builds:
            return delivery.image_repository
        registry = Registry(
            self,
            "registry",
            name=delivery.image_repository,
            # What others promote by its tag is to be what was tagged.
            immutable=delivery.tags_can_stay
            and (settings.tags == "immutable" or bool(promoted_to)),
            encryption=settings.encryption,
            scan=settings.scan,
            lifecycle=lifecycle_policy(
                {
                    each.name: each.upstream.name if each.upstream else None
                    for each in (delivery, *promoted_to)
                },
                keep_images=settings.keep_images,
                keep_deployed=settings.keep_deployed,
                expire_untagged_days=settings.expire_untagged_days,
            ),
            protect=settings.protect,
            access=access_from_other_accounts(_readers(delivery, promoted_to)),
        )
        TerraformOutput(self, "repository_url", value=registry.url)
        return registry.name

    def _cluster(self, delivery: Delivery) -> Cluster | ExistingCluster:
        name = delivery.cluster_name
        if delivery.environment.cluster.existing:
            return ExistingCluster(delivery.arn("ecs", f"cluster/{name}"), name)
        providers = bool(delivery.environment.capacity.providers)
        return Cluster(self, "cluster", name=name, providers=providers)

    def _task_roles(self, delivery: Delivery) -> tuple[Role | ExistingRole, Role]:
        """Create the roles of the task: the one that ECS starts it with, and the application's."""
        account, partition = delivery.account, delivery.partition
        by_tasks = task_trust(partition=partition, region=delivery.region, account_id=account.id)
        secrets = list(delivery.container.secrets.values())
        execution_role: Role | ExistingRole
        if delivery.task.existing_execution_role:
            execution_role = ExistingRole(delivery.execution_role_arn)
        else:
            managed = "policy/service-role/AmazonECSTaskExecutionRolePolicy"
            execution_role = Role(
                self,
                "execution_role",
                name=delivery.execution_role,
                description=f"Starts the tasks of {delivery.name}: image, logs, secrets",
                trust=by_tasks,
                managed_policies=[
                    f"arn:{partition}:iam::aws:{managed}",
                    *delivery.task.execution_role_policies,
                ],
                permissions=read_secrets(secrets) if secrets else None,
                **of_account(delivery.account),
            )
        task_role = Role(
            self,
            "task_role",
            name=delivery.task_role,
            description=f"What the application {delivery.name} may do in AWS",
            trust=by_tasks,
            managed_policies=delivery.task.task_role_policies,
            permissions=exec_channels() if delivery.environment.exec else None,
            **of_account(delivery.account),
        )
        return execution_role, task_role

    def _task_definitions(
        self, delivery: Delivery, execution_role: Role | ExistingRole, task_role: Role
    ) -> tuple[str, str]:
        """Create the family that runs, with the placeholder, and the template.

        Returns:
            The names of both.
        """
        settings = delivery.task
        logs = LogGroup(
            self,
            "logs",
            name=delivery.log_group,
            retention_days=delivery.environment.logs.retention_days,
            kms_key=delivery.environment.logs.kms_key,
        )
        where = {
            "name": delivery.container_name,
            "log_group": logs.name,
            "region": delivery.region,
        }
        size: dict[str, Any] = {
            "cpu": settings.cpu,
            "memory": settings.memory,
            "architecture": settings.architecture,
        }
        template = TaskDefinition(
            self,
            "template",
            family=delivery.template_family,
            ephemeral_storage=settings.ephemeral_storage,
            execution_role_arn=execution_role.arn,
            task_role_arn=task_role.arn,
            container=container_definition(
                delivery.container, init_process=delivery.environment.exec, **where
            ),
            **size,
        )
        if settings.family:
            return settings.family, template.family
        running = TaskDefinition(
            self,
            "task",
            family=delivery.task_family,
            execution_role_arn=execution_role.arn,
            # ECS Exec takes a task's own role, and a service that allows it no task without one.
            task_role_arn=task_role.arn if delivery.environment.exec else None,
            container=placeholder(
                delivery.container,
                status=delivery.environment.target_group.health_check.matcher[:3],
                **where,
            ),
            runs=True,
            **(size if "image" in delivery.container.model_fields_set else SIZE),
        )
        return running.family, template.family


def _readers(owner: Delivery, promoted_to: Sequence[Delivery]) -> dict[str, list[str]]:
    """Return the roles of other accounts that deploy the owner's images, by their kind."""
    readers: dict[str, list[str]] = {}
    for other in promoted_to:
        if other.account.id != owner.account.id:
            readers.setdefault("execution_role", []).append(other.execution_role_arn)
            readers.setdefault("deploy_role", []).append(other.role_arn(other.deploy_role))
            if other.has_build_role:
                readers.setdefault("build_role", []).append(other.role_arn(other.build_role))
    return readers


def _registry_elsewhere(delivery: Delivery) -> dict[str, str]:
    """Return where the images are, for an environment whose own account does not hold them."""
    if not delivery.crosses_registries:
        return {}
    return {"ECR_ACCOUNT_ID": delivery.root.account.id, "ECR_REGION": delivery.root.region}
