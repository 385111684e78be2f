"""One environment of one service, from the image registry to the GitHub environment."""

from collections.abc import Sequence
from typing import Any, Literal

from cdktf import Fn, TerraformOutput
from cdktf_cdktf_provider_github.data_github_repository import DataGithubRepository
from cdktf_cdktf_provider_github.data_github_user import DataGithubUser
from cdktf_cdktf_provider_github.provider import GithubProvider
from constructs import Construct

from keyless_ecs.aws.cluster import Cluster, ExistingCluster
from keyless_ecs.aws.log_group import LogGroup
from keyless_ecs.aws.network import Network
from keyless_ecs.aws.registry import Registry, pull_from_other_accounts
from keyless_ecs.aws.role import ExistingRole, Role
from keyless_ecs.aws.service import Service
from keyless_ecs.aws.task_definition import TaskDefinition, container_definition
from keyless_ecs.aws.task_roles import exec_channels, read_secrets, task_trust
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.providers import Providers
from keyless_ecs.config.state import State
from keyless_ecs.github.environment import GitHubEnvironment
from keyless_ecs.github.repository import GitHubRepository
from keyless_ecs.stacks.stack import Stack
from keyless_ecs.terraform import literal
from keyless_ecs.trust.deploy_role import deploy_role_of
from keyless_ecs.trust.permissions import permissions_of
from keyless_ecs.trust.policy import trust_policy

