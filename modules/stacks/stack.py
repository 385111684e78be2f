"""What every stack has: a declared backend, and providers written out in full."""

from collections.abc import Mapping

from cdktf import LocalBackend, S3Backend, TerraformStack
from cdktf_cdktf_provider_aws.provider import (
    AwsProvider,
    AwsProviderAssumeRole,
    AwsProviderDefaultTags,
)
from constructs import Construct

from modules.config.account import Account
from modules.config.state import State
from modules.terraform import literal


class Stack(TerraformStack):
    """A stack with a declared backend and required versions."""

    def __init__(self, scope: Construct, id_: str, *, state: State) -> None:
        super().__init__(scope, id_)
        if state.s3:
            S3Backend(
                self,
                bucket=state.s3.bucket,
                key=f"{state.s3.key_prefix}/{id_}.tfstate",
                region=state.s3.region,
                encrypt=True,
                kms_key_id=state.s3.kms_key,
            )
            if state.s3.lock_file:
                # cdktf 0.21 does not know the argument, Terraform does since 1.10.
                self.add_override("terraform.backend.s3.use_lockfile", True)
        else:
            # Without a path, cdktf writes an absolute one of the machine that ran it.
            LocalBackend(self, path="terraform.tfstate")
        locks_in_s3 = state.s3 is not None and state.s3.lock_file
        self.add_override("terraform.required_version", ">= 1.10.0" if locks_in_s3 else ">= 1.5.0")

    def provide_aws(self, account: Account, *, region: str, tags: Mapping[str, str]) -> None:
        """Declare the AWS provider for *account*: it refuses to work in any other."""
        self.add_override("terraform.required_providers.aws.source", "hashicorp/aws")
        all_tags = {**account.tags, **tags}
        AwsProvider(
            self,
            "aws",
            region=region,
            allowed_account_ids=[account.id],
            assume_role=(
                [AwsProviderAssumeRole(role_arn=account.assume_role)]
                if account.assume_role
                else None
            ),
            default_tags=[
                AwsProviderDefaultTags(
                    tags={literal(key): literal(value) for key, value in all_tags.items()}
                )
            ],
        )
