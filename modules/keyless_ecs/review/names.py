"""What AWS will call the things of a stack: an ARN or a URI where it follows from the JSON."""

from collections.abc import Iterator

from keyless_ecs.config.regions import partition_of
from keyless_ecs.plans import StackJson

_WHOLE = {
    "aws_cloudwatch_log_group": "arn:{partition}:logs:{region}:{account}:log-group:{name}",
    "aws_ecr_repository": "{account}.dkr.ecr.{region}.{suffix}/{name}",
    "aws_ecs_cluster": "arn:{partition}:ecs:{region}:{account}:cluster/{name}",
    "aws_ecs_service": "arn:{partition}:ecs:{region}:{account}:service/{cluster}/{name}",
    "aws_iam_openid_connect_provider": "arn:{partition}:iam::{account}:oidc-provider/{name}",
    "aws_iam_role": "arn:{partition}:iam::{account}:role{path}{name}",
}
"""The ARN, or of a registry the URI, by type of resource."""
_SUFFIXES = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}
"""Of hosts, where it is not ``amazonaws.com``: botocore's ``partitions.json`` has them."""


def names(stack: StackJson) -> Iterator[tuple[str, str]]:
    """Yield the address of each AWS resource that has a name, and its ARN or URI, else the name.

    They are sorted by address. Names and ids that AWS makes up are in no file.
    """
    region = stack.region or ""
    partition = partition_of(region)
    where = {
        "account": stack.account_id,
        "partition": partition,
        "region": region,
        "suffix": _SUFFIXES.get(partition, "amazonaws.com"),
    }
    for address, arguments in sorted(stack.resources.items()):
        type_ = address.partition(".")[0]
        name = str(arguments.get("name") or arguments.get("family") or arguments.get("url") or "")
        if name and "${" not in name and type_.startswith("aws_") and "policy" not in type_:
            cluster = str(stack.value_of(arguments.get("cluster")))
            whole = _WHOLE.get(type_, "{name}").format(
                **where,
                name=name.removeprefix("https://"),
                path=arguments.get("path", "/"),
                cluster=cluster.rpartition("/")[2],
            )
            yield address, name if "${" in whole else whole
