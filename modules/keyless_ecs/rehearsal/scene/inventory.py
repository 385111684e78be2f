"""What there is in the local AWS and in GitHub, by name."""

from collections.abc import Iterable, Iterator
from typing import Any

from keyless_ecs.config import Delivery
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.github.store import GitHub


def taken(aws: LocalAws, github: GitHub, deliveries: Iterable[Delivery]) -> set[str]:
    """Return what stands in the accounts, regions and repositories of *deliveries*.

    Not the revisions of task definitions: those stay registered, so that a roll-back finds them.
    """
    found: set[str] = set()
    listed = list(deliveries)
    for account, region in {(d.account.id, d.region) for d in listed}:
        found |= {f"{account} {region} {name}" for name in _of_region(aws, account, region)}
    for delivery in listed:
        repository = github.repository(f"{delivery.github.owner}/{delivery.service.repository}")
        found |= {f"{repository['full_name']} environment {e}" for e in repository["environments"]}
        for kind in ("variables", "secrets"):
            found |= {f"{repository['full_name']} {kind} {name}" for name in repository[kind]}
    return found


def _of_region(aws: LocalAws, account: str, region: str) -> Iterable[str]:
    def client(service: str) -> Any:
        return aws.client(service, account, region)

    for repository in _all(client("ecr"), "describe_repositories", "repositories"):
        yield f"ECR repository {repository['repositoryName']}"
    ecs = client("ecs")
    for cluster in _all(ecs, "list_clusters", "clusterArns"):
        (described,) = ecs.describe_clusters(clusters=[cluster])["clusters"]
        if described["status"] == "ACTIVE":
            yield f"ECS cluster {described['clusterName']}"
            for service in _all(ecs, "list_services", "serviceArns", cluster=cluster):
                yield f"ECS service {service}"
    iam = client("iam")
    for role in _all(iam, "list_roles", "Roles"):
        yield f"role {role['RoleName']}"
    for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        yield f"OIDC provider {provider['Arn']}"
    for group in _all(client("logs"), "describe_log_groups", "logGroups"):
        yield f"log group {group['logGroupName']}"
    for group in _all(client("ec2"), "describe_security_groups", "SecurityGroups"):
        yield f"security group {group['GroupName']}"


def _all(client: Any, operation: str, key: str, **arguments: str) -> Iterator[Any]:
    """Yield what *operation* lists under *key*, on all of its pages."""
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[key]
