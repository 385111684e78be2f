"""Which arguments Terraform can only change by destroying a resource and creating it anew.

A row for every type of resource that is ever written. In the provider's source such an argument
is marked ``ForceNew`` or ``RequiresReplace``, on the resource's page "Forces new resource":

- ``hashicorp/aws`` 6.25: ``internal/service/<service>/<resource>.go`` of
  https://github.com/hashicorp/terraform-provider-aws, ``website/docs/r/<type without aws_>``;
- ``integrations/github`` 6.9: ``github/resource_<type>.go`` of
  https://github.com/integrations/terraform-provider-github.

A test compares the rows with the ``replace_paths`` of real plans, for what the AWS provider that
runs there knows.
"""

from collections.abc import Mapping
from typing import Any, Final

KEPT: Final = object()
"""Stands for the default of an argument that is optional and computed: the provider keeps what
there is where it is taken away, and so it replaces nothing."""

REGION: Final = object()
"""Stands for the region of the provider, which a regional resource takes where it names none."""

_REGIONAL: Mapping[str, Any] = {"region": REGION}
"""Since version 6 a resource knows its region, and another one replaces it.

https://hashicorp.github.io/terraform-provider-aws/enhanced-region-support
(``forceNewIfRegionChanges`` in ``internal/provider/sdkv2/region.go``)
"""

_NAMED: Mapping[str, Any] = {"name": KEPT, "name_prefix": KEPT}
_SCALED: Mapping[str, Any] = {
    **_REGIONAL,
    "resource_id": None,
    "scalable_dimension": None,
    "service_namespace": None,
}
_IN_GITHUB: Mapping[str, Any] = {"repository": None}
_IN_ENVIRONMENT: Mapping[str, Any] = {**_IN_GITHUB, "environment": None}

FORCE_NEW: Mapping[str, Mapping[str, Any]] = {
    "aws_acm_certificate": {
        **_REGIONAL,
        "certificate_authority_arn": None,
        "domain_name": KEPT,
        "key_algorithm": KEPT,
        "subject_alternative_names": KEPT,
        "validation_method": KEPT,
    },
    "aws_acm_certificate_validation": {
        **_REGIONAL,
        "certificate_arn": None,
        "validation_record_fqdns": None,
    },
    "aws_appautoscaling_policy": {**_SCALED, "name": None},
    "aws_appautoscaling_scheduled_action": {**_SCALED, "name": None},
    "aws_appautoscaling_target": _SCALED,
    "aws_cloudwatch_log_group": {**_REGIONAL, **_NAMED, "log_group_class": KEPT},
    # A policy that changes is another policy, which is put over the one that is there.
    "aws_ecr_lifecycle_policy": {**_REGIONAL, "policy": None, "repository": None},
    "aws_ecr_repository": {
        **_REGIONAL,
        "encryption_configuration.encryption_type": "AES256",
        "encryption_configuration.kms_key": KEPT,
        "name": None,
    },
    "aws_ecr_repository_policy": {**_REGIONAL, "repository": None},
    "aws_ecs_cluster": {**_REGIONAL, "name": None},
    "aws_ecs_cluster_capacity_providers": {**_REGIONAL, "cluster_name": None},
    # Dropping launch_type for a strategy is in place (version 6.15, #43533); the way back is not.
    "aws_ecs_service": {
        **_REGIONAL,
        "cluster": KEPT,
        "deployment_controller.type": "ECS",
        "iam_role": KEPT,
        "launch_type": KEPT,
        "name": None,
        "scheduling_strategy": "REPLICA",
    },
    "aws_ecs_task_definition": {
        **_REGIONAL,
        "container_definitions": None,
        "cpu": None,
        "enable_fault_injection": KEPT,
        "ephemeral_storage": None,
        "execution_role_arn": None,
        "family": None,
        "ipc_mode": None,
        "memory": None,
        "network_mode": KEPT,
        "pid_mode": None,
        "placement_constraints": None,
        "proxy_configuration": None,
        "requires_compatibilities": None,
        "runtime_platform": None,
        "task_role_arn": None,
        "volume": None,
    },
    "aws_iam_openid_connect_provider": {"url": None},
    "aws_iam_role": {**_NAMED, "path": "/"},
    "aws_iam_role_policies_exclusive": {"role_name": None},
    "aws_iam_role_policy": {**_NAMED, "role": None},
    "aws_iam_role_policy_attachment": {"policy_arn": None, "role": None},
    "aws_iam_role_policy_attachments_exclusive": {"role_name": None},
    "aws_lb": {
        **_REGIONAL,
        **_NAMED,
        "customer_owned_ipv4_pool": None,
        "internal": KEPT,
        "load_balancer_type": "application",
    },
    "aws_lb_listener": {**_REGIONAL, "load_balancer_arn": None},
    "aws_lb_listener_certificate": {**_REGIONAL, "certificate_arn": None, "listener_arn": None},
    "aws_lb_listener_rule": {**_REGIONAL, "listener_arn": None},
    "aws_lb_target_group": {
        **_REGIONAL,
        **_NAMED,
        "ip_address_type": KEPT,
        "port": None,
        "protocol": None,
        "protocol_version": KEPT,
        "target_type": "instance",
        "vpc_id": None,
    },
    "aws_route53_record": {"name": None, "zone_id": None},
    "aws_security_group": {
        **_REGIONAL,
        **_NAMED,
        "description": "Managed by Terraform",
        "vpc_id": KEPT,
    },
    "aws_vpc_security_group_egress_rule": {**_REGIONAL, "security_group_id": None},
    "aws_vpc_security_group_ingress_rule": {**_REGIONAL, "security_group_id": None},
    "github_actions_environment_secret": {
        **_IN_ENVIRONMENT,
        "encrypted_value": None,
        "plaintext_value": None,
        "secret_name": None,
    },
    "github_actions_environment_variable": {**_IN_ENVIRONMENT, "variable_name": None},
    "github_actions_secret": {
        **_IN_GITHUB,
        "encrypted_value": None,
        "plaintext_value": None,
        "secret_name": None,
    },
    "github_actions_variable": {**_IN_GITHUB, "variable_name": None},
    "github_repository_environment": _IN_ENVIRONMENT,
    # Either pattern changes in place; one in the place of the other does not.
    "github_repository_environment_deployment_policy": _IN_ENVIRONMENT,
    # All of it changes in place, and so it cannot follow to another repository: there its id is
    # of no ruleset.
    "github_repository_ruleset": {},
}
"""By type of resource: each such argument, and what it is where it is not written.

``block.argument`` is an argument in a block; where a block is taken away, the provider keeps it.
"""
