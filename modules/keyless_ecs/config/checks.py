"""What no single setting shows: rules that hold between parts of the delivery file."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from keyless_ecs.config.adopt import ALL, VARIABLE
from keyless_ecs.config.adoptable import ADOPTABLE
from keyless_ecs.config.aws import partition_of
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.file import DeliveryFile, account_stack
from keyless_ecs.config.model import UnknownSettingError
from keyless_ecs.config.problems import Location
from keyless_ecs.config.shown import shown
from keyless_ecs.config.state import placed
from keyless_ecs.config.text import did_you_mean

Contradiction = tuple[Location, str]
Rule = ParamSpec("Rule")
Found = TypeVar("Found")


def contradictions(file: DeliveryFile, data: Mapping[str, Any]) -> Iterator[Contradiction]:
    """Yield where *file* contradicts itself or what AWS and GitHub allow.

    A rule that needs a setting that *file* does not know, since it is wrong, finds nothing.
    *data* is the file as it was read: its keys tell an unknown account or environment from one
    that was left out because of a problem of its own.
    """
    deliveries = list(_known(file.deliveries))
    creators: dict[str, str] = {}
    for key in file.accounts:
        yield from _known(_account, file, key)
        yield from _known(_second_provider, file, key, creators)
    yield from _known(_workspaces, file, deliveries)
    for service_key, service in file.services.items():
        for key in service.environments:
            yield from _known(_account_of, file, data, service_key, key)
    for delivery in deliveries:
        yield from _known(_task, delivery)
        yield from _known(_roles, delivery)
        yield from _known(_registry, delivery, data)
        yield from _known(_container, delivery)
        yield from _known(_variable_or_secret, delivery)
        yield from _known(_names_in_github, delivery)
        yield from _known(_trust, delivery)
        yield from _known(_adopt, delivery)
    yield from _owned_twice(file, deliveries)
    repositories = Counter(name for each in deliveries for name in _known(_repository, each))
    for delivery in deliveries:
        yield from _known(_ref_beside_others, delivery, repositories)


def _known(
    rule: Callable[Rule, Iterable[Found]], *of: Rule.args, **by: Rule.kwargs
) -> Iterator[Found]:
    """Yield what *rule* finds until it needs a setting that is not known."""
    with suppress(UnknownSettingError):
        yield from rule(*of, **by)


def _keys(data: Any, *location: str | int) -> Set[str]:
    """Return the keys that a mapping of the file has, none where there is no mapping."""
    for key in location:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data.keys() if isinstance(data, Mapping) else set()


def _at(delivery: Delivery, *keys: str | int) -> Location:
    return ("services", delivery.service_key, "environments", delivery.environment_key, *keys)


def _where_set(delivery: Delivery, part: str, key: str) -> Location:
    """Return where *key* of *part* was set: in the environment, else in the service."""
    override = getattr(delivery.environment, part)
    if override is not None and key in override.model_fields_set:
        return _at(delivery, part, key)
    return ("services", delivery.service_key, part, key)


def _account_of(
    file: DeliveryFile, data: Mapping[str, Any], service_key: str, key: str
) -> Iterator[Contradiction]:
    environment = file.services[service_key].environments[key]
    here: Location = ("services", service_key, "environments", key)
    account = file.accounts.get(environment.account)
    known = _keys(data, "accounts")
    if environment.account not in known:
        mend = did_you_mean(environment.account, known)
        yield (*here, "account"), f"{shown(environment.account)} is not under accounts; {mend}"
    elif account and (region := environment.region) and partition_of(region) != account.partition:
        yield (
            (*here, "region"),
            f"{region} lies outside the partition {account.partition} of the account; "
            f"use a region of that partition or another account",
        )


def _account(file: DeliveryFile, key: str) -> Iterator[Contradiction]:
    account = file.accounts[key]
    role_account = account.assume_role and account.assume_role.split(":")[4]
    if role_account and role_account != account.id:
        yield (
            ("accounts", key, "assume_role"),
            f"a role of {role_account}, where the provider refuses to work for {account.id}; "
            f"name a role of {account.id}",
        )


def _second_provider(
    file: DeliveryFile, key: str, creators: dict[str, str]
) -> Iterator[Contradiction]:
    account = file.accounts[key]
    first = creators.setdefault(account.id, key)
    if first != key and account.oidc_provider == "create":
        yield (
            ("accounts", key, "id"),
            f"{account.id} is accounts.{first} already, and an account has one OIDC provider "
            "per URL; use that account, or set oidc_provider: existing here",
        )


def _workspaces(file: DeliveryFile, deliveries: Sequence[Delivery]) -> Iterator[Contradiction]:
    """https://developer.hashicorp.com/terraform/cloud-docs/workspaces/create#workspace-naming."""
    template = file.state.workspaces
    if template is None:
        return
    stacks = [*map(account_stack, file.accounts), *(delivery.name for delivery in deliveries)]
    longest = max(stacks, key=len)
    if len(placed(template, longest)) > 90:
        yield (
            ("state", "cloud" if file.state.cloud else "remote", "workspaces"),
            f"{shown(placed(template, longest))} would have more than the 90 characters of a "
            "workspace; use a shorter template",
        )


