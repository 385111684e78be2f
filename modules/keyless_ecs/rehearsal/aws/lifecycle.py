"""What ECR's lifecycle rules expire: the local AWS stores them, and applies none."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Image:
    """An image: its digest, its tags, and the days since its first push.

    A tag that is put later does not renew it: https://github.com/aws/containers-roadmap/issues/2746
    """

    digest: str
    tags: Sequence[str]
    days: float


def expired(rules: Iterable[Mapping[str, Any]], images: Sequence[Image]) -> list[str]:
    """Return the digests of the images that the rules of a lifecycle policy expire.

    An image that matches the tags of a rule cannot be expired by one of lower priority; a rule
    counts what an earlier one has taken.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html

    Args:
        rules: Those of the policy.
        images: All of the repository, the first push first.

    Raises:
        ValueError: A rule counts in an unknown way.
    """
    taken: set[str] = set()
    gone: list[str] = []
    for rule in sorted(rules, key=lambda rule: int(rule["rulePriority"])):
        chosen = list(_selected(rule["selection"], images))
        over = _over(rule["selection"], chosen)
        gone += [image.digest for image in over if image.digest not in taken]
        taken |= {image.digest for image in chosen}
    return gone


def _selected(selection: Mapping[str, Any], images: Iterable[Image]) -> Iterator[Image]:
    """Yield the images that a rule speaks of; several patterns must all match."""
    for image in images:
        status = selection["tagStatus"]
        if status == "any" or (status == "untagged" and not image.tags):
            yield image
        elif status == "tagged" and image.tags:
            patterns = [
                *selection.get("tagPatternList", []),
                *(f"{prefix}*" for prefix in selection.get("tagPrefixList", [])),
            ]
            if all(any(fnmatchcase(tag, pattern) for tag in image.tags) for pattern in patterns):
                yield image


def _over(selection: Mapping[str, Any], images: Sequence[Image]) -> Sequence[Image]:
    """Return those of *images* that are too many, or too old."""
    number = selection["countNumber"]
    if selection["countType"] == "imageCountMoreThan":
        return images[::-1][number:]
    if selection["countType"] == "sinceImagePushed":
        return [image for image in images if image.days > number]
    raise ValueError(f"there is no count {selection['countType']}")
