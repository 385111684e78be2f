"""The registry: whose deployments an environment promotes, and whether their images run there."""

from collections.abc import Callable, Iterator

from keyless_ecs.config.checks.rule import (
    Contradiction,
    Whole,
    at,
    known,
    of_delivery,
    of_file,
    warning,
    where_set,
)
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.problems import Location
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import did_you_mean


@of_file
def promoted_from(whole: Whole) -> Iterator[Contradiction]:
    """Images come from another environment of the service, in a chain that begins somewhere."""
    for delivery in whole.deliveries:
        yield from known(_promoted_from, delivery, whole)


def _promoted_from(delivery: Delivery, whole: Whole) -> Iterator[Contradiction]:
    source = delivery.registry.shared_from
    if source is None or delivery.service.image_of:
        return
    location = where_set(delivery, "registry", "from")
    if location != at(delivery, "registry", "from"):
        level = "in defaults" if location[0] == "defaults" else "in the service"
        yield location, f"set {level} it would leave no owner; set it in an environment"
        return
    others = whole.keys(*at(delivery)[:-1]) - {delivery.environment_key}
    if source not in others:
        mend = did_you_mean(source, others) if others else "there is none; leave it out"
        named = source.partition(".")[0]
        if named in whole.keys("services") - {delivery.service_key}:
            mend = f"what {named} builds runs here with image_of: {named} in the service"
        yield location, f"{shown(source)} is not another environment of this service; {mend}"
        return
    environments = delivery.service.environments

    def promoted(key: str) -> str | None:
        return environments[key].registry.shared_from if key in environments else None

    if circle := _circle(delivery.environment_key, promoted):
        yield location, f"{circle} is a circle: one of them must build; leave its from out"


def _circle(begin: str, following: Callable[[str], str | None]) -> str | None:
    """Return the way from *begin* back to it, None where it leads elsewhere."""
    chain, at_last = [begin], following(begin)
    while at_last and at_last not in chain:
        chain.append(at_last)
        at_last = following(at_last)
    return " → ".join([*chain, begin]) if at_last == begin else None


@of_file
def image_of_another_service(whole: Whole) -> Iterator[Contradiction]:
    """One image for several services: built by one of them, in the same repository."""
    for key in whole.file.services:
        yield from known(_image_of, key, whole)


def _image_of(key: str, whole: Whole) -> Iterator[Contradiction]:
    service, here = whole.file.services[key], ("services", key)
    followed = service.image_of
    if followed is None:
        return
    others = whole.keys("services") - {key}
    if followed not in others:
        mend = did_you_mean(followed, others) if others else "there is none; leave it out"
        yield (*here, "image_of"), f"{shown(followed)} is not another service; {mend}"
        return
    services = whole.file.services
    circle = _circle(key, lambda each: services[each].image_of if each in services else None)
    if circle:
        yield (
            (*here, "image_of"),
            f"{circle} is a circle: one of them must build; leave its image_of out",
        )
    # Said as none they do nothing, which is right.
    for setting in ("build", "registry"):
        if setting in service.model_fields_set:
            yield (
                (*here, setting),
                f"{followed} builds the image, so this would do nothing; set it there, or leave "
                "image_of out",
            )
    for environment_key, environment in service.environments.items():
        place = (*here, "environments", environment_key)
        if "registry" in environment.model_fields_set:
            yield (
                (*place, "registry"),
                f"{followed} builds the image, so this would do nothing; set it there, or leave "
                "image_of out",
            )
        known_there = whole.keys("services", followed, "environments")
        if environment_key not in known_there:
            yield (
                place,
                f"{followed} has no environment {environment_key} whose image this one could "
                f"deploy; {did_you_mean(environment_key, known_there)}",
            )
    if followed in whole.file.services:
        yield from known(_same_repository, whole, key, followed)


def _same_repository(whole: Whole, key: str, followed: str) -> Iterator[Contradiction]:
    mine, theirs = (whole.file.services[each].repository for each in (key, followed))
    if mine.lower() != theirs.lower():
        yield (
            ("services", key, "repository"),
            f"the workflows of {theirs} deploy the image of {followed}, and {mine} has others; "
            f"use {theirs}, or leave image_of out",
        )


