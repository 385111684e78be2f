"""The article's console steps, done with boto3: so was made what a delivery file adopts."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from keyless_ecs.config import Delivery
from keyless_ecs.config.adopt import KINDS, VARIABLE
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.github.store import GitHub, Protection

ECS_TASKS = {"Service": "ecs-tasks.amazonaws.com"}


def make(aws: LocalAws, github: GitHub, deliveries: Sequence[Delivery]) -> None:
    """Make what *deliveries* adopt, and the clusters and roles that they take as existing.

    Not those that another of them owns: Terraform makes these.
    """
    owned = {_place(d, kind) for d in deliveries for kind in KINDS if kind not in d.not_owned}
    made = set()
    for delivery in deliveries:
        existing = [kind for kind in _existing(delivery) if _place(delivery, kind) not in owned]
        # In this order: a service needs a cluster and roles, a variable its environment.
        for kind in _MAKERS:
            wanted = kind in existing or kind in delivery.adopted
            if wanted and _place(delivery, kind) not in made:
                made.add(_place(delivery, kind))
                _MAKERS[kind](aws, delivery)
        repository = f"{delivery.github.owner}/{delivery.service.repository}"
        environment = None if delivery.by_ref else delivery.github_environment
        if "github_environment" in delivery.adopted:
            github.put_environment(repository, delivery.github_environment, _UNPROTECTED)
        for thing in delivery.adopted:
            if thing.startswith(VARIABLE):
                name = thing.removeprefix(VARIABLE)
                github.create_variable(repository, environment, name, "made by hand")


def _existing(delivery: Delivery) -> Iterator[str]:
    if delivery.environment.cluster.existing:
        yield "cluster"
    if delivery.task.existing_execution_role:
        yield "execution_role"


def _place(delivery: Delivery, kind: str) -> tuple[str, ...]:
    """Return what tells a thing from all others: kind, account, region and name."""
    names = {
        "cluster": delivery.cluster_name,
        "execution_role": delivery.task.existing_execution_role or delivery.execution_role,
    }
    return (kind, delivery.account.id, delivery.region, names.get(kind, delivery.name))


def _client(aws: LocalAws, service: str, delivery: Delivery) -> Any:
    return aws.client(service, delivery.account.id, delivery.region)


def _registry(aws: LocalAws, delivery: Delivery) -> None:
    _client(aws, "ecr", delivery).create_repository(repositoryName=delivery.image_repository)


def _cluster(aws: LocalAws, delivery: Delivery) -> None:
    # moto knows no UpdateClusterSettings, so that this one has Container Insights already.
    _client(aws, "ecs", delivery).create_cluster(
        clusterName=delivery.cluster_name,
        settings=[{"name": "containerInsights", "value": "enabled"}],
    )


def _log_group(aws: LocalAws, delivery: Delivery) -> None:
    _client(aws, "logs", delivery).create_log_group(logGroupName=delivery.log_group)


def _execution_role(aws: LocalAws, delivery: Delivery) -> None:
    name = delivery.task.existing_execution_role or delivery.execution_role
    _role(aws, delivery, name, ECS_TASKS, "sts:AssumeRole")
    _client(aws, "iam", delivery).attach_role_policy(
        RoleName=name,
        PolicyArn=f"arn:{delivery.partition}:iam::aws:policy/service-role/"
        "AmazonECSTaskExecutionRolePolicy",
    )


def _task_role(aws: LocalAws, delivery: Delivery) -> None:
    _role(aws, delivery, delivery.task_role, ECS_TASKS, "sts:AssumeRole")


def _deploy_role(aws: LocalAws, delivery: Delivery) -> None:
    name, provider = delivery.deploy_role, {"Federated": delivery.oidc_provider_arn}
    _role(aws, delivery, name, provider, "sts:AssumeRoleWithWebIdentity")
    _client(aws, "iam", delivery).attach_role_policy(
        RoleName=name,
        PolicyArn=f"arn:{delivery.partition}:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser",
    )


def _role(
    aws: LocalAws, delivery: Delivery, name: str, principal: Mapping[str, str], action: str
) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    _client(aws, "iam", delivery).create_role(
        RoleName=name,
        Path=delivery.account.role_path,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _service(aws: LocalAws, delivery: Delivery) -> None:
    ecs, ec2 = _client(aws, "ecs", delivery), _client(aws, "ec2", delivery)
    port = delivery.container.port
    ecs.register_task_definition(
        family=delivery.task_family,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        executionRoleArn=delivery.execution_role_arn,
        taskRoleArn=delivery.role_arn(delivery.task_role),
        containerDefinitions=[
            {
                "name": delivery.container_name,
                "image": "public.ecr.aws/nginx/nginx:stable",
                "portMappings": [{"containerPort": port}] if port else [],
            }
        ],
    )
    subnets = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])
    groups = ec2.describe_security_groups(GroupNames=["default"])
    ecs.create_service(
        cluster=delivery.cluster_name,
        serviceName=delivery.service_name,
        taskDefinition=delivery.task_family,
        desiredCount=1,
        launchType="FARGATE",
        propagateTags="SERVICE",
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": [subnet["SubnetId"] for subnet in subnets["Subnets"]],
                "securityGroups": [groups["SecurityGroups"][0]["GroupId"]],
                "assignPublicIp": "ENABLED",
            }
        },
    )


_MAKERS: Mapping[str, Callable[[LocalAws, Delivery], None]] = {
    "registry": _registry,
    "cluster": _cluster,
    "log_group": _log_group,
    "execution_role": _execution_role,
    "task_role": _task_role,
    "deploy_role": _deploy_role,
    "service": _service,
}
_UNPROTECTED = Protection(
    wait_timer=0,
    users=[],
    teams=[],
    prevent_self_review=False,
    can_admins_bypass=True,
    deployment_branch_policy=None,
)
"""What GitHub gives a new environment."""
