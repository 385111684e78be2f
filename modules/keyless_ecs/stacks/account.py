"""What an AWS account has once, for all services that are delivered to it."""

from cdktf import TerraformOutput
from constructs import Construct

from keyless_ecs.aws.certificate import Names
from keyless_ecs.aws.load_balancer import LoadBalancer, tls_policy
from keyless_ecs.aws.network import place
from keyless_ecs.aws.oidc_provider import GitHubOidc
from keyless_ecs.config.account import Account
from keyless_ecs.config.file import account_stack
from keyless_ecs.config.github import GitHub
from keyless_ecs.config.load_balancer import AccountLoadBalancer
from keyless_ecs.config.providers import Providers
from keyless_ecs.config.reach import account_balancer
from keyless_ecs.config.regions import FARGATE_ZONES
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
            self._share(key, account, account.load_balancer)

    def _share(self, key: str, account: Account, settings: AccountLoadBalancer) -> None:
        """Create the load balancer behind which services of this account and region stand."""
        domain, name = settings.domain, account_balancer(key)
        zones = {host: zone for host in domain.names if (zone := domain.zone_of(host))}
        names = Names(self, "domain", zones={} if domain.certificate else zones)
        requested = [] if domain.certificate else domain.names
        certificates = {host: names.certificate(host) for host in requested}
        where = Construct(self, "network")
        zone_ids = FARGATE_ZONES.get(account.region, ())
        balancer = LoadBalancer(
            Construct(self, "load_balancer"),
            "Default",
            name=name,
            security_group_name=f"{name}-load-balancer",
            place=place(where, subnets=settings.subnets, zones=zone_ids),
            internal=settings.internal,
            ingress=settings.ingress,
            access_logs=settings.access_logs,
            protect=settings.protect,
            certificate_arn=domain.certificate or next(iter(certificates.values())),
            tls_policy=tls_policy(account.partition),
        ).balancer
        for host, arn in list(certificates.items())[1:]:
            names.attach(host, arn, balancer.listener_arn)
        TerraformOutput(self, "load_balancer_dns_name", value=balancer.dns_name)
