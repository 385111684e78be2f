"""What no single setting shows: rules that hold between parts of the delivery file."""

from collections.abc import Iterator, Mapping
from typing import Any

from keyless_ecs.config.adopt import ALL, VARIABLE
from keyless_ecs.config.adoptable import ADOPTABLE
from keyless_ecs.config.aws import partition_of
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.file import DeliveryFile, account_stack
from keyless_ecs.config.problems import Location
from keyless_ecs.config.state import placed
from keyless_ecs.config.text import did_you_mean

Finding = tuple[Location, str]


def findings(file: DeliveryFile, data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield where *file* contradicts itself or what AWS and GitHub allow.

    *data* is the file as it was read: its keys tell an unknown account from one that was left out
    because of a problem of its own.
    """
    deliveries = list(file.deliveries())
    yield from _accounts(file, data)
    yield from _workspaces(file)
    for delivery in deliveries:
        yield from _task(delivery)
        yield from _roles(delivery)
        yield from _registry(delivery)
        yield from _container(delivery)
        yield from _names_in_github(delivery)
        yield from _trust(delivery)
        yield from _adopt(delivery)
    yield from _owned_twice(file, deliveries)
    yield from _ref_beside_others(deliveries)


def _at(delivery: Delivery, *keys: str | int) -> Location:
    return ("services", delivery.service_key, "environments", delivery.environment_key, *keys)


def _where_set(delivery: Delivery, part: str, key: str) -> Location:
    """Return where *key* of *part* was set: in the environment, else in the service."""
    override = getattr(delivery.environment, part)
    if override is not None and key in override.model_fields_set:
        return _at(delivery, part, key)
    return ("services", delivery.service_key, part, key)


def _accounts(file: DeliveryFile, data: Mapping[str, Any]) -> Iterator[Finding]:
    for service_key, service in file.services.items():
        for key, environment in service.environments.items():
            here: Location = ("services", service_key, "environments", key)
            if environment.account not in data["accounts"]:
                mend = did_you_mean(environment.account, data["accounts"])
                yield (*here, "account"), f"{environment.account!r} is not under accounts; {mend}"
            account = file.accounts.get(environment.account)
            region = environment.region
            if account and region and partition_of(region) != account.partition:
                yield (
                    (*here, "region"),
                    f"{region} lies outside the partition {account.partition} of the account; "
                    f"use a region of that partition or another account",
                )
    for key, account in file.accounts.items():
        role_account = account.assume_role and account.assume_role.split(":")[4]
        if role_account and role_account != account.id:
            yield (
                ("accounts", key, "assume_role"),
                f"a role of {role_account}, where the provider refuses to work for {account.id}; "
                f"name a role of {account.id}",
            )
    creators: dict[str, str] = {}
    for key, account in file.accounts.items():
        first = creators.setdefault(account.id, key)
        if first != key and account.oidc_provider == "create":
            yield (
                ("accounts", key, "id"),
                f"{account.id} is accounts.{first} already, and an account has one OIDC provider "
                "per URL; use that account, or set oidc_provider: existing here",
            )


def _workspaces(file: DeliveryFile) -> Iterator[Finding]:
    """https://developer.hashicorp.com/terraform/cloud-docs/workspaces/create#workspace-naming."""
    template = file.state.workspaces
    if template is None:
        return
    longest = max(file.stack_names(), key=len)
    if len(placed(template, longest)) > 90:
        yield (
            ("state", "cloud" if file.state.cloud else "remote", "workspaces"),
            f"{placed(template, longest)!r} would have more than the 90 characters of a workspace; "
            "use a shorter template",
        )


def _task(delivery: Delivery) -> Iterator[Finding]:
    if message := delivery.task.memory_problem():
        location = _where_set(delivery, "task", "memory")
        yield location, message


def _roles(delivery: Delivery) -> Iterator[Finding]:
    existing = delivery.task.existing_execution_role
    if existing:
        for key in ("execution_role_name", "execution_role_policies"):
            if getattr(delivery.task, key):
                yield (
                    _where_set(delivery, "task", key),
                    f"others own the execution role {existing}, so this would do nothing; "
                    "leave it or existing_execution_role out",
                )
    longest = max((name for _, name, _ in _owned_roles(delivery)), key=len)
    if len(longest) > 64:
        yield (
            _at(delivery),
            f"the role {longest} would have {len(longest)} characters and IAM takes 64; "
            "shorten the name of the service or of the environment",
        )


def _registry(delivery: Delivery) -> Iterator[Finding]:
    source = delivery.registry.shared_from
    if source is None:
        return
    location = _where_set(delivery, "registry", "from")
    if delivery.environment.registry is None or not delivery.environment.registry.shared_from:
        yield location, "set in the service it would leave no owner; set it in an environment"
        return
    location = _at(delivery, "registry", "from")
    others = delivery.service.environments.keys() - {delivery.environment_key}
    if source not in others:
        mend = did_you_mean(source, others) if others else "there is none; leave it out"
        yield location, f"{source!r} is not another environment of this service; {mend}"
        return
    owner = delivery.service.environments[source].registry
    if owner and owner.shared_from:
        yield (
            location,
            f"{source} has no registry of its own, it shares that of {owner.shared_from}; "
            f"use {owner.shared_from}",
        )
    elif delivery.source and delivery.source.partition != delivery.partition:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-cross-account-resource-access.html
        yield (
            location,
            f"{source} is in the partition {delivery.source.partition} and this one in "
            f"{delivery.partition}: neither lets in roles of the other; leave it out",
        )


def _container(delivery: Delivery) -> Iterator[Finding]:
    if delivery.environment.network.ingress and delivery.container.port is None:
        yield (
            _at(delivery, "network", "ingress"),
            "needs a port to open; set container.port",
        )
    if delivery.environment.exec and delivery.container.read_only_root:
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
        yield (
            _at(delivery, "exec"),
            "ECS Exec writes to the container's root; leave it off or read_only_root: false",
        )


def _trust(delivery: Delivery) -> Iterator[Finding]:
    trust, settings = delivery.environment.trust, delivery.environment.github
    if delivery.github.is_enterprise_server:
        if trust.subject == "immutable":
            yield (
                _at(delivery, "trust", "subject"),
                "GitHub Enterprise Server presents no immutable subject; use legacy",
            )
        if trust.workflow:
            yield (
                _at(delivery, "trust", "workflow"),
                "AWS checks only aud and sub of GitHub Enterprise Server; leave it out",
            )
    if not delivery.by_ref:
        return
    here = _at(delivery, "trust", "by")
    unbound = settings.model_fields_set - {"variables", "secrets", "as_secrets"}
    if unbound:
        yield (
            here,
            f"no environment binds these jobs, so github.{sorted(unbound)[0]} would do nothing; "
            "leave it out or use by: environment",
        )
    if any(secret.sealed for secret in settings.secrets.values()):
        yield here, "a sealed secret is sealed for an environment; use by: environment"


def _owned_roles(delivery: Delivery) -> Iterator[tuple[str, str, str]]:
    """Yield the roles that the environment owns: kind, name and the setting of the name."""
    if not delivery.task.existing_execution_role:
        yield "execution_role", delivery.execution_role, "task: {execution_role_name: …}"
    yield "task_role", delivery.task_role, "task: {task_role_name: …}"
    yield "deploy_role", delivery.deploy_role, "trust: {role_name: …}"


def _adopt(delivery: Delivery) -> Iterator[Finding]:
    """What Terraform imports must be owned here, and its id must be known before the plan."""
    settings = delivery.environment.github
    secrets = {name.upper() for name in (*settings.as_secrets, *settings.secrets)}
    listed = delivery.environment.adopt != (ALL,)
    for position, thing in enumerate(delivery.adopted):
        here = _at(delivery, "adopt", position) if listed else _at(delivery, "adopt")
        variable = thing.removeprefix(VARIABLE) if thing.startswith(VARIABLE) else None
        if why := delivery.not_owned.get(thing):
            yield here, f"{thing!r}: {why}"
        elif variable in secrets:
            yield (
                here,
                f"{variable} is a secret, and GitHub gives no secret's value back; leave it out, "
                "the apply writes its value again",
            )
        elif variable and variable not in delivery.variables:
            mend = did_you_mean(variable, delivery.variables)
            yield here, f"this environment sets no variable {variable}; {mend}"
        elif (
            (variable or thing == "github_environment")
            and not delivery.by_ref
            and ":" in delivery.github_environment
        ):
            # https://github.com/integrations/terraform-provider-github/pull/3079
            yield (
                here,
                f"the id of {thing} cannot be known: versions of the GitHub provider spell the "
                f"colon in {delivery.github_environment!r} differently; leave it out",
            )


def warnings(file: DeliveryFile) -> Iterator[Finding]:
    """Yield what is allowed and yet worth a second look."""
    for delivery in file.deliveries():
        if delivery.by_ref:
            yield (
                _at(delivery, "trust", "by"),
                "no protection of a GitHub environment binds these jobs: whoever can push to "
                f"{', '.join(delivery.refs)} deploys",
            )
        elif delivery.github.is_enterprise_server:
            yield (
                _at(delivery, "deploy_from"),
                "AWS checks no ref of GitHub Enterprise Server: only the environment's deployment "
                "policies keep other branches out",
            )
        # https://github.com/integrations/terraform-provider-github/issues/2387
        if ":" in delivery.github_environment and not delivery.by_ref:
            named = bool(delivery.environment.github.name)
            yield (
                _at(delivery, "github", "name") if named else _at(delivery),
                "version 6.9 of the GitHub provider cannot keep variables of an environment whose "
                f"name holds a colon, {delivery.github_environment!r}: the apply fails; choose "
                "another name",
            )
        yield from _left_to_the_reader(delivery)


def _left_to_the_reader(delivery: Delivery) -> Iterator[Finding]:
    """What Terraform does not see: the owner of existing things, the past of adopted ones."""
    if role := delivery.task.existing_execution_role:
        needs = [f"AmazonECSTaskExecutionRolePolicy{' and' if delivery.container.secrets else ''}"]
        needs += ["the container's secrets"] if delivery.container.secrets else []
        yield (
            _where_set(delivery, "task", "existing_execution_role"),
            f"its owner must give {role} what starts these tasks: {' '.join(needs)}",
        )
    if delivery.environment.cluster.existing and delivery.environment.capacity != "fargate":
        yield (
            _at(delivery, "cluster", "existing"),
            "its owner must attach the capacity provider that this service uses",
        )
    for thing in delivery.adopted:
        # A variable has no past.
        if thing in ADOPTABLE and (note := ADOPTABLE[thing].note(delivery)):
            yield _at(delivery, "adopt"), f"{thing}: {note}"


def _names_in_github(delivery: Delivery) -> Iterator[Finding]:
    """GitHub folds the case of names, so two that differ in case alone are one."""
    settings = delivery.environment.github
    for kind, names in (("variables", settings.variables), ("secrets", settings.secrets)):
        seen: dict[str, str] = {}
        for name in names:
            first = seen.setdefault(name.upper(), name)
            if first != name:
                yield (
                    _at(delivery, "github", kind, name),
                    f"GitHub takes it for {first}, which stands above; keep one of them",
                )
    secrets = {name.upper(): name for name in settings.secrets}
    for name in settings.variables:
        if name.upper() in secrets:
            yield (
                _at(delivery, "github", "variables", name),
                "stands among the secrets as well; keep it in one of them",
            )


def _github_home(delivery: Delivery) -> tuple[str, ...]:
    """Return what holds the delivery's variables. GitHub folds the case of both names."""
    repository = delivery.service.repository.lower()
    if delivery.by_ref:
        return ("variables of the repository", repository)
    return ("GitHub environment", f"{repository}:{delivery.github_environment.lower()}")


def _owned_twice(file: DeliveryFile, deliveries: list[Delivery]) -> Iterator[Finding]:
    """Two stacks that own one thing would undo each other's work at every apply."""
    owners: dict[tuple[str, ...], str] = {
        ("stack", account_stack(key)): f"accounts.{key}" for key in file.accounts
    }
    for delivery in deliveries:
        me = f"{delivery.service_key}.{delivery.environment_key}"
        account, region = delivery.account.id, delivery.region
        owned = [
            (("stack", delivery.name), "rename the service or the environment"),
            (_github_home(delivery), "give one of them another with github: {name: …}"),
            *(
                (("role", role, account), f"{_shared_role(kind)}give each its own with {setting}")
                for kind, role, setting in _owned_roles(delivery)
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
            owned.append(
                (
                    ("ECS cluster", delivery.cluster_name, account, region),
                    f"share it with cluster: {{existing: {delivery.cluster_name}}}, "
                    "or give each its own with cluster: {name: …}",
                )
            )
        if delivery.registry.shared_from is None:
            owned.append(
                (
                    ("ECR repository", delivery.image_repository, account, region),
                    "share it with registry: {from: <the other environment>}, "
                    "or give each its own with registry: {name: …}",
                )
            )
        for thing, mend in owned:
            first = owners.setdefault(thing, me)
            if first != me:
                kind, name = thing[:2]
                yield _at(delivery), f"{first} owns the {kind} {name} already; {mend}"


def _shared_role(kind: str) -> str:
    if kind != "execution_role":
        return ""
    return "share it with task: {existing_execution_role: <its name>}, or "


def _ref_beside_others(deliveries: list[Delivery]) -> Iterator[Finding]:
    """Jobs without an environment have nothing that tells one delivery from another."""
    for delivery in deliveries:
        repository = delivery.service.repository.lower()
        shared = [d for d in deliveries if d.service.repository.lower() == repository]
        if delivery.by_ref and len(shared) > 1:
            yield (
                _at(delivery, "trust", "by"),
                f"{delivery.service.repository} has more than one environment, and jobs without "
                "one cannot tell which they deploy to; use by: environment",
            )
