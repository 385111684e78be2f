"""The branches and tags from which an environment is deployed."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, model_validator

from keyless_ecs.config.model import Model
from keyless_ecs.config.refs import EVERYTHING, Refs, canonical, full, problem
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import EachOnce


def _pattern(value: str) -> str:
    if why := problem(value):
        raise ValueError(why)
    return value


def _some_may(values: object) -> object:
    for value in values if isinstance(values, list | tuple) else ():
        if isinstance(value, str) and value and not value.strip("*/"):
            raise ValueError(f"{shown(value)} would let nothing deploy; name what may not")
    return values


def _each_meant_once(values: tuple[str, ...]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for value in values:
        first = seen.setdefault(canonical(value), value)
        if first != value:
            raise ValueError(f"{shown(value)} means what {shown(first)} does; leave one out")
    return values


RefPattern = Annotated[str, AfterValidator(_pattern)]
RefPatterns = Annotated[
    tuple[RefPattern, ...], Field(max_length=100), EachOnce, AfterValidator(_each_meant_once)
]
"""Of so many the role's trust policy, with its 2,048 characters, names no more."""


class DeployFrom(Model):
    """The branches and tags that may deploy: names, or patterns as :mod:`keyless_ecs.config.refs`.

    They become the deployment policies of the GitHub environment, the ``ref`` that the deploy
    role trusts, and what triggers ``ecr-push.yml``. GitHub's deployment policies have no
    exceptions, so those are the role's to refuse.
    """

    branches: RefPatterns = ()
    """Branches that may deploy; `*` stands for any characters but `/`, `**` for any segments.

    Example: [main, "release/*"]
    """
    tags: RefPatterns = ()
    """Tags that may deploy.

    Example: ["v*.*.*"]
    """
    exceptions: Annotated[RefPatterns, Field(alias="except"), BeforeValidator(_some_may)] = ()
    """Branches and tags that may not, although a pattern covers them.

    Example: ["v*-*"]
    """
    any_branch: StrictBool = False
    """Whether every branch may deploy, to an environment that nothing protects."""

    @model_validator(mode="after")
    def _something(self) -> "DeployFrom":
        if not self.branches and not self.tags and not self.any_branch:
            raise ValueError("no branch and no tag may deploy; name one: branches: [main]")
        if self.branches and self.any_branch:
            raise ValueError("any_branch takes all that branches names; leave one of them out")
        return self

    @property
    def branch_patterns(self) -> tuple[str, ...]:
        """The patterns of the branches, that of any branch included."""
        return (EVERYTHING,) if self.any_branch else self.branches

    @property
    def refs(self) -> Refs:
        """The same as patterns of full refs."""
        return full(self.branch_patterns, self.tags, self.exceptions)
