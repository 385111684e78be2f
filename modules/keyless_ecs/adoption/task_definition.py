"""The running task definition as ``aws ecs describe-task-definition`` shows it, against the file.

The first apply leaves it running. The next push registers what the file describes in its place.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from keyless_ecs.adoption.difference import (
    Difference,
    Lines,
    lost_tags,
    of_environment,
    of_service,
    setting,
    tags,
    told,
)
from keyless_ecs.adoption.found import Thing
from keyless_ecs.config.credentials import is_credential
from keyless_ecs.config.delivery import Delivery

_SAID = {
    *("name", "image", "essential", "portMappings", "command", "environment", "secrets"),
    *("healthCheck", "readonlyRootFilesystem", "logConfiguration", "cpu", "memory"),
    "memoryReservation",
}
"""What of a container is compared, or the pipeline's; a task on Fargate has its own size."""
_DROPPED = "the next push drops it: this file does not describe it"


def is_of(definition: Thing, delivery: Delivery, running: str | None) -> bool:
    """Tell whether *definition* is the one that the environment's service runs."""
    if running:
        return bool(definition.get("taskDefinitionArn") == running)
    return bool(definition.get("family") == delivery.task_family)


def differences(definition: Thing, delivery: Delivery) -> Iterator[Difference]:
    """Yield what the next push would change of the *definition* that runs.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
    """
    family = definition["family"]
    lines = of_environment(delivery, task={"family": family})
    yield from setting("family", family, delivery.task_family, lines)
    yield from _size(definition, delivery)
    yield from _roles(definition, delivery)
    if volumes := definition.get("volumes"):
        yield Difference("volumes", told([it.get("name") for it in volumes]), "none", note=_DROPPED)
    containers = definition.get("containerDefinitions", [])
    mine = _main(containers, delivery)
    for container in containers:
        if container is not mine:
            yield Difference(f"container {told(container.get('name'))}", "yes", "no", note=_DROPPED)
    if mine is not None:
        yield from _container(mine, delivery)
    yield from lost_tags(tags(definition.get("tags", []), "key", "value"), delivery.tags, delivery)


def _size(definition: Thing, delivery: Delivery) -> Iterator[Difference]:
    task = delivery.task
    for name in ("cpu", "memory"):
        if str(definition.get(name, "")).isdecimal():
            now = int(definition[name])
            lines = of_environment(delivery, task={name: now})
            yield from setting(f"task {name}", now, getattr(task, name), lines)
    platform = definition.get("runtimePlatform", {})
    now = platform.get("cpuArchitecture", "X86_64").lower()
    lines = of_service(delivery, task={"architecture": now})
    yield from setting("architecture", now, task.architecture, lines)
    if (system := platform.get("operatingSystemFamily", "LINUX")) != "LINUX":
        yield Difference("operating system", told(system), "LINUX", note=_DROPPED)
    disk = definition.get("ephemeralStorage", {}).get("sizeInGiB")
    lines = of_environment(delivery, task={"ephemeral_storage": disk})
    yield from setting("ephemeral storage", disk, task.ephemeral_storage, lines)


def _roles(definition: Thing, delivery: Delivery) -> Iterator[Difference]:
    for name, key, then, keeps in (
        ("execution role", "executionRoleArn", delivery.execution_role_arn, "execution_role_name"),
        ("task role", "taskRoleArn", delivery.role_arn(delivery.task_role), "task_role_name"),
    ):
        arn = definition.get(key)
        if not arn:
            continue  # what has none gets one of its own, with no more rights than none
        # A role name has no path: what stands before it is the account's role_path.
        lines = of_environment(delivery, task={keeps: arn.rpartition("/")[2]})
        yield from setting(name, arn, then, lines)


def _main(containers: list[Thing], delivery: Delivery) -> Thing | None:
    """Return the container that the file describes: by its name, else the first essential one."""
    named = [it for it in containers if it.get("name") == delivery.container_name]
    essential = [it for it in containers if it.get("essential", True)]
    return next(iter([*named, *essential, *containers]), None)


