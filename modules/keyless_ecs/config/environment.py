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
    """Branches that may deploy.

    Example: [main, "release/*"]
    """
    tags: RefPatterns = ()
    """Tags that may deploy.

    Example: ["v*.*.*"]
    """

    @model_validator(mode="after")
    def _something(self) -> "DeployFrom":
        if not self.branches and not self.tags:
            raise ValueError("no branch and no tag may deploy; name one: branches: [main]")
        return self


class Environment(Settings):
    """An environment of the service: what is its own, and in what it differs from other levels.

    What it says wins over the service, and that over ``defaults``.
    """

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
