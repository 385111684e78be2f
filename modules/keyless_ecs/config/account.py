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
    """Twelve digits, in quotes. The provider refuses to work in any other account.

    Example: "123456789012"
    """
    region: Region
    """Where services are delivered unless an environment says otherwise.

    Example: eu-west-1
    """
    oidc_provider: Literal["create", "existing", "adopt"] = "create"
    """GitHub's OIDC provider, of which an account has one per URL: ``create`` it, look up an
    ``existing`` one that others own, or ``adopt`` one under this stack's state, by an import
    block."""
    assume_role: RoleArn | None = None
    """ARN of the role of this account through which Terraform enters it.

    Example: arn:aws:iam::123456789012:role/terraform
    """
    permissions_boundary: PolicyArn | None = None
    """ARN of the policy that bounds every role.

    Example: arn:aws:iam::123456789012:policy/boundary
    """
    role_path: RolePath = "/"
    """IAM path of every role.

    Example: /delivery/
    """
    tags: Mapping[TagKey, TagValue] = {}
    """Tags on everything in the account. Those of a service win over them; ``service``,
    ``environment`` and ``managed-by``, which every stack sets itself, win over both.

    Example: {cost-center: "42"}
    """

    @property
    def partition(self) -> Partition:
        """The partition of the account, as it stands in ARNs."""
        return partition_of(self.region)

    def oidc_provider_arn(self, provider: str) -> str:
        """Return the ARN of the account's OIDC provider, an issuer without scheme."""
        return f"arn:{self.partition}:iam::{self.id}:oidc-provider/{provider}"
