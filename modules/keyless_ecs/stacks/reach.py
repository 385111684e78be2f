"""How the load balancer of one environment, whoever owns it, reaches its tasks."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from constructs import Construct

from keyless_ecs.aws.certificate import Names
from keyless_ecs.aws.infrastructure_role import infrastructure_trust, shift_traffic
from keyless_ecs.aws.load_balancer import (
    Balancer,
    LoadBalancer,
    balancer_of_listener,
    shared_balancer,
    tls_policy,
)
from keyless_ecs.aws.network import Network, Place, admit
from keyless_ecs.aws.role import Role
from keyless_ecs.aws.service import Served
from keyless_ecs.aws.target_groups import TargetGroups
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.domain import NONE
from keyless_ecs.config.reach import Reach
from keyless_ecs.stacks.pipeline import of_account


@dataclass(frozen=True)
class Reached:
    """What became of it: for the service, for who scales it, and for who wants to look at it."""

    to_tasks: Served
    ready: Sequence[ITerraformDependable]
    label: str
    """Of load balancer and target group, as in metrics."""
    url: str
    dns_name: str


def reach(stack: Construct, delivery: Delivery, network: Network) -> Reached:
    """Put a load balancer in front of the tasks of *delivery*, which has a domain."""
    wanted = delivery.reach
    port = delivery.container.port
    if wanted is None or port is None:
        raise ValueError(f"{delivery.name} has no domain or no port")
    scope = Construct(stack, "load_balancer")
    names = Names(stack, "domain", zones=dict(wanted.records))
    certificates = {name: names.certificate(name) for name in wanted.requested}
    balancer = _balancer(scope, delivery, wanted, network.place, list(certificates.values()))
    _attach(names, wanted, balancer, certificates)
    for name, _ in wanted.records:
        names.lead_to(name, balancer)

    check = wanted.target_group.health_check
    groups = TargetGroups(
        scope,
        "DefaultGroups",
        blue_name=wanted.target_group_name("blue"),
        green_name=wanted.target_group_name("green"),
        place=network.place,
        balancer=balancer,
        hosts=wanted.domain.names,
        paths=wanted.paths,
        priority=wanted.priority,
        health_path=check.path,
        matcher=check.matcher,
        interval=check.interval,
        deregistration_delay=wanted.target_group.deregistration_delay,
    )
    role = Role(
        stack,
        "infrastructure_role",
        name=delivery.infrastructure_role,
        description=f"Shifts traffic between the target groups of {delivery.name}",
        trust=infrastructure_trust(account_id=delivery.account.id),
        permissions=shift_traffic(
            target_groups=[groups.blue_arn, groups.green_arn], rule=groups.rule.arn
        ),
        **of_account(delivery.account),
    )
    return Reached(
        to_tasks=Served(
            groups=groups,
            role_arn=role.arn,
            container=delivery.container_name,
            port=port,
            grace_period=check.grace_period,
            wait_minutes=delivery.wait_minutes,
        ),
        ready=[groups.rule, *_let_through(scope, wanted, balancer, network, port), *role.ready],
        label=f"{balancer.arn_suffix}/{groups.blue_arn_suffix}",
        url=wanted.url(balancer.dns_name),
        dns_name=balancer.dns_name,
    )


def _balancer(
    scope: Construct, delivery: Delivery, wanted: Reach, tasks: Place, certificates: Sequence[str]
) -> Balancer:
    """Create the load balancer, or look up the one that is the account's or another's."""
    settings = wanted.balancer
    if wanted.is_shared:
        return shared_balancer(scope, name=wanted.balancer_name)
    if not wanted.is_own:
        return balancer_of_listener(scope, listener_arn=settings.use)
    given = wanted.domain.certificate
    first = next(iter(certificates), None) if given is None else given
    own = LoadBalancer(
        scope,
        "Default",
        name=wanted.balancer_name,
        security_group_name=wanted.security_group_name,
        place=Place(tasks.vpc, settings.subnets) if settings.subnets else tasks,
        internal=settings.internal,
        ingress=settings.ingress,
        access_logs=settings.access_logs,
        protect=settings.protect,
        certificate_arn=None if first == NONE else first,
        tls_policy=tls_policy(delivery.partition),
    )
    return own.balancer


def _attach(names: Names, wanted: Reach, balancer: Balancer, certificates: dict[str, str]) -> None:
    """Have the listener serve all certificates, of which an own balancer's first is its default."""
    attached = list(certificates.items())[1 if wanted.is_own else 0 :]
    for name, arn in attached:
        names.attach(name, arn, balancer.listener_arn)
    given = wanted.domain.certificate
    if given and given != NONE and not wanted.is_own:
        names.attach("certificate", given, balancer.listener_arn)


def _let_through(
    scope: Construct, wanted: Reach, balancer: Balancer, network: Network, port: int
) -> list[ITerraformDependable]:
    """Let the load balancer in to the tasks, and out to them where no inline rules would fight."""
    into = admit(
        network,
        "load_balancer",
        group=network.group,
        port=port,
        source=balancer.security_group,
        name="the load balancer",
    )
    if not (wanted.is_own or wanted.is_shared):
        return [into]
    out = VpcSecurityGroupEgressRule(
        scope,
        "tasks",
        security_group_id=balancer.security_group,
        description=f"Tasks of {wanted.delivery.name}",
        referenced_security_group_id=network.group,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
    )
    return [into, out]
