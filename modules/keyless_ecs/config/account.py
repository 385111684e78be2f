"""An AWS account that services are delivered to."""

from collections.abc import Mapping
from typing import Literal

from keyless_ecs.config.aws import (
    AccountId,
    Partition,
    PolicyArn,
    Region,
    RoleArn,
    RolePath,
    TagKey,
    TagValue,
    partition_of,
)
from keyless_ecs.config.model import Model


class Account(Model):
    """An AWS account: where it is, how Terraform enters it, what its roles must carry."""

    id: AccountId
    region: Region
    oidc_provider: Literal["create", "existing", "adopt"] = "create"
    assume_role: RoleArn | None = None
    permissions_boundary: PolicyArn | None = None
    role_path: RolePath = "/"
    tags: Mapping[TagKey, TagValue] = {}

    @property
    def partition(self) -> Partition:
        """The partition of the account, as it stands in ARNs."""
        return partition_of(self.region)

    def oidc_provider_arn(self, provider: str) -> str:
        """Return the ARN of the account's OIDC provider, an issuer without scheme."""
        return f"arn:{self.partition}:iam::{self.id}:oidc-provider/{provider}"
