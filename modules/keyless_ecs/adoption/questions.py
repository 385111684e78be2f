"""The commands that show what there is, for each stack that adopts something of it."""

import shlex
from collections.abc import Iterator, Sequence, Set

from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.config.file import account_stack


def commands(file: DeliveryFile, stacks: Set[str], program: Sequence[str]) -> list[str]:
    """Return shell commands that write what the adopted things of *stacks* are, and compare it.

    Args:
        file: The delivery file.
        stacks: The stacks that are looked at.
        program: The words that start this program.
    """
    asked = [*_of_accounts(file, stacks)]
    for delivery in file.deliveries():
        if delivery.stack in stacks:
            asked += _of_delivery(delivery)
    if not asked:
        return []
    lines = [f"{command} > {path}" for path, command in asked]
    compare = shlex.join([*program, "adopt", "--from", *(path for path, _ in asked)])
    return [*lines, compare]


def _of_accounts(file: DeliveryFile, stacks: Set[str]) -> Iterator[tuple[str, str]]:
    for key, account in file.accounts.items():
        if account.oidc_provider == "adopt" and account_stack(key) in stacks:
            arn = account.oidc_provider_arn(file.github.provider)
            yield (
                f"{account_stack(key)}.provider.json",
                f"aws iam get-open-id-connect-provider --open-id-connect-provider-arn {arn}",
            )


def _of_delivery(delivery: Delivery) -> Iterator[tuple[str, str]]:
    if "cluster" in delivery.adopted:
        yield (
            f"{delivery.stack}.cluster.json",
            f"aws ecs describe-clusters --region {delivery.region} "
            f"--clusters {delivery.cluster_name} --include SETTINGS TAGS",
        )
    if "service" in delivery.adopted:
        described = (
            f"aws ecs describe-services --region {delivery.region} "
            f"--cluster {delivery.cluster_name} --services {delivery.service_name}"
        )
        running = f"{described} --query 'services[0].taskDefinition' --output text"
        yield f"{delivery.stack}.service.json", f"{described} --include TAGS"
        yield (
            f"{delivery.stack}.task.json",
            f"aws ecs describe-task-definition --region {delivery.region} "
            f'--include TAGS --task-definition "$({running})"',
        )
    for kind, name in (
        ("execution_role", delivery.execution_role),
        ("task_role", delivery.task_role),
        ("deploy_role", delivery.deploy_role),
    ):
        if kind in delivery.adopted:
            yield f"{delivery.stack}.{kind}.json", f"aws iam get-role --role-name {name}"
