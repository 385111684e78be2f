"""The AWS side: one thing a file, and its IAM documents beside it."""

from typing import TYPE_CHECKING

from keyless_ecs.engine import exports

if TYPE_CHECKING:
    from keyless_ecs.aws.cluster import Cluster
    from keyless_ecs.aws.log_group import LogGroup
    from keyless_ecs.aws.network import Network
    from keyless_ecs.aws.oidc_provider import GitHubOidc as OidcProvider
    from keyless_ecs.aws.registry import Registry
    from keyless_ecs.aws.role import Role
    from keyless_ecs.aws.service import Service
    from keyless_ecs.aws.task_definition import TaskDefinition
else:
    __getattr__ = exports.lazily(
        __name__,
        {
            "Cluster": "cluster.Cluster",
            "LogGroup": "log_group.LogGroup",
            "Network": "network.Network",
            "OidcProvider": "oidc_provider.GitHubOidc",
            "Registry": "registry.Registry",
            "Role": "role.Role",
            "Service": "service.Service",
            "TaskDefinition": "task_definition.TaskDefinition",
        },
    )

__all__ = [
    "Cluster",
    "LogGroup",
    "Network",
    "OidcProvider",
    "Registry",
    "Role",
    "Service",
    "TaskDefinition",
]