def _task(delivery: Delivery) -> Iterator[Contradiction]:
    if message := delivery.task.memory_problem():
        location = _where_set(delivery, "task", "memory")
        yield location, message


def _roles(delivery: Delivery) -> Iterator[Contradiction]:
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


def _registry(delivery: Delivery, data: Mapping[str, Any]) -> Iterator[Contradiction]:
    source = delivery.registry.shared_from
    if source is None:
        return
    location = _where_set(delivery, "registry", "from")
    if delivery.environment.registry is None or not delivery.environment.registry.shared_from:
        yield location, "set in the service it would leave no owner; set it in an environment"
        return
    location = _at(delivery, "registry", "from")
    others = _keys(data, *_at(delivery)[:-1]) - {delivery.environment_key}
    if source not in others:
        mend = did_you_mean(source, others) if others else "there is none; leave it out"
        yield location, f"{shown(source)} is not another environment of this service; {mend}"
        return
    if source not in delivery.service.environments:
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


def _container(delivery: Delivery) -> Iterator[Contradiction]:
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


def _variable_or_secret(delivery: Delivery) -> Iterator[Contradiction]:
    """ECS refuses a container in which a name is both."""
    settings = delivery.container
    if both := sorted(settings.variables.keys() & settings.secrets.keys()):
        own = delivery.environment.container
        here = own is not None and own.model_fields_set & {"variables", "secrets"}
        yield (
            _at(delivery, "container") if here else ("services", delivery.service_key, "container"),
            f"{', '.join(both)}: both variable and secret; keep one of them",
        )


def _trust(delivery: Delivery) -> Iterator[Contradiction]:
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


def _adopt(delivery: Delivery) -> Iterator[Contradiction]:
    """What Terraform imports must be owned here, and its id must be known before the plan."""
    settings = delivery.environment.github
    secrets = {name.upper() for name in (*settings.as_secrets, *settings.secrets)}
    listed = delivery.environment.adopt != (ALL,)
    for position, thing in enumerate(delivery.adopted):
        here = _at(delivery, "adopt", position) if listed else _at(delivery, "adopt")
        variable = thing.removeprefix(VARIABLE) if thing.startswith(VARIABLE) else None
        if why := delivery.not_owned.get(thing):
            yield here, f"{shown(thing)}: {why}"
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
                f"colon in {shown(delivery.github_environment)} differently; leave it out",
            )


def warnings(file: DeliveryFile) -> Iterator[Contradiction]:
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
                f"name holds a colon, {shown(delivery.github_environment)}: the apply fails; "
                "choose another name",
            )
        yield from _left_to_the_reader(delivery)


def _left_to_the_reader(delivery: Delivery) -> Iterator[Contradiction]:
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


def _names_in_github(delivery: Delivery) -> Iterator[Contradiction]:
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


def _owned_twice(file: DeliveryFile, deliveries: Sequence[Delivery]) -> Iterator[Contradiction]:
    """Two stacks that own one thing would undo each other's work at every apply."""
    owners: dict[tuple[str, ...], str] = {
        ("stack", account_stack(key)): f"accounts.{key}" for key in file.accounts
    }
    for delivery in deliveries:
        me = f"{delivery.service_key}.{delivery.environment_key}"
        for thing, mend in _known(_owned, delivery):
            first = owners.setdefault(thing, me)
            if first != me:
                kind, name = thing[:2]
                yield _at(delivery), f"{first} owns the {kind} {name} already; {mend}"


def _owned(delivery: Delivery) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what the environment owns, and what to do where another does already."""
    account, region = delivery.account.id, delivery.region
    yield from [
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


def _shared_role(kind: str) -> str:
    if kind != "execution_role":
        return ""
    return "share it with task: {existing_execution_role: <its name>}, or "


def _ref_beside_others(delivery: Delivery, repositories: Counter[str]) -> Iterator[Contradiction]:
    """Jobs without an environment have nothing that tells one delivery from another."""
    repository = delivery.service.repository
    if delivery.by_ref and repositories[repository.lower()] > 1:
        yield (
            _at(delivery, "trust", "by"),
            f"{repository} has more than one environment, and jobs without "
            "one cannot tell which they deploy to; use by: environment",
        )


def _repository(delivery: Delivery) -> Iterator[str]:
    yield delivery.service.repository.lower()
