"""What every stack has: a declared backend, and providers written out in full."""

from collections.abc import Mapping

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import (
    AwsProvider,
    AwsProviderAssumeRole,
    AwsProviderDefaultTags,
)
from constructs import Construct

from keyless_ecs.config.account import Account
from keyless_ecs.config.providers import CONSTRAINTS, Providers
from keyless_ecs.config.state import State
from keyless_ecs.stacks import backend
from keyless_ecs.terraform import literal


class Stack(TerraformStack):
    """A stack with a declared backend and required versions."""

    def __init__(self, scope: Construct, id_: str, *, state: State, providers: Providers) -> None:
        super().__init__(scope, id_)
        self._versions = providers.model_dump()
        backend.declare(self, state, id_)
        self.add_override("terraform.required_version", backend.terraform_version(state))

    def require(self, provider: str, source: str) -> None:
        """Write out where *provider* comes from and which versions of it are taken."""
        where = f"terraform.required_providers.{provider}"
        self.add_override(f"{where}.source", source)
        self.add_override(f"{where}.version", self._versions[provider] or CONSTRAINTS[provider])

    def provide_aws(self, account: Account, *, region: str, tags: Mapping[str, str]) -> None:
        """Declare the AWS provider for *account*: it refuses to work in any other."""
        self.require("aws", "hashicorp/aws")
        AwsProvider(
            self,
            "aws",
            region=region,
            allowed_account_ids=[account.id],
            assume_role=(
                [
                    AwsProviderAssumeRole(
                        role_arn=account.assume_role, external_id=account.external_id
                    )
                ]
                if account.assume_role
                else None
            ),
            default_tags=[
                AwsProviderDefaultTags(
                    tags={literal(key): literal(value) for key, value in tags.items()}
                )
            ],
        )
