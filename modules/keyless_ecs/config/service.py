"""A service: one GitHub repository, one container, its environments."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from keyless_ecs.config.aws import TagKey, TagValue
from keyless_ecs.config.environment import Environment
from keyless_ecs.config.github import GitHubId, RepositoryName
from keyless_ecs.config.model import Model
from keyless_ecs.config.settings import Settings
from keyless_ecs.config.text import matching

ResourceName = Annotated[
    str,
    Field(max_length=100),
    matching(
        r"[a-z][a-z0-9]*(-[a-z0-9]+)*",
        "cannot name resources; use lower-case letters, digits and single hyphens, a letter first",
    ),
]
"""Two of them with what stands around them still name a file."""
BuildPath = Annotated[
    str,
    matching(
        r"(?!.*(^|/)\.\.(/|$))[\w.-][\w./-]*",
        "is not a path inside the repository; use one relative to its root",
    ),
]


class Build(Model):
    """What ``docker build`` reads, relative to the repository's root."""

    context: BuildPath = "."
    dockerfile: BuildPath = "Dockerfile"


class Service(Settings):
    """A service and the settings that its environments share.

    *image_of* names another service of the repository, whose image this one runs as well, such as a
    worker beside a web server. Each of its environments deploys what the environment of the same
    key of that service deployed, after it: it builds nothing and has no registry.
    """

    repository: RepositoryName
    repository_id: GitHubId | None = None
    image_of: ResourceName | None = None
    build: Build = Build()
    tags: Mapping[TagKey, TagValue] = {}
    environments: Annotated[Mapping[ResourceName, Environment], Field(min_length=1)]
