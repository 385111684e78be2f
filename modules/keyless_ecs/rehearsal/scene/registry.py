"""The images of a registry, as the local AWS has them; it expires none by itself."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from keyless_ecs.config import Delivery
from keyless_ecs.rehearsal.aws import lifecycle
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.pipeline import image

DAY = 24 * 60 * 60


def pushed(aws: LocalAws, delivery: Delivery, tag: str) -> str:
    """Return the digest of the image that the registry has under *tag*."""
    found = _ecr(aws, delivery).describe_images(
        repositoryName=delivery.image_repository, imageIds=[{"imageTag": tag}]
    )
    return str(found["imageDetails"][0]["imageDigest"])


def build(aws: LocalAws, delivery: Delivery, commit: str, deployed_to: Iterable[str]) -> None:
    """Push an image by the calls of a build, and tag it as deployments to environments would."""
    ecr = _ecr(aws, delivery)
    for tag in (commit, *(f"{name}.{commit}" for name in deployed_to)):
        image.push(ecr, delivery.image_repository, tag, commit, platform="linux/amd64")


def images(aws: LocalAws, delivery: Delivery) -> list[lifecycle.Image]:
    """Return the images of the registry from which *delivery* deploys, the first push first."""
    now = datetime.now(UTC)
    pages = _ecr(aws, delivery).get_paginator("describe_images")
    details = [
        detail
        for page in pages.paginate(repositoryName=delivery.image_repository)
        for detail in page["imageDetails"]
    ]
    # Those of one second stay in the order in which the local AWS lists them: that of their push.
    return [
        lifecycle.Image(
            detail["imageDigest"],
            detail.get("imageTags", []),
            (now - detail["imagePushedAt"]).total_seconds() / DAY,
        )
        for detail in sorted(details, key=lambda detail: detail["imagePushedAt"])
    ]


def expire(aws: LocalAws, delivery: Delivery) -> list[str]:
    """Delete what the registry's own rules expire now, and return the digests."""
    ecr, repository = _ecr(aws, delivery), delivery.image_repository
    policy = ecr.get_lifecycle_policy(repositoryName=repository)["lifecyclePolicyText"]
    gone = lifecycle.expired(json.loads(policy)["rules"], images(aws, delivery))
    _delete(ecr, repository, [{"imageDigest": digest} for digest in gone])
    return gone


def empty(aws: LocalAws, delivery: Delivery) -> None:
    """Delete the images, as whoever gives up a registry has to do first."""
    ecr, repository = _ecr(aws, delivery), delivery.image_repository
    _delete(ecr, repository, ecr.list_images(repositoryName=repository)["imageIds"])


def _delete(ecr: Any, repository: str, identifiers: list[dict[str, str]]) -> None:
    """Delete images, a hundred a call.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
    """
    for first in range(0, len(identifiers), 100):
        some = identifiers[first : first + 100]
        ecr.batch_delete_image(repositoryName=repository, imageIds=some)


def _ecr(aws: LocalAws, delivery: Delivery) -> Any:
    root = delivery.root
    return aws.client("ecr", root.account.id, root.region)
