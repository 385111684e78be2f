"""Each thing that was found, with the stack that would change it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from keyless_ecs.adoption import cluster, oidc_provider, role, service, task_definition
from keyless_ecs.adoption.difference import Difference
from keyless_ecs.adoption.found import Found
from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.config.file import account_stack
from keyless_ecs.plans import StackJson


@dataclass(frozen=True)
class Compared:
    """A thing that there is, the stack that describes it, and what would change of it."""

    stack: str
    thing: str
    when: str
    differences: tuple[Difference, ...]


FIRST_APPLY, NEXT_PUSH = "the first apply", "the next push"


def compared(
    found: Found, file: DeliveryFile, stacks: Mapping[str, StackJson]
) -> Iterator[Compared]:
    """Yield what there is of what *stacks* describe, as far as it was *found*."""
    for key, account in file.accounts.items():
        if account_stack(key) in stacks:
            for it in found.providers:
                if oidc_provider.is_of(it, file.github):
                    changed = tuple(oidc_provider.differences(it, key, account, file.github))
                    yield Compared(account_stack(key), "OIDC provider", FIRST_APPLY, changed)
    for delivery in file.deliveries():
        if delivery.stack in stacks:
            yield from _of_delivery(found, delivery, stacks[delivery.stack])


def _of_delivery(found: Found, delivery: Delivery, stack: StackJson) -> Iterator[Compared]:
    for it in found.clusters:
        if cluster.is_of(it, delivery):
            changed = tuple(cluster.differences(it, delivery))
            yield Compared(delivery.stack, f"cluster {delivery.cluster_name}", FIRST_APPLY, changed)
    running = None
    for it in found.services:
        if service.is_of(it, delivery):
            running = it.get("taskDefinition")
            changed = tuple(service.differences(it, delivery))
            name = f"service {it['serviceName']}"
            yield Compared(delivery.stack, name, FIRST_APPLY, changed)
    for it in found.task_definitions:
        if task_definition.is_of(it, delivery, running):
            changed = tuple(task_definition.differences(it, delivery))
            name = f"task definition {it['family']}:{it.get('revision', '?')}"
            yield Compared(delivery.stack, name, NEXT_PUSH, changed)
    for it in found.roles:
        if kind := role.kind_of(it, delivery):
            changed = tuple(role.differences(it, kind, delivery, stack))
            yield Compared(delivery.stack, f"role {it['RoleName']}", FIRST_APPLY, changed)
