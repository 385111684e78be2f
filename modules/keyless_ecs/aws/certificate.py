"""The certificate for one name, and the records of that name."""

from collections.abc import Mapping

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.acm_certificate import AcmCertificate
from cdktf_cdktf_provider_aws.acm_certificate_validation import (
    AcmCertificateValidation,
    AcmCertificateValidationTimeouts,
)
from cdktf_cdktf_provider_aws.data_aws_route53_zone import DataAwsRoute53Zone
from cdktf_cdktf_provider_aws.lb_listener_certificate import LbListenerCertificate
from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from constructs import Construct

from keyless_ecs.aws.load_balancer import Balancer
from keyless_ecs.terraform import address_of, address_part

_VALIDATION_TIMEOUT = "20m"
"""ACM needs some minutes. In a zone that nobody delegated it would wait for ever."""


class Names(Construct):
    """The names of one load balancer: zones, certificates, and records that lead to it.

    Each name has a certificate of its own, and none is ever replaced: one for all would be another
    one with each new name, and a listener would be without it until that is validated. The same
    name always gets the same record for its validation, and a wildcard shares that of its base.

    Args:
        zones: For each name the hosted zone, by name or id.
    """

    def __init__(self, scope: Construct, id_: str, *, zones: Mapping[str, str]) -> None:
        super().__init__(scope, id_)
        looked_up = Construct(self, "DefaultZones")
        ids = {
            zone: zone
            if zone.startswith("Z")
            else DataAwsRoute53Zone(
                looked_up, address_part(zone), name=zone, private_zone=False
            ).zone_id
            for zone in sorted(set(zones.values()))
        }
        self._zone_ids = {name: ids[zone] for name, zone in zones.items()}
        self._attached = Construct(self, "DefaultAttached")
        self._validations: dict[str, Route53Record] = {}

    def certificate(self, name: str) -> str:
        """Request a certificate for *name*; return its ARN, which is there when it is validated."""
        of_name = Construct(self, address_part(name))
        certificate = AcmCertificate(
            of_name,
            "Default",
            domain_name=name,
            validation_method="DNS",
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )
        base = name.removeprefix("*.")
        if base not in self._validations:
            options = f"{address_of(certificate)}.domain_validation_options"
            self._validations[base] = Route53Record(
                self,
                f"validation_{address_part(base)}",
                zone_id=self._zone_ids[name],
                name=f"${{one({options}).resource_record_name}}",
                type=f"${{one({options}).resource_record_type}}",
                records=[f"${{one({options}).resource_record_value}}"],
                ttl=60,
                # Another stack, or the certificate before this one, may have made the same.
                allow_overwrite=True,
            )
        validation = AcmCertificateValidation(
            of_name,
            "DefaultValidation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[self._validations[base].fqdn],
            timeouts=AcmCertificateValidationTimeouts(create=_VALIDATION_TIMEOUT),
        )
        return validation.certificate_arn

    def attach(self, name: str, certificate_arn: str, listener_arn: str) -> None:
        """Have the listener serve *certificate_arn* to those who ask for *name*."""
        LbListenerCertificate(
            self._attached,
            address_part(name),
            listener_arn=listener_arn,
            certificate_arn=certificate_arn,
        )

    def lead_to(self, name: str, balancer: Balancer) -> None:
        """Make *name* an alias of the load balancer."""
        Route53Record(
            self,
            f"a_{address_part(name)}",
            zone_id=self._zone_ids[name],
            name=name,
            type="A",
            alias=Route53RecordAlias(
                name=balancer.dns_name, zone_id=balancer.zone_id, evaluate_target_health=True
            ),
        )
