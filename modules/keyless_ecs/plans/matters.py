"""Which resources hold something or serve somebody, and how each is kept as it is.

What is not in these tables may go and come again in one apply without anybody noticing: rules,
policies, attachments, revisions (which stay registered), variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Matter:
    """A type of resource that no run lets go unasked.

    *loses* says what goes with it. *kind* is its name in ``adopt``, with which another stack takes
    it over.
    """

    loses: str
    kind: str | None = None


MATTERS: Mapping[str, Matter] = {
    "aws_cloudwatch_log_group": Matter("all its log events go", kind="log_group"),
    "aws_ecr_repository": Matter(
        "all its images go (AWS refuses while it holds any, and the apply stops halfway)",
        kind="registry",
    ),
    "aws_ecs_cluster": Matter("every service in it stops", kind="cluster"),
    "aws_ecs_service": Matter(
        "its tasks stop, and the new one begins as if nothing had ever been deployed",
        kind="service",
    ),
    "aws_iam_openid_connect_provider": Matter("no pipeline of the account gets in without it"),
    "aws_iam_role": Matter(
        "what policies of buckets, keys and other accounts grant to it is lost, for a new role of "
        "its name is another one",
    ),
    "aws_lb": Matter("nobody reaches the service until the new one has an address and serves"),
    "aws_lb_listener_rule": Matter(
        "requests find nothing until the new one is there, and it begins with blue, which has no "
        "tasks while green serves"
    ),
    "aws_lb_target_group": Matter("the tasks in it get no more requests"),
    "github_repository_environment": Matter(
        "its secrets, its rules and approvals that wait go", kind="github_environment"
    ),
}

_BESIDE = (
    "keep {old} here, and add an environment for {new} beside it under another key, with a stack "
    "and a state of its own; this one leaves when that one serves"
)

_REACHED_BESIDE = (
    "add an environment under another key that is reached in the new way, deploy there, point the "
    "record at it, and take this one out with a removed block for its records; under rolling it is "
    "a gap of seconds"
)

ROADS: Mapping[tuple[str, str], str] = {
    ("provider.aws", "region"): _BESIDE,
    ("provider.aws", "allowed_account_ids"): _BESIDE,
    ("provider.github", "owner"): (
        "where GitHub transferred the repository to {new}, its environments went along and are "
        "found there: go on"
    ),
    ("aws_cloudwatch_log_group", "name"): "keep it with logs: {{name: {old}}}",
    ("aws_ecr_repository", "name"): "keep it with registry: {{name: {old}}}",
    ("aws_ecr_repository", "encryption_configuration.encryption_type"): (
        "keep it with registry: {{encryption: {old}}}"
    ),
    ("aws_ecr_repository", "encryption_configuration.kms_key"): (
        "keep it with registry: {{encryption: …}}, the key's ARN, or KMS where it is AWS's own"
    ),
    ("aws_ecs_cluster", "name"): "keep it with cluster: {{name: {old}}}",
    ("aws_ecs_service", "cluster"): "keep the service in the cluster {last}",
    ("aws_ecs_service", "launch_type"): (
        "keep a capacity provider: capacity: {{fargate: 1}} runs on the same Fargate"
    ),
    ("aws_ecs_service", "name"): "keep it with service_name: {old}",
    ("aws_iam_openid_connect_provider", "url"): "keep it with github: {{issuer: {old}}}",
    ("aws_iam_role", "name"): (
        "keep the name {old}: task: {{execution_role_name, task_role_name}}, trust: {{role_name}}"
    ),
    ("aws_iam_role", "path"): "keep it with role_path: {old} of the account",
    ("aws_lb", "internal"): _REACHED_BESIDE,
    ("aws_lb", "name"): _REACHED_BESIDE,
    ("aws_lb_listener", "load_balancer_arn"): _REACHED_BESIDE,
    ("aws_lb_listener_rule", "listener_arn"): _REACHED_BESIDE,
    ("aws_lb_target_group", "name"): _REACHED_BESIDE,
    ("aws_lb_target_group", "vpc_id"): (
        "nothing is interrupted where both are one VPC: go on when the plan replaces no target "
        f"group. For another VPC, {_REACHED_BESIDE}"
    ),
    ("github_repository_environment", "environment"): "keep it with github: {{name: {old}}}",
    ("github_repository_environment", "repository"): (
        "where GitHub renamed {old} to {new}, both lead to one environment, which is made anew "
        "within one apply: go on when no approval waits. For another repository, add a service"
    ),
}
"""How to do without, by what changed: a provider or a type of resource, and its argument."""
