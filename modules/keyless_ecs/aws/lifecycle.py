"""Which images a registry keeps: what runs, what was deployed last, and some of all others.

The pipeline tags what it deploys: ``runs.<name>`` moves with what the environment ``<name>`` runs,
``<name>.<commit>`` stays. The dot is in no name, so no pattern meets another environment's tags.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

RUNS = "runs.*"
"""The tags of what runs, or is being rolled out."""

_NEVER_REACHED = 1_000
"""More images than run: an environment has four such tags."""
_MOST_RULES = 50
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html."""
_OTHER_RULES = 3
_ANY_DEPLOYED, _MOST_IMAGES = "*.*", 100_000
"""For more environments than rules can tell apart: then nothing that was deployed is expired."""

Upstream = Mapping[str, str | None]
"""Each environment that deploys from a registry, with the one that hands its images on to it."""


def lifecycle_policy(
    upstream: Upstream, *, keep_images: int, keep_deployed: int, expire_untagged_days: int
) -> dict[str, object]:
    """Return ECR's lifecycle policy.

    An image belongs to the first rule that it matches, and no later one expires it. Images are
    counted by the time of their push, which a tag that is put later does not renew.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html

    Args:
        upstream: The environments that deploy from the registry.
        keep_images: How many tagged images stay that none of them deployed.
        keep_deployed: How many images stay that an environment deployed, for each of them.
        expire_untagged_days: After how many days an untagged image goes.
    """
    return {
        "rules": [
            {"rulePriority": priority, **rule, "action": {"type": "expire"}}
            for priority, rule in enumerate(
                [
                    _tagged("What runs stays", [RUNS], _NEVER_REACHED),
                    *_deployed(upstream, keep_deployed),
                    _untagged(expire_untagged_days),
                    _tagged(
                        f"The last {keep_images} of all other tagged images stay",
                        ["*"],
                        keep_images,
                    ),
                ],
                start=1,
            )
        ]
    }


def _deployed(upstream: Upstream, keep: int) -> list[dict[str, Any]]:
    sets = _sets(upstream)
    if sets is None:
        return [_tagged("What was deployed stays", [_ANY_DEPLOYED], _MOST_IMAGES)]
    return [
        _tagged(
            f"The last {keep} that were deployed there stay", [f"{name}.*" for name in names], keep
        )
        for names in sets
    ]


def _sets(upstream: Upstream) -> list[Sequence[str]] | None:
    """Return the sets of environments that a rule each is for, those that say most first.

    A rule takes the images that all of its environments deployed. So an image that two of them
    deployed is expired by the rule of both, when it is beyond the last ones of both, and never by
    that of one alone. Where every set is too many for ECR, an image is taken to have been deployed
    before by what handed it on, as it was unless somebody deployed it by its digest past that. None
    where these are too many as well.
    """
    most = _MOST_RULES - _OTHER_RULES
    if 2 ** len(upstream) - 1 <= most:
        sizes = range(len(upstream), 0, -1)
        return [names for size in sizes for names in combinations(upstream, size)]
    ends = _ends(upstream, None, most)
    if ends is None:
        return None
    return sorted((s for s in ends if s), key=lambda s: (-len(_with_upstream(s, upstream)), s))


def _ends(upstream: Upstream, above: str | None, most: int) -> list[tuple[str, ...]] | None:
    """Return how far images can have come below *above*: sets of which none hands on to another."""
    found: list[tuple[str, ...]] = [()]
    for name, handed_on_by in upstream.items():
        if handed_on_by == above:
            below = _ends(upstream, name, most)
            if below is None or len(found) * (len(below) + 1) > most + 1:
                return None
            found = [(*one, *other) for one in found for other in (*below, (name,))]
    return found


def _with_upstream(names: Sequence[str], upstream: Upstream) -> set[str]:
    found = set()
    for name in names:
        at: str | None = name
        while at is not None:
            found.add(at)
            at = upstream[at]
    return found


def _untagged(days: int) -> dict[str, Any]:
    return {
        "description": f"Untagged images go after {days} days",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": days,
        },
    }


def _tagged(description: str, patterns: Sequence[str], most: int) -> dict[str, Any]:
    return {
        "description": description,
        "selection": {
            "tagStatus": "tagged",
            "tagPatternList": list(patterns),
            "countType": "imageCountMoreThan",
            "countNumber": most,
        },
    }
