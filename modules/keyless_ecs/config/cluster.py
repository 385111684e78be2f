"""The ECS cluster of an environment."""

from typing import ClassVar

from pydantic import model_validator

from keyless_ecs.config.aws import EcsName
from keyless_ecs.config.setting import Setting


class Cluster(Setting):
    """A cluster of the environment's own, or an existing one of its account and region."""

    alternatives: ClassVar = ({"name"}, {"existing"})

    name: EcsName | None = None
    """Name of a cluster of the environment's own.

    Default: {name}
    Example: shop
    """
    existing: EcsName | None = None
    """Name of a cluster of the same account and region that others own, in place of one of its own.

    Example: shared
    """

    @model_validator(mode="after")
    def _one(self) -> "Cluster":
        if self.name and self.existing:
            raise ValueError(
                "name is for a cluster of this environment's own, existing for another's; "
                "leave one of them out"
            )
        return self
