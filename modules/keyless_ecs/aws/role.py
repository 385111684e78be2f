"""An IAM role whose documents stay readable in the generated JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policies_exclusive import IamRolePoliciesExclusive
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.iam_role_policy_attachments_exclusive import (
    IamRolePolicyAttachmentsExclusive,
)
from constructs import Construct

from keyless_ecs.aws.iam import PolicyDocument
from keyless_ecs.terraform import address_part, json_local


@dataclass(frozen=True)
class ExistingRole:
    """A role that others own, with its policies."""

    arn: str
    ready: Sequence[ITerraformDependable] = ()


class Role(Construct):
    """A role with one trust policy, at most one policy of its own, and managed policies.

    The documents stand as locals, as JSON that a reviewer can read and compare line by line;
    inside the resource they would be one long string.

    Args:
        name: Role name, at most 64 characters.
        description: What the role is for.
        trust: Who may assume it.
        permissions: What it may do, by a policy of its own.
        managed_policies: ARNs of managed policies to attach; one listed twice is attached once.
        path: IAM path, with a slash at both ends.
        permissions_boundary: ARN of the policy that bounds it.
        max_session_seconds: How long a session may last.
        exclusive: Whether policies that stand elsewhere than here are taken off it.

    Exposes *arn* and *ready*: what must exist before the role can do its work.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        description: str,
        trust: PolicyDocument,
        permissions: PolicyDocument | None = None,
        managed_policies: Sequence[str] = (),
        path: str = "/",
        permissions_boundary: str | None = None,
        max_session_seconds: int = 3600,
        exclusive: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        role = IamRole(
            self,
            "Default",
            name=name,
            description=description,
            path=path if path != "/" else None,
            permissions_boundary=permissions_boundary,
            max_session_duration=max_session_seconds if max_session_seconds > 3600 else None,
            assume_role_policy=json_local(self, "trust", trust),
        )
        self.arn = role.arn
        self.ready: list[ITerraformDependable] = []
        if permissions:
            policy = IamRolePolicy(
                self,
                "policy",
                role=role.name,
                name=name,
                policy=json_local(self, "permissions", permissions),
            )
            self.ready.append(policy)
        managed_policies = list(dict.fromkeys(managed_policies))
        taken = {"Default", "trust", "policy", "permissions", "policies", "attachments"}
        for arn in managed_policies:
            short = address_part(arn.rpartition("/")[2], taken)
            taken.add(short)
            attachment = IamRolePolicyAttachment(self, short, role=role.name, policy_arn=arn)
            self.ready.append(attachment)
        if exclusive:
            IamRolePoliciesExclusive(
                self,
                "policies",
                role_name=role.name,
                policy_names=[policy.name] if permissions else [],
            )
            IamRolePolicyAttachmentsExclusive(
                self, "attachments", role_name=role.name, policy_arns=managed_policies
            )
