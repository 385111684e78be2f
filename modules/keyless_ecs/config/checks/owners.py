"""Who owns what: two stacks that own one thing would undo each other's work at every apply."""

from collections.abc import Iterator

from keyless_ecs.config.account import Account
from keyless_ecs.config.checks.rule import Contradiction, Whole, at, known, of_delivery, of_file
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.file import account_stack
from keyless_ecs.config.reach import COLOURS, Reach, account_balancer

IMAGES = "ECR repository"


@of_file
def owned_twice(whole: Whole) -> Iterator[Contradiction]:
    """One thing is in one stack's state."""
    owners: dict[tuple[str, ...], str] = {
        ("stack", account_stack(key)): f"accounts.{key}" for key in whole.file.accounts
    }
    for key, account in whole.file.accounts.items():
        for thing in known(_of_account, key, account):
            owners.setdefault(thing, f"accounts.{key}")
    for delivery in whole.deliveries:
        me = f"{delivery.service_key}.{delivery.environment_key}"
        mends = set()
        for thing, mend in known(_owned, delivery):
            first = owners.setdefault(_folded(thing), me)
            if thing[0] == IMAGES and first.split(".")[0] != delivery.service_key:
                mend = _of_another_service(delivery, first)
            # One mend serves an environment and its companion.
            if first != me and (first, mend) not in mends:
                mends.add((first, mend))
                kind, name = thing[:2]
                yield at(delivery), f"{first} owns the {kind} {name} already; {mend}"


def _of_another_service(delivery: Delivery, owner: str) -> str:
    """Return what to do where two services would build into one ECR repository.

    ``registry.from`` is for environments of one service: two services of one image would be sent
    from it to ``registry.name`` and back.
    """
    service, environment = owner.split(".")
    one_image = environment == delivery.environment_key
    return (
        f"{f'run its image with image_of: {service} in the service, or ' if one_image else ''}"
        "give each its own with registry: {name: …}"
    )


@of_delivery
def roles_of_one_name(delivery: Delivery) -> Iterator[Contradiction]:
    """Each role has a name of its own in the account, whatever the case of its letters."""
    seen: dict[str, str] = {}
    for kind, role, setting in owned_roles(delivery):
        first = seen.setdefault(role.lower(), kind)
        if first != kind:
            yield (
                at(delivery),
                f"its {first} and its {kind} would both be called {role}, and IAM tells no cases "
                f"apart; give one another name with {setting}",
            )


def _folded(thing: tuple[str, ...]) -> tuple[str, ...]:
    """Return *thing* as its service tells it from others: IAM folds the case of names.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    kind, name, *home = thing
    return (kind, name.lower(), *home) if kind == "role" else thing


def owned_roles(delivery: Delivery) -> Iterator[tuple[str, str, str]]:
    """Yield the roles that the environment owns: kind, name and the setting of the name."""
    if not delivery.task.existing_execution_role:
        yield "execution_role", delivery.execution_role, "task: {execution_role_name: …}"
    yield "task_role", delivery.task_role, "task: {task_role_name: …}"
    yield "deploy_role", delivery.deploy_role, "trust: {role_name: …}"
    if delivery.reach:
        yield "infrastructure_role", delivery.infrastructure_role, "another key of its environment"
    if delivery.has_build_role:
        yield "build_role", delivery.build_role, "trust: {build_role_name: …}"


def _owned(delivery: Delivery) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what the environment owns, and what to do where another does already."""
    account, region = delivery.account.id, delivery.region
    yield from [
        (("stack", delivery.stack), "rename the service or the environment"),
        *(
            (
                home,
                "give one of them another, as "
                f"github: {{name: {delivery.service_key}-{delivery.environment_key}}}",
            )
            for home in _github_homes(delivery)
        ),
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
        (
            ("task definition family", delivery.task_family, account, region),
            "give each its own with task: {family: …} in the environment",
        ),
        (
            ("task definition family", delivery.template_family, account, region),
            "rename the service or the environment",
        ),
    ]
    if delivery.reach:
        yield from _of_balancer(delivery, delivery.reach)
    if not delivery.environment.cluster.existing:
        yield (
            ("ECS cluster", delivery.cluster_name, account, region),
            f"share it with cluster: {{existing: {delivery.cluster_name}}}, "
            "or give each its own with cluster: {name: …}",
        )
    if delivery.builds:
        yield (
            (IMAGES, delivery.image_repository, account, region),
            "share it with registry: {from: <the other environment>}, "
            "or give each its own with registry: {name: …}",
        )


def _of_account(key: str, account: Account) -> Iterator[tuple[str, ...]]:
    if account.load_balancer:
        yield "load balancer", account_balancer(key), account.id, account.region


def _of_balancer(delivery: Delivery, reach: Reach) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what stands in front of the tasks. A name has one record, whoever answers to it."""
    place = delivery.account.id, delivery.region
    rename = "rename the service or the environment"
    yield ("security group", delivery.name, *place), rename
    if reach.is_own:
        yield ("load balancer", reach.balancer_name, *place), rename
        yield ("security group", reach.security_group_name, *place), rename
    for colour in COLOURS:
        yield ("target group", reach.target_group_name(colour), *place), rename
    for name, _ in reach.records:
        yield ("DNS record", name), "leave it to one of them: domain: {zone: none} in the other"


def _github_homes(delivery: Delivery) -> Iterator[tuple[str, ...]]:
    """Yield what holds the delivery's variables. GitHub folds the case of both names."""
    if delivery.by_ref:
        return  # the repository holds them, of one environment: ref_beside_others
    repository = delivery.service.repository.lower()
    yield ("GitHub environment", f"{repository}:{delivery.github_environment.lower()}")
    if delivery.has_build_role:
        yield ("GitHub environment", f"{repository}:{delivery.build_environment.lower()}")


@of_file
def spelled_in_one_way(whole: Whole) -> Iterator[Contradiction]:
    """GitHub folds the case of a repository's name, so that two spellings are one repository.

    Its tokens carry one of them, and a role that names the other lets no job in.
    """
    spellings: dict[str, dict[str, str]] = {}
    for key in whole.file.services:
        for repository in known(_repository, whole, key):
            spellings.setdefault(repository.lower(), {})[key] = repository
    for services in spellings.values():
        names = sorted(set(services.values()))
        for key, repository in services.items():
            others = [name for name in names if name != repository]
            if others:
                yield (
                    ("services", key, "repository"),
                    f"{repository} and {', '.join(others)} are one repository to GitHub; "
                    "spell it everywhere as GitHub does",
                )


def _repository(whole: Whole, key: str) -> Iterator[str]:
    yield whole.file.services[key].repository


def _shared_role(kind: str) -> str:
    if kind != "execution_role":
        return ""
    return "share it with task: {existing_execution_role: <its name>}, or "
