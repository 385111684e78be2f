"""What there is in the local AWS and in GitHub, by name."""

from collections.abc import Iterable
from typing import Any

from modules.config import Delivery
from rehearsal.aws.server import LocalAws
from rehearsal.github.store import GitHub


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

    for repository in client("ecr").describe_repositories()["repositories"]:
        yield f"ECR repository {repository['repositoryName']}"
    ecs = client("ecs")
    clusters = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
    for cluster in clusters:
        if cluster["status"] == "ACTIVE":
            yield f"ECS cluster {cluster['clusterName']}"
            for service in ecs.list_services(cluster=cluster["clusterName"])["serviceArns"]:
                yield f"ECS service {service}"
    iam = client("iam")
    for role in iam.list_roles()["Roles"]:
        yield f"role {role['RoleName']}"
    for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        yield f"OIDC provider {provider['Arn']}"
    for group in client("logs").describe_log_groups()["logGroups"]:
        yield f"log group {group['logGroupName']}"
    for group in client("ec2").describe_security_groups()["SecurityGroups"]:
        yield f"security group {group['GroupName']}"
