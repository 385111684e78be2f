"""The load balancer that an account's services share."""

from cdktf import TerraformOutput
from constructs import Construct

from keyless_ecs.aws.certificate import Names
from keyless_ecs.aws.load_balancer import LoadBalancer, tls_policy
from keyless_ecs.aws.network import place
from keyless_ecs.config.account import Account
from keyless_ecs.config.load_balancer import AccountLoadBalancer
from keyless_ecs.config.reach import account_balancer
from keyless_ecs.config.regions import FARGATE_ZONES


def share(stack: Construct, key: str, account: Account, settings: AccountLoadBalancer) -> None:
    """Create the load balancer behind which services of one account and region stand.

    Args:
        stack: The account's stack.
        key: The account's key in the delivery file.
        account: The account.
        settings: What is asked of the load balancer.
    """
    domain, name = settings.domain, account_balancer(key)
    zones = {host: zone for host in domain.names if (zone := domain.zone_of(host))}
    names = Names(stack, "domain", zones={} if domain.certificate else zones)
    requested = [] if domain.certificate else domain.names
    certificates = {host: names.certificate(host) for host in requested}
    where = Construct(stack, "network")
    zone_ids = FARGATE_ZONES.get(account.region, ())
    balancer = LoadBalancer(
        Construct(stack, "load_balancer"),
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
    TerraformOutput(stack, "load_balancer_dns_name", value=balancer.dns_name)
