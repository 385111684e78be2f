"""The logs of an environment's tasks."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StrictInt

from keyless_ecs.config.aws import KmsKeyArn, LogGroupName
from keyless_ecs.config.setting import Setting

RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
NEVER = 0


def _retention(value: int) -> int:
    if value == NEVER or value in RETENTION_DAYS:
        return value
    # The nearest, which may forget a tenth sooner than was asked for and no more.
    near = [days for days in RETENTION_DAYS if days >= value * 0.9]
    mend = f"use {min(near, key=lambda days: abs(days - value))}" if near and value > 0 else ""
    mend = mend or f"use 1 to {RETENTION_DAYS[-1]}, or {NEVER} to keep all for good"
    raise ValueError(f"{value} days is not a retention that CloudWatch offers; {mend}")


RetentionDays = Annotated[
    StrictInt,
    AfterValidator(_retention),
    Field(json_schema_extra={"enum": [NEVER, *RETENTION_DAYS]}),
]


class Logs(Setting):
    """The log group of the tasks."""

    own: ClassVar = {"name"}

    name: LogGroupName | None = None
    """Name of the log group.

    Default: {log_group}
    Example: /ecs/shop
    """
    retention_days: RetentionDays = 30
    """One of the numbers of days that CloudWatch offers, or 0 to keep all for good.

    Example: 90
    """
    kms_key: KmsKeyArn | None = None
    """ARN of the key that encrypts the logs.

    Default: CloudWatch's own
    Example: arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    """
