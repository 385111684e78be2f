"""What a service runs until the pipeline deploys for the first time."""

from typing import Any

from keyless_ecs.aws.task_definition import log_configuration, port_mappings
from keyless_ecs.config.container import Container

SIZE = {"cpu": 256, "memory": 512, "architecture": "x86_64"}
"""Of a task in which nginx answers: the smallest that Fargate offers."""


def placeholder(
    container: Container, *, name: str, log_group: str, region: str, status: str = "200"
) -> dict[str, Any]:
    """Return a container definition that answers on the application's port from the first minute.

    It has nothing of the application but its name and port: neither command, health check, secrets
    nor a read-only root, with which nginx could not run. An image that the delivery file names runs
    as it stands.

    Args:
        container: The application's container.
        name: Its name in the task definition.
        log_group: Where its logs go.
        region: The region of the log group.
        status: The HTTP code of a good answer, as the load balancer's health check has it.
    """
    given = "image" in container.model_fields_set
    return {
        "name": name,
        "image": container.image,
        "essential": True,
        **port_mappings(container.port),
        **({} if given else {"command": _answering(container.port or 80, status)}),
        **log_configuration(name, log_group=log_group, region=region),
    }


def _answering(port: int, status: str) -> list[str]:
    server = f"server {{ listen {port}; location / {{ return {status}; }} }}"
    path = "/etc/nginx/conf.d/default.conf"
    return ["sh", "-c", f"echo '{server}' > {path} && exec nginx -g 'daemon off;'"]