@of_delivery
def one_partition(delivery: Delivery) -> Iterator[Contradiction]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-cross-account-resource-access.html."""
    upstream = delivery.upstream
    if upstream and upstream.partition != delivery.partition:
        yield (
            _where_handed_on(delivery),
            f"{_name(upstream, delivery)} is in the partition {upstream.partition} and this one in "
            f"{delivery.partition}: neither lets in roles of the other; leave it out",
        )


@of_delivery
def one_architecture(delivery: Delivery) -> Iterator[Contradiction]:
    """An image is built for one architecture, and on another its processes cannot start."""
    root = delivery.root
    if delivery.task.architecture != root.task.architecture:
        yield (
            where_set(delivery, "task", "architecture"),
            f"its image is that of {_name(root, delivery)}, built for {root.task.architecture}; "
            f"set task: {{architecture: {root.task.architecture}}}",
        )


@of_delivery
def tags_of_the_pipeline(delivery: Delivery) -> Iterator[Contradiction]:
    """A tag has 128 characters: the environment's name, a dot, and 64 of a commit or digest.

    https://docs.docker.com/reference/cli/docker/image/tag/
    """
    if len(delivery.name) > _LONGEST_NAME:
        yield (
            at(delivery),
            f"the pipeline tags images with {shown(delivery.name)} and what was deployed, and a "
            f"tag has room for {_LONGEST_NAME} characters of it, not {len(delivery.name)}; shorten "
            "the name of the service or of the environment",
        )


_LONGEST_NAME = 128 - 1 - 64


@of_delivery
def refs_of_what_follows(delivery: Delivery) -> Iterator[Contradiction]:
    """What follows is deployed in the run that deploys what it follows, and in no other."""
    followed = delivery.follows
    if followed is None or delivery.environment.deploy_from is None:
        return
    mine, theirs = delivery.deploy_from.refs, followed.deploy_from.refs
    for place, ref in _places(delivery):
        if not theirs.takes(ref, of=mine):
            yield (
                at(delivery, "deploy_from", *place),
                f"{_name(followed, delivery)} is not deployed from {_shown(ref)}, so nothing "
                "would be deployed here; add it there, or leave it out here",
            )


@warning
def who_can_push_what_is_promoted(delivery: Delivery) -> Iterator[Contradiction]:
    """Whoever may push to a registry may write any tag that is free there: IAM knows no tags.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    """
    upstream = delivery.upstream
    while upstream:
        theirs = upstream.deploy_from.refs
        for place, ref in _places(upstream):
            if "*" in ref and not delivery.deploy_from.refs.takes(ref, of=theirs):
                yield (
                    at(upstream, "deploy_from", *place),
                    f"whoever can push to {_shown(ref)} decides what is in the registry from "
                    f"which {delivery.stack} deploys, which does not take that pattern itself; "
                    "give these refs an environment with a registry of its own, or let "
                    f"{delivery.stack} build its own images",
                )
        upstream = upstream.upstream


@warning
def registry_of_another(delivery: Delivery) -> Iterator[Contradiction]:
    """What promotes has no registry: what it says of one beside ``from`` is nobody's."""
    mine = delivery.service.environments[delivery.environment_key].registry
    if delivery.source is None:
        return
    for name in sorted(mine.model_fields_set - {"shared_from"}):
        yield (
            at(delivery, "registry", name),
            f"does nothing: the registry is that of {_name(delivery.root, delivery)}; set it there",
        )


@warning
def tags_that_cannot_stay(delivery: Delivery) -> Iterator[Contradiction]:
    """What runs has a tag that moves, which ECR excepts from immutability in some partitions."""
    if delivery.builds and delivery.registry.tags == "immutable" and not delivery.tags_can_stay:
        yield (
            where_set(delivery, "registry", "tags"),
            f"ECR cannot except the tag of what runs in the partition {delivery.partition}, so "
            "all tags stay mutable there",
        )


@warning
def nothing_ran(delivery: Delivery) -> Iterator[Contradiction]:
    """A service of no tasks is complete at once, whatever the image."""
    upstream = delivery.upstream
    if upstream and upstream.environment.count == 0:
        yield (
            where_set(upstream, "count"),
            f"with no task its deployments are complete at once, and {delivery.stack} takes images "
            "that never ran; run one task",
        )


def _where_handed_on(delivery: Delivery) -> tuple[str | int, ...]:
    if delivery.follows:
        return ("services", delivery.service_key, "image_of")
    return at(delivery, "registry", "from")


def _name(other: Delivery, delivery: Delivery) -> str:
    """Return what *other* is called beside *delivery*."""
    return other.environment_key if other.service_key == delivery.service_key else other.stack


def _places(delivery: Delivery) -> Iterator[tuple[Location, str]]:
    """Yield the patterns of full refs of *delivery*, each with its place in ``deploy_from``."""
    deploy_from = delivery.deploy_from
    places: list[Location] = [("branches", place) for place in range(len(deploy_from.branches))]
    if deploy_from.any_branch:
        places.append(("any_branch",))
    places += [("tags", place) for place in range(len(deploy_from.tags))]
    yield from zip(places, deploy_from.refs.allowed, strict=True)


def _shown(ref: str) -> str:
    return shown(ref.split("/", 2)[2])
