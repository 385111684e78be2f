"""An environment of a service: one GitHub environment, one ECS service."""

from typing import ClassVar

from keyless_ecs.config.adopt import Adopt
from keyless_ecs.config.aws import EcsName, Region
from keyless_ecs.config.deploy_from import DeployFrom
from keyless_ecs.config.keys import Was
from keyless_ecs.config.settings import Settings


class Environment(Settings):
    """An environment of the service: what is its own, and in what it differs from other levels.

    What it says wins over the service, and that over ``defaults``.
    """

    own: ClassVar = {"was"}

    account: str | None = None
    """A key of ``accounts``.

    Default: *required*, but where the service has an ``image_of``: that of the other service's
      environment of the same key
    Example: main
    """
    deploy_from: DeployFrom | None = None
    """The branches and tags that may deploy.

    Default: *required*, but where the service has an ``image_of``: that of the other service's
      environment of the same key
    Example: {branches: [main], tags: ["v*.*.*"]}
    """
    region: Region | None = None
    """Where this environment is delivered.

    Default: the account's
    Example: eu-central-1
    """
    service_name: EcsName | None = None
    """Name of the ECS service.

    Default: {service_name}
    Example: shop
    """
    adopt: Adopt = ()
    """What was made by hand and comes under Terraform's state: ``all``, or a list of things, and
    ``vars.<NAME>`` for GitHub variables. See docs/adopting.md.

    Example: [registry, cluster, vars.AWS_REGION]
    """
    was: Was = ()
    """The key that it had before, or several, the first one first. What was named after it keeps
    that name. See docs/operations.md#another-key.

    Example: live
    """
