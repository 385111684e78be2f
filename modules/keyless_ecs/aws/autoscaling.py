"""How many tasks of a service run, between two bounds."""

from collections.abc import Mapping

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.appautoscaling_policy import (
    AppautoscalingPolicy,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification,
)
from cdktf_cdktf_provider_aws.appautoscaling_scheduled_action import (
    AppautoscalingScheduledAction,
    AppautoscalingScheduledActionScalableTargetAction,
)
from cdktf_cdktf_provider_aws.appautoscaling_target import AppautoscalingTarget
from constructs import Construct

from keyless_ecs.config.autoscaling import Hours
from keyless_ecs.terraform import address_part

METRICS = {
    "cpu": "ECSServiceAverageCPUUtilization",
    "memory": "ECSServiceAverageMemoryUtilization",
    "requests": "ALBRequestCountPerTarget",
}
"""https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html"""
_COOL_DOWN_IN, _COOL_DOWN_OUT = 300, 60
"""Seconds: quick to add tasks, slow to take them, as AWS advises."""


class Autoscaling(Construct):
    """Target tracking of a service's count, and other bounds at certain times.

    Args:
        cluster: The cluster's name.
        service: The service's name, as a reference to it.
        minimum: The least tasks.
        maximum: The most tasks.
        measures: The value to keep of each of :data:`METRICS`.
        schedules: Other bounds, by name. They rewrite those of the target, so that Terraform then
            leaves them alone.
        label: Which requests are counted: load balancer and target group, as in metrics.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        cluster: str,
        service: str,
        minimum: int,
        maximum: int,
        measures: Mapping[str, int],
        schedules: Mapping[str, Hours],
        label: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        rewritten = TerraformResourceLifecycle(ignore_changes=["min_capacity", "max_capacity"])
        target = AppautoscalingTarget(
            self,
            "Default",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=f"service/{cluster}/{service}",
            min_capacity=minimum,
            max_capacity=maximum,
            lifecycle=rewritten if schedules else None,
        )
        for measure, value in measures.items():
            AppautoscalingPolicy(
                self,
                measure,
                name=measure,
                policy_type="TargetTrackingScaling",
                service_namespace=target.service_namespace,
                scalable_dimension=target.scalable_dimension,
                resource_id=target.resource_id,
                target_tracking_scaling_policy_configuration=AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration(
                    target_value=value,
                    scale_in_cooldown=_COOL_DOWN_IN,
                    scale_out_cooldown=_COOL_DOWN_OUT,
                    predefined_metric_specification=AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification(
                        predefined_metric_type=METRICS[measure],
                        resource_label=label if measure == "requests" else None,
                    ),
                ),
            )
        for key, hours in sorted(schedules.items()):
            AppautoscalingScheduledAction(
                self,
                address_part(key, METRICS),
                name=key,
                service_namespace=target.service_namespace,
                scalable_dimension=target.scalable_dimension,
                resource_id=target.resource_id,
                schedule=hours.at,
                timezone=hours.timezone,
                scalable_target_action=AppautoscalingScheduledActionScalableTargetAction(
                    min_capacity=_text(hours.min), max_capacity=_text(hours.max)
                ),
            )


def _text(count: int | None) -> str | None:
    """The provider takes these as text, to tell 0 from nothing."""
    return None if count is None else str(count)
