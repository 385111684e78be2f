"""The OIDC provider through which an account trusts GitHub Actions."""

from collections.abc import Sequence
from typing import Literal

from cdktf import TerraformResourceLifecycle, TerraformStack
from cdktf_cdktf_provider_aws.data_aws_iam_openid_connect_provider import (
    DataAwsIamOpenidConnectProvider,
)
from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from constructs import Construct


class GitHubOidc(Construct):
    """The provider of GitHub's tokens: one per URL and account, so a second *create* fails.

    Destroying it would lock out every pipeline of the account, so Terraform refuses to. It carries
    no thumbprint: AWS checks GitHub's certificate against its own library of authorities.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html

    Args:
        url: The issuer, with scheme.
        audience: The ``aud`` that the jobs ask for.
        other_audiences: Those that others ask for.
        mode: ``create`` it, look up an ``existing`` one that others own, or ``adopt`` one: take it
            under this stack's state with an import.
        adopted_arn: The ARN of the provider to adopt.

    Exposes *arn*.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        url: str,
        audience: str,
        other_audiences: Sequence[str] = (),
        mode: Literal["create", "existing", "adopt"] = "create",
        adopted_arn: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        if mode == "existing":
            self.arn = DataAwsIamOpenidConnectProvider(self, "Default", url=url).arn
            return
        provider = IamOpenidConnectProvider(
            self,
            "Default",
            url=url,
            client_id_list=[audience, *(it for it in other_audiences if it != audience)],
            lifecycle=TerraformResourceLifecycle(
                prevent_destroy=True,
                # Others made it, and their jobs may ask for audiences that nobody named here.
                ignore_changes=["client_id_list"] if mode == "adopt" else None,
            ),
        )
        if mode == "adopt":
            # What is let alone must have what our jobs ask for, or AWS refuses every one of them.
            condition = f'${{contains(self.client_id_list, "{audience}")}}'
            message = (
                f'The adopted provider lacks the audience "{audience}", and its list is let alone: '
                "aws iam add-client-id-to-open-id-connect-provider "
                f"--open-id-connect-provider-arn {adopted_arn} --client-id {audience}"
            )
            provider.add_override(
                "lifecycle.postcondition", [{"condition": condition, "error_message": message}]
            )
        if mode == "adopt" and adopted_arn:
            # Not by import_from: it runs `terraform version`, and fails where that is missing.
            address = f"{provider.terraform_resource_type}.{provider.friendly_unique_id}"
            block = {"to": address, "id": adopted_arn}
            TerraformStack.of(self).add_override("import", [block])
        self.arn = provider.arn
