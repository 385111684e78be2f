"""The logs of one environment's tasks."""

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from constructs import Construct


class LogGroup(Construct):
    """A CloudWatch log group that forgets after *retention_days*.

    Args:
        name: Log group name.
        retention_days: One of the numbers of days that CloudWatch offers.
        kms_key: ARN of the key that encrypts the logs; CloudWatch's own where None.

    Exposes *name*.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        retention_days: int,
        kms_key: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        group = CloudwatchLogGroup(
            self, "Default", name=name, retention_in_days=retention_days, kms_key_id=kms_key
        )
        self.name = group.name
