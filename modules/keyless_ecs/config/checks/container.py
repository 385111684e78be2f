"""The container: what it needs to be reached, entered and started."""

import re
from collections.abc import Iterator

from keyless_ecs.config.checks.rule import Contradiction, of_delivery, warning, where_set
from keyless_ecs.config.delivery import Delivery


@of_delivery
def port_of_ingress(delivery: Delivery) -> Iterator[Contradiction]:
    """What lets others in opens the container's port."""
    if delivery.environment.network.ingress and delivery.container.port is None:
        yield (
            where_set(delivery, "network", "ingress"),
            "needs a port to open; set container.port",
        )


@of_delivery
def root_of_exec(delivery: Delivery) -> Iterator[Contradiction]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html."""
    if delivery.environment.exec and delivery.container.read_only_root:
        yield (
            where_set(delivery, "exec"),
            "ECS Exec writes to the container's root; leave it off or read_only_root: false",
        )


@of_delivery
def variable_or_secret(delivery: Delivery) -> Iterator[Contradiction]:
    """ECS refuses a container in which a name is both."""
    settings = delivery.container
    if both := sorted(settings.variables.keys() & settings.secrets.keys()):
        places = [
            where_set(delivery, "container", kind, both[0]) for kind in ("variables", "secrets")
        ]
        yield (
            max(places, key=len)[:-2],
            f"{', '.join(both)}: both variable and secret; keep one of them",
        )


@warning
def name_that_looks_like_a_suffix(delivery: Delivery) -> Iterator[Contradiction]:
    """Six letters behind a hyphen may be the end of a secret's name, as in ``my-secret``.

    AWS puts six letters and digits behind a name, small and large. Of such, one in two hundred has
    small letters alone, and each ``db-passwd`` has.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
    """
    for name, arn in delivery.container.secrets.items():
        secret = re.search(r":secret:([^:]*-([a-z]{6}))(:|$)", arn)
        if secret:
            yield (
                where_set(delivery, "container", "secrets", name),
                f"{secret[2]} reads like the end of a name, and not like the six characters that "
                "AWS put behind it; compare: aws secretsmanager describe-secret --secret-id "
                f"{secret[1]}",
            )
