"""Who owns what: two stacks that own one thing would undo each other's work at every apply."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import Contradiction, Whole, at, known, of_file
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.file import account_stack


@of_file
def owned_twice(whole: Whole) -> Iterator[Contradiction]:
    """One thing is in one stack's state."""
    owners: dict[tuple[str, ...], str] = {
        ("stack", account_stack(key)): f"accounts.{key}" for key in whole.file.accounts
    }
    for delivery in whole.deliveries:
        me = f"{delivery.service_key}.{delivery.environment_key}"
        for thing, mend in known(_owned, delivery):
            first = owners.setdefault(thing, me)
            if first != me:
                kind, name = thing[:2]
                yield at(delivery), f"{first} owns the {kind} {name} already; {mend}"


def owned_roles(delivery: Delivery) -> Iterator[tuple[str, str, str]]:
    """Yield the roles that the environment owns: kind, name and the setting of the name."""
    if not delivery.task.existing_execution_role:
        yield "execution_role", delivery.execution_role, "task: {execution_role_name: …}"
    yield "task_role", delivery.task_role, "task: {task_role_name: …}"
    yield "deploy_role", delivery.deploy_role, "trust: {role_name: …}"


def _owned(delivery: Delivery) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what the environment owns, and what to do where another does already."""
    account, region = delivery.account.id, delivery.region
    yield from [
        (("stack", delivery.name), "rename the service or the environment"),
        (_github_home(delivery), "give one of them another with github: {name: …}"),
        *(
            (("role", role, account), f"{_shared_role(kind)}give each its own with {setting}")
            for kind, role, setting in owned_roles(delivery)
        ),
        (
            ("ECS service", delivery.service_name, delivery.cluster_name, account, region),
            "give each its own with service_name",
        ),
        (
            ("log group", delivery.log_group, account, region),
            "give each its own with logs: {name: …}",
        ),
    ]
    if not delivery.environment.cluster.existing:
        yield (
            ("ECS cluster", delivery.cluster_name, account, region),
            f"share it with cluster: {{existing: {delivery.cluster_name}}}, "
            "or give each its own with cluster: {name: …}",
        )
    if delivery.registry.shared_from is None:
        yield (
            ("ECR repository", delivery.image_repository, account, region),
            "share it with registry: {from: <the other environment>}, "
            "or give each its own with registry: {name: …}",
        )


def _github_home(delivery: Delivery) -> tuple[str, ...]:
    """Return what holds the delivery's variables. GitHub folds the case of both names."""
    repository = delivery.service.repository.lower()
    if delivery.by_ref:
        return ("variables of the repository", repository)
    return ("GitHub environment", f"{repository}:{delivery.github_environment.lower()}")


def _shared_role(kind: str) -> str:
    if kind != "execution_role":
        return ""
    return "share it with task: {existing_execution_role: <its name>}, or "
