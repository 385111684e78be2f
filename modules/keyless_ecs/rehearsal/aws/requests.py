"""What each call of a pipeline needs of IAM, by AWS's service authorization reference.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from keyless_ecs.config.regions import partition_of

REPOSITORY_ACTIONS = frozenset(
    {
        *("BatchCheckLayerAvailability", "BatchGetImage", "CompleteLayerUpload"),
        *("DescribeImages", "DescribeRepositories", "GetDownloadUrlForLayer"),
        *("InitiateLayerUpload", "ListImages", "PutImage", "UploadLayerPart"),
    }
)


@dataclass(frozen=True)
class Call:
    """A call of AWS's API."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    region: str
    access_key: str


@dataclass(frozen=True)
class Ask:
    """An action on a resource, with the condition keys that go with it."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def asks(call: Call, *, account: str) -> list[Ask] | None:
    """Return what *call* needs when *account* makes it, or None where that is not known here."""
    name = f"{call.service}:{call.operation}"
    if call.service == "ecr" and call.operation in REPOSITORY_ACTIONS:
        return list(_repositories(call, account))
    return list(_KNOWN[name](call, account)) if name in _KNOWN else None


def repository_arn(name: str, *, account: str, region: str) -> str:
    """Return the ARN of an ECR repository."""
    return f"arn:{partition_of(region)}:ecr:{region}:{account}:repository/{name}"


def _repositories(call: Call, account: str) -> Iterator[Ask]:
    """Each repository that an ECR call names; one that names none asks for all."""
    given = call.parameters
    owner = given.get("registryId", account)
    names = given.get("repositoryNames") or [given.get("repositoryName", "*")]
    for name in names:
        arn = repository_arn(name, account=owner, region=call.region)
        yield Ask(f"ecr:{call.operation}", arn)


def _everything(call: Call, account: str) -> Iterator[Ask]:  # noqa: ARG001
    yield Ask(f"{call.service}:{call.operation}", "*")


def _nothing(call: Call, account: str) -> Iterator[Ask]:  # noqa: ARG001
    """GetCallerIdentity needs no permission."""
    yield from ()


def _register(call: Call, account: str) -> Iterator[Ask]:
    """Registering passes the two roles on, and tags what it registers."""
    given = call.parameters
    family = _ecs(call, account, f"task-definition/{given['family']}:*")
    privileged = any(c.get("privileged") for c in given["containerDefinitions"])
    tags = {f"aws:RequestTag/{tag['key']}": tag.get("value", "") for tag in given.get("tags", ())}
    yield Ask(
        "ecs:RegisterTaskDefinition",
        family,
        {"ecs:privileged": "true" if privileged else "false", **tags},
    )
    if tags:
        creates = {"ecs:CreateAction": "RegisterTaskDefinition"}
        yield Ask("ecs:TagResource", family, {**creates, **tags})
    for key in ("executionRoleArn", "taskRoleArn"):
        if given.get(key):
            yield Ask(
                "iam:PassRole", given[key], {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
            )


def _update_service(call: Call, account: str) -> Iterator[Ask]:
    given, keys = call.parameters, {}
    cluster = _cluster(given)
    if "taskDefinition" in given:
        revision = given["taskDefinition"]
        named = revision if revision.startswith("arn:") else f"task-definition/{revision}"
        keys["ecs:task-definition"] = (
            named if named.startswith("arn:") else _ecs(call, account, named)
        )
    if "enableExecuteCommand" in given:
        keys["ecs:enable-execute-command"] = str(given["enableExecuteCommand"]).lower()
    service = given["service"].rpartition("/")[2]
    yield Ask("ecs:UpdateService", _ecs(call, account, f"service/{cluster}/{service}"), keys)


def _describe_services(call: Call, account: str) -> Iterator[Ask]:
    cluster = _cluster(call.parameters)
    for service in call.parameters["services"]:
        name = service.rpartition("/")[2]
        yield Ask("ecs:DescribeServices", _ecs(call, account, f"service/{cluster}/{name}"))


def _cluster(given: Mapping[str, Any]) -> str:
    return str(given.get("cluster", "default")).rpartition("/")[2]


def _ecs(call: Call, account: str, resource: str) -> str:
    return f"arn:{partition_of(call.region)}:ecs:{call.region}:{account}:{resource}"


_KNOWN: dict[str, Callable[[Call, str], Iterator[Ask]]] = {
    "ecr:GetAuthorizationToken": _everything,
    "ecs:DescribeTaskDefinition": _everything,
    "ecs:RegisterTaskDefinition": _register,
    "ecs:UpdateService": _update_service,
    "ecs:DescribeServices": _describe_services,
    "sts:GetCallerIdentity": _nothing,
}
