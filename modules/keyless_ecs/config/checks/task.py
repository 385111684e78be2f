"""The task: its size, and the roles it runs with."""

from collections.abc import Iterator

from keyless_ecs.config.checks.owners import owned_roles
from keyless_ecs.config.checks.rule import (
    Contradiction,
    at,
    of_delivery,
    warning,
    where_set,
)
from keyless_ecs.config.delivery import Delivery


@of_delivery
def task_size(delivery: Delivery) -> Iterator[Contradiction]:
    """Fargate offers certain sizes of memory with each size of CPU."""
    if message := delivery.task.memory_problem():
        yield where_set(delivery, "task", "memory"), message


@of_delivery
def existing_execution_role(delivery: Delivery) -> Iterator[Contradiction]:
    """Nothing is set on a role that others own."""
    existing = delivery.task.existing_execution_role
    if existing:
        for key in ("execution_role_name", "execution_role_policies"):
            if getattr(delivery.task, key):
                yield (
                    where_set(delivery, "task", key),
                    f"others own the execution role {existing}, so this would do nothing; "
                    "leave it or existing_execution_role out",
                )


@of_delivery
def role_names(delivery: Delivery) -> Iterator[Contradiction]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
    longest = max((name for _, name, _ in owned_roles(delivery)), key=len)
    if len(longest) > 64:
        yield (
            at(delivery),
            f"the role {longest} would have {len(longest)} characters and IAM takes 64; "
            "shorten the name of the service or of the environment",
        )


@warning
def rights_of_an_existing_execution_role(delivery: Delivery) -> Iterator[Contradiction]:
    """Terraform does not see what the owner of an existing role gave it."""
    if role := delivery.task.existing_execution_role:
        needs = [f"AmazonECSTaskExecutionRolePolicy{' and' if delivery.container.secrets else ''}"]
        needs += ["the container's secrets"] if delivery.container.secrets else []
        yield (
            where_set(delivery, "task", "existing_execution_role"),
            f"its owner must give {role} what starts these tasks: {' '.join(needs)}",
        )


@warning
def capacity_of_an_existing_cluster(delivery: Delivery) -> Iterator[Contradiction]:
    """Terraform does not see which capacity providers an existing cluster has."""
    if delivery.environment.cluster.existing and delivery.environment.capacity.providers:
        yield (
            where_set(delivery, "cluster", "existing"),
            "its owner must attach the capacity provider that this service uses",
        )
