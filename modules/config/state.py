"""Where Terraform keeps its state."""

from typing import Annotated

from modules.config.aws import KmsKeyArn, Region
from modules.config.model import Model
from modules.config.text import matching

Bucket = Annotated[
    str,
    matching(
        r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "is not an S3 bucket name; use 3 to 63 lower-case letters, digits, dots and hyphens",
    ),
]
KeyPrefix = Annotated[
    str,
    matching(
        r"[\w.-]+(/[\w.-]+)*",
        'is not a key prefix; use names with slashes between them: "delivery/state"',
    ),
]


class S3(Model):
    """State in an S3 bucket, locked by a file beside it (Terraform 1.10 or newer)."""

    bucket: Bucket
    region: Region
    key_prefix: KeyPrefix = "keyless-ecs"
    lock_file: bool = True
    kms_key: KmsKeyArn | None = None


class State(Model):
    """The backend of every stack: a file in the stack's folder unless ``s3`` is given."""

    s3: S3 | None = None
