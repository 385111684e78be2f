"""The load balancer in front of services: one made here, or one that others own."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import Precondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_lb import DataAwsLb
from cdktf_cdktf_provider_aws.data_aws_lb_listener import DataAwsLbListener
from cdktf_cdktf_provider_aws.data_aws_vpc import DataAwsVpc
from cdktf_cdktf_provider_aws.lb import Lb, LbAccessLogs
from cdktf_cdktf_provider_aws.lb_listener import (
    LbListener,
    LbListenerDefaultAction,
    LbListenerDefaultActionFixedResponse,
    LbListenerDefaultActionRedirect,
)
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from keyless_ecs.aws.network import VPC_BLOCK, Place, admit
from keyless_ecs.terraform import address_of, address_part

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""AWS's recommendation: TLS 1.2 and 1.3, with key exchange that no quantum computer undoes.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
"""
TLS_POLICY_ELSEWHERE = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""For China and GovCloud, until somebody has seen the other there."""
_IDLE_TIMEOUT = 60
"""Seconds; ELB's own default."""


@dataclass(frozen=True)
class Balancer:
    """What a service needs to know of its load balancer, whoever owns it."""

    arn_suffix: str
    """As it stands in metrics: ``app/<name>/<id>``."""
    dns_name: str
    zone_id: str
    security_group: str
    listener_arn: str
    """Of the listener that takes the service's rule."""
    vpc: str | None = None
    """Stands for its VPC's id in an expression, where that may not be the VPC of the tasks."""


class LoadBalancer(Construct):
    """An application load balancer that answers 404 to what no rule matches.

    With a certificate, requests to port 80 are redirected to HTTPS. What the provider keeps when a
    block is removed is written out, also where it says the default.

    Args:
        name: Of at most 32 characters, not beginning with ``internal-``.
        security_group_name: The name of its security group.
        place: Its VPC, and subnets of two zones or more.
        internal: Whether it has private addresses alone.
        ingress: CIDR blocks and security groups that reach it; by default everybody, and what
            is in the VPC of an internal one.
        access_logs: The bucket for its access logs.
        protect: Whether AWS and Terraform refuse to destroy it.
        certificate_arn: Of the default certificate; plain HTTP where None.
        tls_policy: Versions and ciphers of TLS.

    Exposes *balancer*.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        security_group_name: str,
        place: Place,
        internal: bool = False,
        ingress: Sequence[str] = (),
        access_logs: str | None = None,
        protect: bool = False,
        certificate_arn: str | None = None,
        tls_policy: str = TLS_POLICY,
    ) -> None:
        super().__init__(scope, id_)
        group = SecurityGroup(
            self,
            "DefaultGroup",
            name=security_group_name,
            # Another description would be another group, so it names nothing that may change.
            description="Load balancer of ECS services",
            vpc_id=place.vpc_id,
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )
        ports = {"https": 443, "http": 80} if certificate_arn else {"http": 80}
        everybody = [] if internal else ["0.0.0.0/0"]
        for source in ingress or everybody:
            for protocol, port in ports.items():
                part = address_part(source)
                admit(self, f"{protocol}_{part}", group=group.id, port=port, source=source)
        if internal and not ingress:
            block = DataAwsVpc(self, "vpc", id=place.vpc_id).cidr_block
            for protocol, port in ports.items():
                admit(
                    self,
                    f"{protocol}_vpc",
                    group=group.id,
                    port=port,
                    source=block,
                    name=VPC_BLOCK,
                )
        balancer = Lb(
            self,
            "Default",
            name=name,
            load_balancer_type="application",
            internal=internal,
            ip_address_type="ipv4",
            subnets=list(place.subnets),
            security_groups=[group.id],
            idle_timeout=_IDLE_TIMEOUT,
            # What is no header is how requests are smuggled past a proxy.
            drop_invalid_header_fields=True,
            enable_deletion_protection=protect,
            access_logs=LbAccessLogs(enabled=access_logs is not None, bucket=access_logs or ""),
            lifecycle=_lifecycle(protect, place),
        )
        listener_arn = self._listeners(balancer.arn, certificate_arn, tls_policy)
        self.balancer = Balancer(
            arn_suffix=balancer.arn_suffix,
            dns_name=balancer.dns_name,
            zone_id=balancer.zone_id,
            security_group=group.id,
            listener_arn=listener_arn,
        )

    def _listeners(self, arn: str, certificate_arn: str | None, tls_policy: str) -> str:
        """Create the listeners; return the ARN of the one that takes rules."""
        nothing = LbListenerDefaultAction(
            type="fixed-response",
            fixed_response=LbListenerDefaultActionFixedResponse(
                content_type="text/plain", message_body="Not found", status_code="404"
            ),
        )
        if certificate_arn is None:
            http = LbListener(
                self,
                "http",
                load_balancer_arn=arn,
                port=80,
                protocol="HTTP",
                default_action=[nothing],
            )
            return http.arn
        to_https = LbListenerDefaultAction(
            type="redirect",
            redirect=LbListenerDefaultActionRedirect(
                port="443", protocol="HTTPS", status_code="HTTP_301"
            ),
        )
        LbListener(
            self,
            "http",
            load_balancer_arn=arn,
            port=80,
            protocol="HTTP",
            default_action=[to_https],
        )
        https = LbListener(
            self,
            "https",
            load_balancer_arn=arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=tls_policy,
            certificate_arn=certificate_arn,
            default_action=[nothing],
        )
        return https.arn


def _lifecycle(protect: bool, place: Place) -> TerraformResourceLifecycle | None:
    two_zones = place.found and Precondition(
        condition=f"${{length({place.found}.ids) > 1}}",
        error_message=(
            "A load balancer takes subnets of two zones or more, and the default VPC has fewer: "
            "name some in load_balancer.subnets."
        ),
    )
    if not protect and not two_zones:
        return None
    return TerraformResourceLifecycle(
        prevent_destroy=True if protect else None, precondition=[two_zones] if two_zones else None
    )


def tls_policy(partition: str) -> str:
    """Return the versions and ciphers of TLS for listeners in *partition*."""
    return TLS_POLICY if partition == "aws" else TLS_POLICY_ELSEWHERE


def shared_balancer(scope: Construct, *, name: str) -> Balancer:
    """Look up the load balancer that the account's stack makes, and its HTTPS listener."""
    balancer = DataAwsLb(scope, "Default", name=name)
    listener = DataAwsLbListener(scope, "DefaultListener", load_balancer_arn=balancer.arn, port=443)
    return _of_others(balancer, listener.arn)


def balancer_of_listener(scope: Construct, *, listener_arn: str) -> Balancer:
    """Look up the load balancer of a listener that others own."""
    listener = DataAwsLbListener(scope, "DefaultListener", arn=listener_arn)
    balancer = DataAwsLb(scope, "Default", arn=listener.load_balancer_arn)
    return _of_others(balancer, listener_arn)


def _of_others(balancer: DataAwsLb, listener_arn: str) -> Balancer:
    address = address_of(balancer)
    return Balancer(
        arn_suffix=balancer.arn_suffix,
        dns_name=balancer.dns_name,
        zone_id=balancer.zone_id,
        # Any one of its groups is enough to let it in.
        security_group=f"${{sort({address}.security_groups)[0]}}",
        listener_arn=listener_arn,
        vpc=f"{address}.vpc_id",
    )
