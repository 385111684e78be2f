"""ARNs: that they lie where AWS looks for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from keyless_ecs.stacks.limits.finished import Finished
from keyless_ecs.stacks.limits.unfit import Unfit

_PARTS = {"partition": 1, "region": 3, "account": 4}


@dataclass(frozen=True)
class Home:
    """In what the ARN of an argument agrees with its stack."""

    same: tuple[Literal["partition", "region", "account"], ...]
    mend: str


_KEY = Home(("partition", "region"), "use a key of that region")
HOMES: Mapping[str, Home] = {
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
    "aws_ecr_repository.encryption_configuration.kms_key": _KEY,
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    "aws_cloudwatch_log_group.kms_key_id": _KEY,
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    "aws_iam_role.permissions_boundary": Home(
        ("partition", "account"), "name a policy of the role's account"
    ),
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
    "aws_iam_role_policy_attachment.policy_arn": Home(
        ("partition", "account"), "name a policy of AWS or of the role's account"
    ),
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    "aws_ecs_task_definition.execution_role_arn": Home(
        ("partition", "account"), "name a role of the account"
    ),
    "aws_ecs_task_definition.task_role_arn": Home(
        ("partition", "account"), "name a role of the account"
    ),
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
    "aws_lb_listener.certificate_arn": Home(
        ("partition", "region", "account"), "name a certificate of the load balancer's region"
    ),
    "aws_lb_listener_certificate.certificate_arn": Home(
        ("partition", "region", "account"), "name a certificate of the load balancer's region"
    ),
    "aws_lb_listener_rule.listener_arn": Home(
        ("partition", "region", "account"), "name a listener of that region"
    ),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    "aws_cloudwatch_metric_alarm.alarm_actions[]": Home(
        ("partition", "region"), "name a topic of that region"
    ),
}
"""By type and path. A new argument that takes an ARN is a line here."""


def unfit_arns(stack: Finished) -> Iterator[Unfit]:
    """Yield each ARN that names a partition, region or account in which AWS does not find it."""
    for argument, home in HOMES.items():
        type_, _, path = argument.partition(".")
        for address, arguments in stack.resources(type_):
            for arn in stack.values(arguments, path):
                if elsewhere := _elsewhere(stack, home, str(arn)):
                    where = f"{address}.{path.removesuffix('[]')}"
                    yield Unfit(f"{where}: {elsewhere}; {home.mend}", [arn])
    yield from _partitions_of_policies(stack)


def _elsewhere(stack: Finished, home: Home, arn: str) -> str | None:
    """Say in which part an ARN lies elsewhere, None for one that does not, or is not known yet."""
    parts = arn.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        return None
    here = {"partition": stack.partition, "region": stack.region, "account": stack.account_id}
    for part in home.same:
        there = parts[_PARTS[part]]
        # AWS's own policies lie in the account "aws", what is global in no region.
        if there not in (here[part], "") and (part, there) != ("account", "aws"):
            return f"lies in the {part} {there}, and this stack in {here[part]}"
    return None


def _partitions_of_policies(stack: Finished) -> Iterator[Unfit]:
    """IAM and ECR refuse a document with an ARN of another partition.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    for type_, path in (
        ("aws_iam_role", "assume_role_policy"),
        ("aws_iam_role_policy", "policy"),
        ("aws_iam_policy", "policy"),
        ("aws_ecr_repository_policy", "policy"),
    ):
        for address, arguments in stack.resources(type_):
            for text in stack.strings(arguments, path):
                partition = text.split(":", 2)[1] if text.startswith("arn:") else stack.partition
                if partition != stack.partition:
                    yield Unfit(
                        f"{address}: names what is in the partition {partition}, and this stack "
                        f"is in {stack.partition}; name something of that partition",
                        [text],
                    )