_CAPACITY_PROVIDERS: dict[str, Literal["FARGATE", "FARGATE_SPOT"] | None] = {
    "fargate": None,
    "fargate_provider": "FARGATE",
    "fargate_spot": "FARGATE_SPOT",
}


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
        execution_role, task_role, deploying_role = self._roles(delivery)
        cluster = self._cluster(delivery)
        task = self._task(delivery, execution_role, task_role)
        service = self._service(delivery, cluster, task, execution_role)

        self._github(
            delivery,
            {
                "AWS_ACCOUNT_ID": delivery.account.id,
                "AWS_REGION": delivery.region,
                "ECR_REPOSITORY": image_repository,
                "AWS_IAM_ROLE_ARN": deploying_role.arn,
                "ECS_CLUSTER": cluster.name,
                "ECS_SERVICE": service.name,
                "ECS_TASK_FAMILY": task.family,
                "ECS_CONTAINER": delivery.container_name,
                **_registry_elsewhere(delivery),
            },
        )
        TerraformOutput(self, "cluster_name", value=cluster.name)
        TerraformOutput(self, "service_name", value=service.name)
        TerraformOutput(self, "deploy_role_arn", value=deploying_role.arn)

    def _registry(self, delivery: Delivery, promoted_to: Sequence[Delivery]) -> str:
        """Create the registry, or name that of the environment whose images it deploys."""
        settings = delivery.registry
        if not delivery.builds:
            return delivery.image_repository
        registry = Registry(
            self,
            "registry",
            name=delivery.image_repository,
            immutable=settings.tags == "immutable",
            encryption=settings.encryption,
            scan=settings.scan,
            keep_images=settings.keep_images,
            expire_untagged_days=settings.expire_untagged_days,
            protect=settings.protect,
            pull=pull_from_other_accounts(_pullers(delivery, promoted_to)),
        )
        TerraformOutput(self, "repository_url", value=registry.url)
        return registry.name

    def _cluster(self, delivery: Delivery) -> Cluster | ExistingCluster:
        name = delivery.cluster_name
        if delivery.environment.cluster.existing:
            return ExistingCluster(delivery.arn("ecs", f"cluster/{name}"), name)
        providers = delivery.environment.capacity != "fargate"
        return Cluster(self, "cluster", name=name, providers=providers)

    def _roles(self, delivery: Delivery) -> tuple[Role | ExistingRole, Role, Role]:
        account, partition = delivery.account, delivery.partition
        common: dict[str, Any] = {
            "path": account.role_path,
            "permissions_boundary": account.permissions_boundary,
        }
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
                **common,
            )
        task_role = Role(
            self,
            "task_role",
            name=delivery.task_role,
            description=f"What the application {delivery.name} may do in AWS",
            trust=by_tasks,
            managed_policies=delivery.task.task_role_policies,
            permissions=exec_channels() if delivery.environment.exec else None,
            **common,
        )
        deploying_role = Role(
            self,
            "deploy_role",
            name=delivery.deploy_role,
            description=f"Delivers {delivery.name} from GitHub Actions",
            trust=trust_policy(
                deploy_role_of(
                    delivery,
                    owner_id=lambda: self._look_up_owner(delivery),
                    repository_id=lambda: self._look_up_repository(delivery),
                )
            ),
            permissions=permissions_of(delivery),
            max_session_hours=delivery.environment.trust.session_hours,
            # A new role has no other policies; one made by hand is likely to.
            exclusive="deploy_role" in delivery.adopted,
            **common,
        )
        return execution_role, task_role, deploying_role

    def _look_up_owner(self, delivery: Delivery) -> str:
        return DataGithubUser(self, "owner", username=delivery.github.owner).id

    def _look_up_repository(self, delivery: Delivery) -> str:
        full_name = f"{delivery.github.owner}/{delivery.service.repository}"
        repository = DataGithubRepository(self, "repository", full_name=full_name)
        # A condition's value is text; as a number it would differ from what IAM gives back.
        return Fn.tostring(repository.repo_id)

    def _task(
        self, delivery: Delivery, execution_role: Role | ExistingRole, task_role: Role
    ) -> TaskDefinition:
        settings = delivery.task
        logs = LogGroup(
            self,
            "logs",
            name=delivery.log_group,
            retention_days=delivery.environment.logs.retention_days,
            kms_key=delivery.environment.logs.kms_key,
        )
        return TaskDefinition(
            self,
            "task",
            family=delivery.name,
            cpu=settings.cpu,
            memory=settings.memory,
            architecture=settings.architecture,
            ephemeral_storage=settings.ephemeral_storage,
            execution_role_arn=execution_role.arn,
            task_role_arn=task_role.arn,
            container=container_definition(
                delivery.container,
                name=delivery.container_name,
                log_group=logs.name,
                region=delivery.region,
                init_process=delivery.environment.exec,
            ),
        )

    def _service(
        self,
        delivery: Delivery,
        cluster: Cluster | ExistingCluster,
        task: TaskDefinition,
        execution_role: Role | ExistingRole,
    ) -> Service:
        settings = delivery.environment
        network = Network(
            self,
            "network",
            name=delivery.name,
            subnets=settings.network.subnets,
            security_groups=settings.network.security_groups,
            port=delivery.container.port,
            ingress=settings.network.ingress,
        )
        return Service(
            self,
            "service",
            name=delivery.service_name,
            cluster_arn=cluster.arn,
            task_definition_arn=task.arn,
            count=settings.count,
            subnets=network.subnets,
            security_groups=network.security_groups,
            public_ip=settings.network.assign_public_ip,
            minimum_healthy_percent=settings.deployment.minimum_healthy_percent,
            maximum_percent=settings.deployment.maximum_percent,
            provider=_CAPACITY_PROVIDERS[settings.capacity],
            exec_allowed=settings.exec,
            depends_on=[*execution_role.ready, *cluster.ready],
        )

    def _github(self, delivery: Delivery, built_in: dict[str, str]) -> None:
        settings = delivery.environment.github
        secret_values: dict[str, str] = {name: built_in.pop(name) for name in settings.as_secrets}
        # GitHub keeps names in upper case; in another every plan would show a change.
        own = {name.upper(): literal(value) for name, value in settings.variables.items()}
        sealed = {name.upper(): secret.sealed for name, secret in settings.secrets.items()}
        if delivery.by_ref:
            GitHubRepository(
                self,
                "repository_settings",
                repository=delivery.service.repository,
                variables={**built_in, **own},
                secret_values=secret_values,
                secrets=list(sealed),
            )
            return
        GitHubEnvironment(
            self,
            "environment",
            repository=delivery.service.repository,
            name=delivery.github_environment,
            branches=delivery.deploy_from.branch_patterns,
            tags=delivery.deploy_from.tags,
            variables={**built_in, **own},
            secret_values=secret_values,
            sealed_secrets=sealed,
            users=settings.reviewers.users,
            teams=settings.reviewers.teams,
            wait_minutes=settings.wait_minutes,
            prevent_self_review=settings.prevent_self_review,
            # In a private repository below Enterprise they always may, and GitHub says so in
            # every plan.
            admins_bypass=settings.admins_bypass or delivery.admins_always_bypass,
        )


def _pullers(owner: Delivery, promoted_to: Sequence[Delivery]) -> dict[str, list[str]]:
    """Return the roles of other accounts that read the owner's images, by the account's root."""
    pullers: dict[str, list[str]] = {}
    for other in promoted_to:
        if other.account.id != owner.account.id:
            root = f"arn:{other.partition}:iam::{other.account.id}:root"
            roles = [other.execution_role_arn, other.role_arn(other.deploy_role)]
            pullers.setdefault(root, []).extend(roles)
    return pullers


def _registry_elsewhere(delivery: Delivery) -> dict[str, str]:
    """Return where the images are, for an environment whose own account does not hold them."""
    if not delivery.crosses_registries:
        return {}
    return {"ECR_ACCOUNT_ID": delivery.root.account.id, "ECR_REGION": delivery.root.region}
