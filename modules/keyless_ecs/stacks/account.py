"""What an AWS account has once, for all services that are delivered to it."""

from cdktf import TerraformOutput
from constructs import Construct

from keyless_ecs.aws.oidc_provider import GitHubOidc
from keyless_ecs.config.account import Account
from keyless_ecs.config.file import account_stack
from keyless_ecs.config.github import GitHub
from keyless_ecs.config.providers import Providers
from keyless_ecs.config.state import State
from keyless_ecs.stacks.stack import Stack


class AccountStack(Stack):
    """The account's trust in GitHub Actions and what its services share, with a state of its own.

    Args:
        key: The account's key in the delivery file.
        account: The account.
        github: Whose tokens are trusted.
        state: Where Terraform keeps its state.
        providers: Which versions of the providers it takes.
    """

    def __init__(
        self,
        scope: Construct,
        key: str,
        *,
        account: Account,
        github: GitHub,
        state: State,
        providers: Providers,
    ) -> None:
        super().__init__(scope, account_stack(key), state=state, providers=providers)
        tags = {**account.tags, **account.tag_keys.tags()}
        self.provide_aws(account, region=account.region, tags=tags)
        provider = GitHubOidc(
            self,
            "github_oidc",
            url=github.issuer,
            audience=github.audience_in(account.partition),
            other_audiences=account.audiences,
            mode=account.oidc_provider,
            adopted_arn=account.oidc_provider_arn(github.provider),
        )
        TerraformOutput(self, "oidc_provider_arn", value=provider.arn)
        if account.load_balancer:
            # Here, because these bindings would cost every run a tenth of its time.
            from keyless_ecs.stacks.shared_balancer import share

            share(self, key, account, account.load_balancer)
