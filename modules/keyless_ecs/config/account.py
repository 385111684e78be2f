"""An AWS account that services are delivered to."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StrictInt, model_validator

from keyless_ecs.config.aws import (
    AccountId,
    ExternalId,
    PolicyArn,
    Region,
    RoleArn,
    RolePath,
    TagKey,
    TagValue,
)
from keyless_ecs.config.github import Audience
from keyless_ecs.config.keys import Was
from keyless_ecs.config.load_balancer import AccountLoadBalancer
from keyless_ecs.config.model import Model
from keyless_ecs.config.regions import Partition, partition_of
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import EachOnce

MANAGED_BY = "keyless-ecs"
NO_TAG = "none"


class TagKeys(Model):
    """The keys of the tags that every stack sets itself; ``none`` leaves a tag out."""

    service: TagKey = "service"
    """Of the tag that holds the service's key.

    Example: Service
    """
    environment: TagKey = "environment"
    """Of the tag that holds the environment's key.

    Example: Environment
    """
    managed_by: TagKey = "managed-by"
    """Of the tag that says ``keyless-ecs``.

    Example: none
    """

    @model_validator(mode="after")
    def _each_its_own(self) -> "TagKeys":
        keys = [key.lower() for _, key in self if key != NO_TAG]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            raise ValueError(
                f"two of them would be {shown(twice)}, and IAM tells no cases apart; "
                f"give each its own, or leave one out with {NO_TAG}"
            )
        return self

    def tags(self, **values: str) -> dict[str, str]:
        """Return the built-in tags of a resource, from the *values* of the settings."""
        values = {**values, "managed_by": MANAGED_BY}
        keys = {setting: getattr(self, setting) for setting in values}
        return {key: values[setting] for setting, key in keys.items() if key != NO_TAG}


class Quotas(Model):
    """Quotas of IAM that AWS raises on request, by the names of ``aws iam get-account-summary``.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """

    assume_role_policy_size: Annotated[StrictInt, Field(ge=2_048, le=8_192)] = 2_048
    """Characters of a role's trust policy.

    Example: 4096
    """
    attached_policies_per_role: Annotated[StrictInt, Field(ge=10, le=25)] = 10
    """Managed policies of a role.

    Example: 20
    """


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
    audiences: Annotated[tuple[Audience, ...], Field(max_length=99), EachOnce] = ()
    """Further audiences of the OIDC provider, which others ask for.

    Example: [acme.example.com]
    """
    assume_role: RoleArn | None = None
    """ARN of the role of this account through which Terraform enters it.

    Example: arn:aws:iam::123456789012:role/terraform
    """
    external_id: ExternalId | None = None
    """What that role asks for besides, where another company owns the account. It is no secret.

    Example: acme-delivery
    """
    permissions_boundary: PolicyArn | None = None
    """ARN of the policy that bounds every role.

    Example: arn:aws:iam::123456789012:policy/boundary
    """
    role_path: RolePath = "/"
    """IAM path of every role.

    Example: /delivery/
    """
    load_balancer: AccountLoadBalancer | None = None
    """A load balancer that services of this account and region share, each by
    ``load_balancer: shared``.

    Example: "*.acme.example"
    """
    tags: Mapping[TagKey, TagValue] = {}
    """Tags on everything in the account. Those of a service win over them; ``service``,
    ``environment`` and ``managed-by``, which every stack sets itself, win over both.

    Example: {cost-center: "42"}
    """
    tag_keys: TagKeys = TagKeys()
    """Other keys for the tags that every stack sets itself, where a tag policy prescribes them.

    Example: {environment: Environment, managed_by: none}
    """
    quotas: Quotas = Quotas()
    """What IAM takes in this account, where AWS raised it.

    Example: {assume_role_policy_size: 4096}
    """
    was: Was = ()
    """The key that it had before, or several, the first one first. See
    docs/operations.md#another-key.

    Example: main
    """

    @property
    def partition(self) -> Partition:
        """The partition of the account, as it stands in ARNs."""
        return partition_of(self.region)

    def oidc_provider_arn(self, provider: str) -> str:
        """Return the ARN of the account's OIDC provider, an issuer without scheme."""
        return f"arn:{self.partition}:iam::{self.id}:oidc-provider/{provider}"
