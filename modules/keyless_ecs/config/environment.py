"""An environment of a service: one GitHub environment, one ECS service."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from keyless_ecs.config.adopt import Adopt
from keyless_ecs.config.aws import EcsName, Region
from keyless_ecs.config.model import Model
from keyless_ecs.config.settings import Settings
from keyless_ecs.config.shown import as_name, shown
from keyless_ecs.config.text import EachOnce, matching


def _not_everything(value: str) -> str:
    if not value.strip("*/"):
        raise ValueError(
            f"{shown(value)} matches every ref, so whoever can push could deploy; name them: main"
        )
    if value.startswith("refs/"):
        name = value.split("/", 2)[-1]
        raise ValueError(f'{shown(value)} is a full ref; use the name alone: "{as_name(name)}"')
    return value


RefPattern = Annotated[
    str,
    AfterValidator(_not_everything),
    matching(
        r"(?!.*\.\.)(?!/)[\w./#@*-]{1,244}(?<![./])",
        "is not a branch or tag pattern; use a name in which * stands for any characters "
        "(? [ ] + mean different things to Git, GitHub and AWS)",
    ),
]


RefPatterns = Annotated[tuple[RefPattern, ...], Field(max_length=100), EachOnce]
"""Of so many the role's trust policy, with its 2,048 characters, names no more."""


class DeployFrom(Model):
    """The branches and tags that may deploy: patterns in which ``*`` stands for any characters.

    They become the deployment policies of the GitHub environment, the ``ref`` that the deploy
    role trusts, and what triggers ``ecr-push.yml``.
    """

    branches: RefPatterns = ()
    tags: RefPatterns = ()

    @model_validator(mode="after")
    def _something(self) -> "DeployFrom":
        if not self.branches and not self.tags:
            raise ValueError("no branch and no tag may deploy; name one: branches: [main]")
        return self


class Environment(Settings):
    """An environment: what is its own, and the settings in which it differs from other levels.

    Each level overrides those below it: :attr:`DeliveryFile.defaults`, the service, this one.

    *account* and *deploy_from* are required, but not where the service has an ``image_of``: there
    they are by default those of that service's environment of the same key.
    """

    account: str | None = None
    deploy_from: DeployFrom | None = None
    region: Region | None = None
    service_name: EcsName | None = None
    adopt: Adopt = ()
