"""The image registry of a service."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from keyless_ecs.config.aws import KMS_KEY
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.text import matching

RepositoryName = Annotated[
    str,
    Field(min_length=2, max_length=256),
    matching(
        r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*",
        "is not an ECR repository name; use lower-case letters and digits, "
        "with single . _ - or / between them",
    ),
]
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html"""


Encryption = Annotated[
    str,
    matching(
        rf"AES256|KMS|{KMS_KEY}",
        "is not an encryption; use AES256, KMS (AWS's own key) or a KMS key's ARN",
    ),
]


class Registry(Setting):
    """A private ECR repository; the article's choices are the defaults.

    *keep_images*: how many tagged images stay that were never deployed.
    *keep_deployed*: of the images that an environment deployed, how many stay, for each environment
    that deploys from here. What runs stays in any case.
    *shared_from* (``from``): the environment of the service whose deployments this one promotes. It
    deploys what that one deployed, and has no registry of its own.
    """

    name: RepositoryName | None = None
    tags: Literal["mutable", "immutable"] = "mutable"
    encryption: Encryption = "AES256"
    scan: StrictBool = True
    keep_images: Annotated[StrictInt, Field(ge=1, le=100_000)] = 30
    keep_deployed: Annotated[StrictInt, Field(ge=1, le=100_000)] = 30
    expire_untagged_days: Annotated[StrictInt, Field(ge=1, le=3_650)] = 14
    protect: StrictBool = False
    shared_from: Annotated[str | None, Field(alias="from")] = None
