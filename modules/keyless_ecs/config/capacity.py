"""On which of Fargate's capacities tasks run."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictInt

from keyless_ecs.config.setting import Setting

Number = Annotated[StrictInt, Field(ge=0, le=1_000)]
"""Of weights; a base may be larger.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
"""


class Share(Setting):
    """How many of the tasks a capacity provider gets."""

    main_key: ClassVar = "weight"

    base: Annotated[StrictInt, Field(ge=0, le=100_000)] = 0
    """How many tasks it gets first.

    Example: 1
    """
    weight: Number = 1
    """Its part of all others, beside the weights of others.

    Example: 3
    """


class Capacity(Setting):
    """What the tasks run on: a word, or a strategy of both providers."""

    main_key: ClassVar = "use"
    alternatives: ClassVar = ({"use"}, {"fargate", "fargate_spot"})

    use: Literal["fargate", "fargate_provider", "fargate_spot"] = "fargate"
    """The launch type ``fargate``; or one capacity provider: ``fargate_spot``, or
    ``fargate_provider`` for services made in the console, which uses it. ECS cannot turn the launch
    type into a provider and back without a deployment, or another service."""
    fargate: Share | None = None
    """The tasks that stay. A number is a weight.

    Example: {base: 1, weight: 1}
    """
    fargate_spot: Share | None = None
    """The tasks on Spot, which costs less and is taken away at two minutes' notice.

    Example: 3
    """

    @property
    def is_strategy(self) -> bool:
        """Whether it is a strategy of providers, written as a mapping."""
        return self.fargate is not None or self.fargate_spot is not None

    @property
    def shares(self) -> dict[str, Share]:
        """What each provider gets, of a strategy; nothing for a word."""
        return self.providers if self.is_strategy else {}

    @property
    def providers(self) -> dict[str, Share]:
        """The capacity providers by ECS's name; none with the launch type."""
        if not self.is_strategy:
            name = {"fargate_provider": "FARGATE", "fargate_spot": "FARGATE_SPOT"}.get(self.use)
            return {name: Share()} if name else {}
        said = {"FARGATE": self.fargate, "FARGATE_SPOT": self.fargate_spot}
        return {name: share for name, share in said.items() if share}
