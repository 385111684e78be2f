"""The image registry of a service."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt

from keyless_ecs.config.aws import KMS_KEY
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.shown import as_name, shown
from keyless_ecs.config.text import matching

_URI = re.compile(
    r"(https?://)?([\w-]+\.dkr[.-]ecr[\w.-]*|public\.ecr\.aws)/(?P<name>[^:@]*)([:@].*)?"
    r"|arn:[\w-]+:ecr:[\w:-]+:repository/(?P<of_arn>.*)",
    re.ASCII,
)


def _name_alone(value: str) -> str:
    if uri := _URI.fullmatch(value):
        name = uri["name"] or uri["of_arn"] or "shop/web"
        raise ValueError(
            f"{shown(value)} names the registry, too, which is that of the account and the region; "
            f"use {as_name(name)}"
        )
    return value


RepositoryName = Annotated[
    str,
    AfterValidator(_name_alone),
    Field(min_length=2, max_length=256),
    matching(
        r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*",
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
    """A private ECR repository; the article's choices are the defaults."""

    name: RepositoryName | None = None
    """Name of the ECR repository.

    Default: {image_repository}
    Example: shop/web
    """
    tags: Literal["mutable", "immutable"] = "mutable"
    """Whether a tag may be given to another image."""
    encryption: Encryption = "AES256"
    """``AES256``, ``KMS`` for AWS's own key, or a KMS key's ARN.

    Example: KMS
    """
    scan: StrictBool = True
    """Whether every push is scanned."""
    keep_images: Annotated[StrictInt, Field(ge=1, le=100_000)] = 30
    """How many tagged images stay that no environment deployed.

    Example: 100
    """
    keep_deployed: Annotated[StrictInt, Field(ge=1, le=100_000)] = 30
    """How many images stay of those that an environment deployed, for each environment that deploys
    from this registry. What runs stays in any case.

    Example: 100
    """
    expire_untagged_days: Annotated[StrictInt, Field(ge=1, le=3_650)] = 14
    """After how many days an untagged image goes.

    Example: 30
    """
    protect: StrictBool = False
    """Whether Terraform refuses to destroy it."""
    shared_from: Annotated[str | None, Field(alias="from")] = None
    """In an environment: deploy what this other environment of the service deployed, and after it,
    in whichever account. Such chains may have any length (dev → staging → production); the registry
    is that of the first.

    Example: staging
    """
