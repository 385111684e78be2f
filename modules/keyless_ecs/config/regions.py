"""AWS's regions: their partitions, and what is not the same in all of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import did_you_mean

Partition = Literal["aws", "aws-cn", "aws-eusc", "aws-us-gov"]

REGIONS_OF: Mapping[Partition, Sequence[str]] = {
    "aws": (
        *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2"),
        *("ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2"),
        *("ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6"),
        *("ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2"),
        *("eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
        *("il-central-1", "me-central-1", "me-south-1", "me-west-1", "mx-central-1"),
        *("sa-east-1", "sa-west-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    ),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
    "aws-eusc": ("eusc-de-east-1",),
    "aws-us-gov": ("us-gov-east-1", "us-gov-west-1"),
}
"""As botocore's ``partitions.json`` has them, without the isolated ones, which GitHub's tokens do
not reach: a test compares them.

https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
"""

REGIONS = frozenset(region for regions in REGIONS_OF.values() for region in regions)
_PARTITIONS = {region: partition for partition, of in REGIONS_OF.items() for region in of}
_ISOLATED = re.compile(r"(us|eu)-iso[a-z]?-")

FARGATE_ZONES: Mapping[str, Sequence[str]] = {
    "ap-northeast-1": ("apne1-az1", "apne1-az2", "apne1-az4"),
    "cn-north-1": ("cnn1-az1", "cnn1-az2"),
    "us-west-1": ("usw1-az1", "usw1-az3"),
}
"""The ids of the zones that Fargate has, where it has not all of a region's.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html
"""


def known_region(value: str) -> str:
    """Return *value*, which is a region that a delivery can go to.

    Raises:
        ValueError: It is none that is known; the text says what to do.
    """
    if value in REGIONS:
        return value
    if _ISOLATED.match(value):
        raise ValueError(
            f"{shown(value)} is an isolated region, which no token of GitHub's reaches; "
            "it is not offered"
        )
    # A guess goes to no other part of the world.
    meant = value.lower().replace("_", "-")
    alike = {region for region in REGIONS if region.split("-")[0] == meant.split("-")[0]}
    mend = did_you_mean(meant, alike) if alike else f"use one of {', '.join(sorted(REGIONS))}"
    raise ValueError(f"{shown(value)} is not an AWS region; {mend}")


def partition_of(region: str) -> Partition:
    """Return the partition of a known *region*, as it stands in ARNs."""
    return _PARTITIONS[region]
