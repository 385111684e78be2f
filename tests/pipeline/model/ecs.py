"""ECS: task definitions, services, and deployments that complete, fail or are replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.pipeline.model.iam import AwsError
from tests.pipeline.model.terraform import Family, Service

FIRST_REVISION = 2_000_001
FIRST_DEPLOYMENT = 4_000_001
"""Counted from here, so that the table of scripts can tell them from other numbers."""

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
REGISTERED = (
    *("family", "containerDefinitions", "executionRoleArn", "taskRoleArn", "networkMode"),
    *("requiresCompatibilities", "cpu", "memory", "runtimePlatform", "volumes"),
    *("placementConstraints", "ephemeralStorage", "pidMode", "ipcMode", "proxyConfiguration"),
)


@dataclass
class Revision:
    """One revision of a task definition."""

    arn: str
    family: str
    number: int
    content: dict[str, Any]
    tags: list[dict[str, str]] = field(default_factory=list)

    @property
    def image(self) -> str | None:
        """The digest of the image that a delivery put in; the placeholder has none."""
        for container in self.content["containerDefinitions"]:
            _, at, digest = str(container.get("image", "")).partition("@")
            if at:
                return digest
        return None


@dataclass
class Deployment:
    """A deployment of a service: the newest is its primary one."""

    name: str
    revision: Revision
    state: str = "IN_PROGRESS"
    replaced: bool = False


@dataclass
class EcsService:
    """A service, with the deployments that it still shows."""

    settings: Service
    deployments: list[Deployment]
    completed: Revision | None = None
    """That of the last deployment that completed, to which the circuit breaker rolls back."""
    updates: int = 0
    moment: int = 0
    """Counts what happens to it: looks, updates, and what follows from them."""
    changed: int = 0
    """The moment since which it runs what it runs."""
    looked: int = 0
    """The last moment at which a job looked at it that has ended, and ended well."""
    left: int = 0
    """The last moment at which something came about that no job could see any more, unless it looks
    later: a roll-back, a replacement, the end of a job that could not finish. The next one mends.
    """

    @property
    def primary(self) -> Deployment:
        """The newest deployment."""
        return self.deployments[0]

    @property
    def key(self) -> str:
        """Account, region, cluster and name."""
        it = self.settings
        return f"{it.account} {it.region} {it.cluster}/{it.name}"

    def now(self) -> int:
        """Return a moment after all others."""
        self.moment += 1
        return self.moment

    def start(self, revision: Revision) -> Deployment:
        """Begin a deployment, which replaces one that still goes on."""
        self.updates += 1
        self.changed = self.now()
        for deployment in self.deployments:
            deployment.replaced = deployment.replaced or deployment.state == "IN_PROGRESS"
        new = Deployment(f"ecs-svc/{FIRST_DEPLOYMENT + self.updates}", revision)
        self.deployments = [new, *self.deployments[:1]]
        return new

    def complete(self) -> None:
        """Let the primary deployment complete."""
        self.primary.state, self.completed = "COMPLETED", self.primary.revision
        self.deployments = self.deployments[:1]

    def fail(self) -> None:
        """Let the primary deployment fail; the circuit breaker rolls back, if it can.

        To the last one that completed, not to the previous revision.
        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html
        """
        self.primary.state = "FAILED"
        if self.settings.rolls_back and self.completed:
            self.start(self.completed)
            self.left = self.changed

    def details(self) -> dict[str, Any]:
        """What DescribeServices says of it."""
        it = self.settings
        place = f"arn:aws:ecs:{it.region}:{it.account}"
        return {
            "serviceArn": f"{place}:service/{it.cluster}/{it.name}",
            "serviceName": it.name,
            "clusterArn": f"{place}:cluster/{it.cluster}",
            "status": "ACTIVE",
            "desiredCount": 1,
            "runningCount": 1,
            "taskDefinition": self.primary.revision.arn,
            "deployments": [
                {
                    "id": deployment.name,
                    "status": "ACTIVE" if number else "PRIMARY",
                    "taskDefinition": deployment.revision.arn,
                    "rolloutState": deployment.state,
                }
                for number, deployment in enumerate(self.deployments)
            ],
        }


class Ecs:
    """Every family and service, and the operations of ECS's API upon them."""

    def __init__(self, families: list[Family], services: list[Service]) -> None:
        self.families: dict[str, list[Revision]] = {}
        for family in families:
            self.register(family.account, family.region, family.definition, [])
        self.services: dict[str, EcsService] = {}
        for service in services:
            first = self._first(service)
            made = EcsService(
                service, [Deployment(f"ecs-svc/{FIRST_DEPLOYMENT}", first, "COMPLETED")], first
            )
            self.services[made.key] = made

    def _first(self, service: Service) -> Revision:
        return self.find(service.account, service.region, service.starts_with)

    def replace(self, service: EcsService) -> None:
        """Let Terraform make the service anew, as when it is renamed: with the family's newest.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
        """
        first = self._first(service.settings)
        for deployment in service.deployments:
            deployment.replaced = True
        service.updates += 1
        service.deployments = [Deployment(f"ecs-svc/{FIRST_DEPLOYMENT + service.updates}", first)]
        service.completed = None
        service.left = service.changed = service.now()

    def register(
        self, account: str, region: str, content: Mapping[str, Any], tags: list[dict[str, str]]
    ) -> Revision:
        """Register a revision, and return it."""
        family = content["family"]
        known = self.families.setdefault(f"{account} {region} {family}", [])
        number = FIRST_REVISION + len(known)
        arn = f"arn:aws:ecs:{region}:{account}:task-definition/{family}:{number}"
        kept = {key: content[key] for key in REGISTERED if content.get(key)}
        known.append(Revision(arn, family, number, kept, tags))
        return known[-1]

    def family(self, revision: Revision) -> list[Revision]:
        """Return all revisions of the family of one, the newest last."""
        return next(known for known in self.families.values() if revision in known)

    def find(self, account: str, region: str, name: str) -> Revision:
        """Return a revision by ARN or ``family:revision``; a family alone means its newest."""
        family, _, number = name.rpartition("/")[2].partition(":")
        known = self.families.get(f"{account} {region} {family}", [])
        found = [r for r in known if not number or r.number == int(number)]
        if not found:
            raise AwsError("ClientException", "Unable to describe task definition.")
        return found[-1]

    def service(self, account: str, region: str, given: Mapping[str, Any]) -> EcsService | None:
        """Return the service that a call names."""
        cluster = str(given.get("cluster", "default")).rpartition("/")[2]
        name = str(given["service"]).rpartition("/")[2]
        return self.services.get(f"{account} {region} {cluster}/{name}")

    def describe_services(self, account: str, region: str, given: Any) -> dict[str, Any]:
        """DescribeServices: what is not there is a failure in the answer."""
        found, failures = [], []
        for name in given["services"]:
            service = self.service(account, region, {**given, "service": name})
            if service:
                found.append(service.details())
            else:
                failures.append({"arn": name, "reason": "MISSING"})
        return {"services": found, "failures": failures}

    def describe_task_definition(self, account: str, region: str, given: Any) -> dict[str, Any]:
        """DescribeTaskDefinition: also what RegisterTaskDefinition does not take."""
        found = self.find(account, region, given["taskDefinition"])
        content = {
            "taskDefinitionArn": found.arn,
            **found.content,
            "revision": found.number,
            "status": "ACTIVE",
            "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
            "registeredBy": "arn:aws:iam::123456789012:role/somebody",
        }
        with_tags = "TAGS" in given.get("include", [])
        return {"taskDefinition": content, **({"tags": found.tags} if with_tags else {})}

    def register_task_definition(self, account: str, region: str, given: Any) -> dict[str, Any]:
        """RegisterTaskDefinition."""
        made = self.register(account, region, given, list(given.get("tags", [])))
        described = {"taskDefinitionArn": made.arn, "revision": made.number, **made.content}
        return {"taskDefinition": described, "tags": made.tags}
