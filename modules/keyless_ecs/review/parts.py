"""The parts that a stack is drawn in, and what in them belongs to what: for every picture of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from keyless_ecs.review.graph import Resource


@dataclass(frozen=True)
class Part:
    """A part of the delivery, and the types of resource that it is made of.

    *column* is how far from the left it stands: who asks, what a delivery goes through, and what
    the service runs with.
    """

    title: str
    column: int
    prefixes: tuple[str, ...]


GITHUB = Part("GitHub", 0, ("github_",))
ROLE = Part("Pipeline's roles", 1, ())
REGISTRY = Part("Image registry", 1, ("aws_ecr_",))
SERVICE = Part("Fargate service", 1, ("aws_ecs_", "aws_appautoscaling_"))
PARTS = (
    GITHUB,
    ROLE,
    REGISTRY,
    SERVICE,
    Part("Trust in GitHub's tokens", 1, ("aws_iam_openid_connect_provider",)),
    Part("Load balancer", 2, ("aws_lb", "aws_acm_", "aws_route53_")),
    Part(
        "Network",
        2,
        (
            "aws_vpc",
            "aws_subnet",
            "aws_security_group",
            "aws_internet_gateway",
            "aws_route",
            "aws_nat_gateway",
            "aws_eip",
            "aws_availability_zones",
        ),
    ),
    Part("Roles of the task", 2, ("aws_iam_",)),
    Part("Logs and alarms", 2, ("aws_cloudwatch_",)),
    Part("Everything else", 2, ("",)),
)


def part(address: str, owners: Mapping[str, str]) -> Part:
    """Return the part that the resource at *address* stands in; *owners* is of :func:`owners`."""
    kind = owners[address] if is_looked_up_for(address, owners) else address
    kind = kind.removeprefix("data.")
    name = kind.partition(".")[2]
    if kind.startswith("aws_iam_") and name.startswith(("build_role", "deploy_role")):
        return ROLE
    return max(
        PARTS,
        key=lambda part: max(
            (len(prefix) for prefix in part.prefixes if kind.startswith(prefix)), default=-1
        ),
    )


def is_looked_up_for(address: str, owners: Mapping[str, str]) -> bool:
    """Say whether it is an id that is looked up in GitHub, which says little by itself."""
    return address.startswith("data.github_") and address in owners


def owners(resources: Sequence[Resource]) -> dict[str, str]:
    """Return for each address that of the resource which it belongs to, and stands below.

    That is one of the same part that it refers to: the one whose type, and then whose name, begins
    most like its own. What is looked up in GitHub belongs to the first that wants it.
    """
    known = {resource.address: resource for resource in resources}
    found: dict[str, str] = {}

    def own(address: str, owner: str) -> None:
        above: str | None = owner
        while above is not None and above != address:
            above = found.get(above)
        if above is None:
            found.setdefault(address, owner)

    for resource in resources:
        for reference in resource.references:
            if reference.startswith("data.github_") and reference in known:
                own(reference, resource.address)
    for resource in resources:
        if is_looked_up_for(resource.address, found):
            continue
        near = [
            known[reference]
            for reference in resource.references
            if reference in known
            and not is_looked_up_for(reference, found)
            and part(reference, found) == part(resource.address, found)
        ]
        for other in sorted(near, key=lambda other: _likeness(resource, other, near), reverse=True):
            own(resource.address, other.address)
    return found


def _likeness(resource: Resource, other: Resource, near: Iterable[Resource]) -> tuple[int, ...]:
    """Say how close *other* is; of two alike, one that refers to more of *near* is closer."""
    return (
        _same_words(resource.type, other.type),
        _same_words(resource.name, other.name),
        sum(each.address in other.references for each in near),
    )


def _same_words(one: str, other: str) -> int:
    """Count the words with which both begin."""
    pairs = zip(one.split("_"), other.split("_"), strict=False)
    return sum(1 for _ in takewhile(lambda words: words[0] == words[1], pairs))