def _container(container: Thing, delivery: Delivery) -> Iterator[Difference]:
    described = delivery.container

    def keeping(**settings: Any) -> Lines:
        return of_environment(delivery, container=settings)

    name = container.get("name")
    yield from setting("container", name, delivery.container_name, keeping(name=name))
    ports = [it.get("containerPort") for it in container.get("portMappings", [])]
    port = next(iter(ports), None)
    yield from setting("port", port, described.port, keeping(port=port))
    if ports[1:]:
        yield Difference("further ports", told(ports[1:]), "none", note=_DROPPED)
    command = tuple(container.get("command") or ())
    lines = keeping(command=list(command))
    yield from setting("command", _line(command), _line(described.command), lines)
    yield from _variables(container, delivery)
    yield from _secrets(container, delivery)
    yield from _health_check(container, delivery)
    read_only = bool(container.get("readonlyRootFilesystem"))
    lines = keeping(read_only_root=read_only)
    yield from setting("read-only root", read_only, described.read_only_root, lines)
    yield from _logs(container, delivery)
    for key in sorted(container.keys() - _SAID):
        if container[key]:
            yield Difference(f"container's {key}", "set", "none", note=_DROPPED)


def _line(words: tuple[str, ...]) -> str:
    return " ".join(words) or "the image's"


def _variables(container: Thing, delivery: Delivery) -> Iterator[Difference]:
    written = delivery.container.variables
    for it in container.get("environment", []):
        name, value = it.get("name", ""), it.get("value", "")
        if written.get(name) == value:
            continue
        if is_credential(value, name):
            note = "looks like a credential: keep it in Secrets Manager and name its ARN in secrets"
            yield Difference(f"variable {name}", "…", "none", note=note)
        else:
            lines = of_environment(delivery, container={"variables": {name: value}})
            yield Difference(f"variable {name}", told(value), told(written.get(name)), lines)


def _secrets(container: Thing, delivery: Delivery) -> Iterator[Difference]:
    written = delivery.container.secrets
    for it in container.get("secrets", []):
        name, source = it.get("name", ""), it.get("valueFrom", "")
        arn = source if source.startswith("arn:") else _parameter_arn(source, delivery)
        lines = of_environment(delivery, container={"secrets": {name: arn}})
        yield from setting(f"secret {name}", arn, written.get(name), lines)


def _parameter_arn(name: str, delivery: Delivery) -> str:
    """Return the ARN of a parameter that is given by its name, as ECS takes it too.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html
    """
    return delivery.arn("ssm", f"parameter/{name.removeprefix('/')}")


def _health_check(container: Thing, delivery: Delivery) -> Iterator[Difference]:
    there: Mapping[str, Any] | None = container.get("healthCheck")
    written = delivery.container.health_check
    if there is None:
        return
    now = {
        "command": list(there.get("command", [])),
        "interval": there.get("interval", 30),
        "timeout": there.get("timeout", 5),
        "retries": there.get("retries", 3),
        "start_period": there.get("startPeriod", 0),
    }
    then = written and {**{key: getattr(written, key) for key in now}, "command": [*written.test]}
    if now != then:
        yield Difference(
            "health check",
            told(" ".join(now["command"])),
            told(" ".join(then["command"])) if then else "none",
            of_environment(delivery, container={"health_check": now}),
        )


def _logs(container: Thing, delivery: Delivery) -> Iterator[Difference]:
    logs = container.get("logConfiguration", {})
    if not logs:
        return
    if logs.get("logDriver") != "awslogs":
        driver = told(logs.get("logDriver"))
        yield Difference("log driver", driver, "awslogs", note=_DROPPED)
        return
    group = logs.get("options", {}).get("awslogs-group")
    lines = of_environment(delivery, logs={"name": group})
    yield from setting("log group", group, delivery.log_group, lines)
