"""What each type of resource is, in words, and what AWS bills for it.

What it would mean to lose one stands in :data:`keyless_ecs.plans.matters.MATTERS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Body = Mapping[str, Any]
Bill = Callable[[Body], str | None]


@dataclass(frozen=True)
class Fact:
    """A type of resource: its name in a sentence, and what one bills, None where nothing."""

    what: str
    bills: Bill = lambda _: None


def _always(text: str) -> Bill:
    return lambda _: text


def _images(_: Body) -> str:
    return "each GB of images by the month, and what is pulled from another region"


def _tasks(body: Body) -> str:
    """https://aws.amazon.com/fargate/pricing/, and for addresses https://aws.amazon.com/vpc/pricing/."""
    count = body.get("desired_count")
    said = f"{count} tasks" if count != 1 else "1 task"
    spot = any("SPOT" in str(part) for part in body.get("capacity_provider_strategy") or ())
    parts = [f"vCPU and memory of {said} by the second{', at the price of Spot' if spot else ''}"]
    network = body.get("network_configuration") or {}
    settings = network[0] if isinstance(network, list) else network
    if settings.get("assign_public_ip"):
        parts.append("a public IPv4 address for each by the hour")
    return "; ".join(parts)


def _task_size(body: Body) -> str | None:
    """Of Fargate's first 20 GiB of disk nothing is billed."""
    storage = body.get("ephemeral_storage")
    block = storage[0] if isinstance(storage, list) and storage else storage
    disk = block.get("size_in_gib") if isinstance(block, Mapping) else None
    return f"{disk - 20} GiB of disk of each task by the second" if disk else None


def _events(body: Body) -> str:
    days = body.get("retention_in_days")
    kept = f"for {days} days" if days else "for ever"
    return f"each GB of log events once when it comes in, and by the month while it stays, {kept}"


def _insights(body: Body) -> str | None:
    """https://aws.amazon.com/cloudwatch/pricing/."""
    settings = body.get("setting") or ()
    settings = [settings] if isinstance(settings, Mapping) else settings
    values = {each.get("value") for each in settings if each.get("name") == "containerInsights"}
    if values & {"enabled", "enhanced"}:
        return "Container Insights: metrics by the month, for each cluster, service and task"
    return None


FACTS: Mapping[str, Fact] = {
    "aws_acm_certificate": Fact("certificate"),
    "aws_acm_certificate_validation": Fact("wait for a certificate"),
    "aws_appautoscaling_policy": Fact("scaling policy"),
    "aws_appautoscaling_scheduled_action": Fact("scaling by the clock"),
    "aws_appautoscaling_target": Fact("bounds of scaling"),
    "aws_cloudwatch_log_group": Fact("log group", _events),
    "aws_cloudwatch_metric_alarm": Fact("alarm", _always("the alarm by the month")),
    "aws_ecr_lifecycle_policy": Fact("rule for which images stay"),
    "aws_ecr_repository": Fact("image registry", _images),
    "aws_ecr_repository_policy": Fact("policy of who may pull"),
    "aws_ecs_cluster": Fact("cluster", _insights),
    "aws_ecs_cluster_capacity_providers": Fact("capacity providers of the cluster"),
    "aws_ecs_service": Fact("service", _tasks),
    "aws_ecs_task_definition": Fact("task definition", _task_size),
    "aws_eip": Fact("public address", _always("the address by the hour")),
    "aws_iam_openid_connect_provider": Fact("trust in GitHub's tokens"),
    "aws_iam_role": Fact("role"),
    "aws_iam_role_policies_exclusive": Fact("list of a role's own policies"),
    "aws_iam_role_policy": Fact("policy of a role"),
    "aws_iam_role_policy_attachment": Fact("managed policy of a role"),
    "aws_iam_role_policy_attachments_exclusive": Fact("list of a role's managed policies"),
    "aws_internet_gateway": Fact("way to the internet"),
    "aws_lb": Fact(
        "load balancer", _always("the load balancer by the hour, its traffic, and its addresses")
    ),
    "aws_lb_listener": Fact("listener"),
    "aws_lb_listener_certificate": Fact("certificate of a listener"),
    "aws_lb_listener_rule": Fact("rule of a listener"),
    "aws_lb_target_group": Fact("target group"),
    "aws_nat_gateway": Fact("NAT gateway", _always("the gateway by the hour, and each GB")),
    "aws_route": Fact("route"),
    "aws_route53_record": Fact("DNS record"),
    "aws_route53_zone": Fact("DNS zone", _always("the zone by the month, and its queries")),
    "aws_route_table": Fact("route table"),
    "aws_route_table_association": Fact("route table of a subnet"),
    "aws_s3_bucket": Fact("bucket", _always("each GB by the month, and requests")),
    "aws_s3_bucket_policy": Fact("policy of a bucket"),
    "aws_security_group": Fact("security group"),
    "aws_sns_topic": Fact("topic", _always("messages and their delivery")),
    "aws_subnet": Fact("subnet"),
    "aws_vpc": Fact("network"),
    "aws_vpc_endpoint": Fact(
        "endpoint in the network", _always("each interface by the hour, and each GB")
    ),
    "aws_vpc_security_group_egress_rule": Fact("rule of what may go out"),
    "aws_vpc_security_group_ingress_rule": Fact("rule of what may come in"),
    "aws_wafv2_web_acl": Fact("firewall", _always("the firewall and its rules by the month")),
    "github_actions_environment_secret": Fact("secret of the environment"),
    "github_actions_environment_variable": Fact("variable of the environment"),
    "github_actions_secret": Fact("secret of the repository"),
    "github_actions_variable": Fact("variable of the repository"),
    "github_repository_environment": Fact("GitHub environment"),
    "github_repository_environment_deployment_policy": Fact("branch or tag that may deploy"),
    "github_repository_ruleset": Fact("rule of who makes what deploys"),
}

NOT_IN_A_STACK = (
    "Besides, for any stack: data that leaves AWS or a zone, NAT gateways and endpoints that "
    "others own, and what the application itself uses."
)


def fact(type_: str) -> Fact:
    """Return what is known of a type; of one that is not in the table, its name."""
    return FACTS.get(type_) or Fact(type_.partition("_")[2].replace("_", " "))
