"""Which images stay: ECR's own rules, played on images that were deployed here and there."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyless_ecs.aws.lifecycle import Upstream, lifecycle_policy

CHAIN: Upstream = {"dev": None, "staging": "dev", "live": "staging"}
FAN: Upstream = {"dev": None, "one": "dev", "two": "dev", "three": "two"}
WORKERS: Upstream = {
    "web-dev": None,
    "web-live": "web-dev",
    **{f"w{n}-{key}": f"web-{key}" for n in (1, 2) for key in ("dev", "live")},
}
MANY: Upstream = {"dev": None, **{f"w{number}": "dev" for number in range(9)}}


def rules(upstream: Upstream, *, keep: int = 2) -> list[dict[str, Any]]:
    """Return the rules of a registry from which *upstream* deploys."""
    policy: Any = lifecycle_policy(
        upstream, keep_images=2, keep_deployed=keep, expire_untagged_days=14
    )
    return list(policy["rules"])


def expired(images: Mapping[int, set[str]], found: list[dict[str, Any]]) -> set[int]:
    """Return which of *images*, by the order of their push, ECR expires.

    An image belongs to the first rule of which its tags match every pattern, and that rule alone
    expires it: when so many younger images match the rule as well.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
    """

    def matches(rule: dict[str, Any], image: int) -> bool:
        patterns = rule["selection"].get("tagPatternList", ["-"])
        return all(any(fnmatchcase(tag, p) for tag in images[image]) for p in patterns)

    gone = set()
    for image in images:
        first = next((rule for rule in found if matches(rule, image)), None)
        younger = [other for other in images if other > image and first and matches(first, other)]
        if first and len(younger) >= first["selection"]["countNumber"]:
            gone.add(image)
    return gone


def test_the_rules_of_one_environment() -> None:
    """What runs stays, and the last that were deployed, built, or lost their tag."""
    assert [rule["selection"] for rule in rules({"papyrus-production": None}, keep=30)] == [
        tagged("runs.*", 1_000),
        tagged("papyrus-production.*", 30),
        {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 14,
        },
        tagged("*", 2),
    ]
    assert [rule["rulePriority"] for rule in rules(FAN)] == list(range(1, len(rules(FAN)) + 1))


def tagged(pattern: str, most: int) -> dict[str, Any]:
    """Return what selects all but the last *most* images of *pattern*."""
    return {
        "tagStatus": "tagged",
        "tagPatternList": [pattern],
        "countType": "imageCountMoreThan",
        "countNumber": most,
    }


@pytest.mark.parametrize("upstream", [CHAIN, FAN, WORKERS, MANY], ids=["chain", "fan", "w", "many"])
@given(data=st.data())
def test_the_last_deployed_images_stay(upstream: Upstream, data: st.DataObject) -> None:
    """Of each environment, in whichever other ones an image was deployed as well."""
    names = sorted(upstream)
    deployed = data.draw(st.lists(st.sets(st.sampled_from(names)), max_size=12))
    if 2 ** len(upstream) > 48:
        # Where rules for every set are too many, what handed an image on has deployed it too.
        deployed = [
            {each for name in one for each in with_upstream(name, upstream)} for one in deployed
        ]
    images = {
        number: {f"{number:040x}", *(f"{name}.{number:040x}" for name in one)}
        for number, one in enumerate(deployed)
    }

    gone = expired(images, rules(upstream))

    for name in names:
        theirs = [number for number, one in enumerate(deployed) if name in one]
        assert not gone & set(theirs[-2:])


def with_upstream(name: str | None, upstream: Upstream) -> Iterator[str]:
    """Yield an environment, and all that handed an image on to it."""
    while name is not None:
        yield name
        name = upstream[name]


def test_an_image_that_runs_stays_whatever_its_age() -> None:
    """P6. Production promotes rarely, while dev builds often.

    https://github.com/aws/containers-roadmap/issues/1078, and 1036, 2746
    """
    images = {number: {f"{number:040x}", f"dev.{number:040x}"} for number in range(40)}
    images[0] |= {"runs.live", f"live.{0:040x}"}
    images[1] |= {"runs.dev.next"}

    assert expired(images, rules(CHAIN)) == set(range(2, 38))


def test_registries_have_no_more_rules_than_ecr_takes() -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html."""
    for count in range(30):
        fan: Upstream = {"dev": None, **{f"w{number}": "dev" for number in range(count)}}
        assert len(rules(fan)) <= 50
    assert [rule["selection"]["tagPatternList"] for rule in rules(MANY)[:2]] == [
        ["runs.*"],
        ["*.*"],
    ]
