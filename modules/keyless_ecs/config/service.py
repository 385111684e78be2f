"""A service: one GitHub repository, one container, its environments."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from keyless_ecs.config.aws import TagKey, TagValue
from keyless_ecs.config.environment import Environment
from keyless_ecs.config.github import GitHubId, RepositoryName
from keyless_ecs.config.keys import ResourceName, Was
from keyless_ecs.config.model import Model
from keyless_ecs.config.runner import Runner, RunsOn
from keyless_ecs.config.settings import Settings
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import matching

BuildPath = Annotated[
    str,
    matching(
        # To Docker what begins with a hyphen is an option, or its standard input.
        r"(?!.*(^|/)\.\.(/|$))[\w.][\w./-]*",
        "is not a path inside the repository; use one relative to its root",
    ),
]
Dockerfile = Annotated[
    BuildPath, matching(r"(.*/)?[^/]*[^/.][^/]*", "is a folder; name the Dockerfile in it")
]

# https://docs.github.com/en/actions/reference/runners/github-hosted-runners: Docker for Linux
# images is on those of Linux alone.
_NO_DOCKER = re.compile(r"(windows|macos)-(latest|\d+)(-(arm|intel|large|xlarge))?")


def _with_docker(runner: Runner) -> Runner:
    if len(runner.labels) == 1 and _NO_DOCKER.fullmatch(runner.labels[0]):
        raise ValueError(f"{shown(runner.labels[0])} builds no image of Linux; use ubuntu-24.04")
    return runner


class Build(Model):
    """What ``docker build`` reads, relative to the repository's root."""

    context: BuildPath = "."
    """What ``docker build`` reads.

    Example: services/web
    """
    dockerfile: Dockerfile | None = None
    """The Dockerfile, relative to the repository's root.

    Default: `Dockerfile` in the context, as Docker has it
    Example: services/web/Dockerfile
    """
    runs_on: Annotated[RunsOn, AfterValidator(_with_docker)] | None = None
    """Which runner builds: a label, a list of labels, or ``{group: …, labels: …}``. It has Docker,
    and the architecture of the task. Required with GitHub Enterprise Server.

    Default: GitHub's own of that architecture
    Example: [self-hosted, linux]
    """

    @property
    def file(self) -> str:
        """The Dockerfile, relative to the repository's root.

        Docker looks in the context, the action that runs it from the root:
        https://docs.docker.com/reference/cli/docker/buildx/build/#file
        """
        return self.dockerfile or PurePosixPath(self.context, "Dockerfile").as_posix()


class Service(Settings):
    """A service and the settings that its environments share."""

    repository: RepositoryName
    """The GitHub repository, without its owner, spelled as GitHub spells it.

    Example: web
    """
    repository_id: GitHubId | None = None
    """Its id, which the trust policy pins.

    Default: looked up at plan time
    Example: "1296269"
    """
    visibility: Literal["public", "private", "internal"] | None = None
    """Who can see the repository: with ``github.plan`` it decides which protections there are.

    Default: private, where ``github.plan`` is said
    """
    image_of: ResourceName | None = None
    """Another service of the same repository, whose image this one runs as well: a worker beside a
    web server. Each environment deploys what the environment of the same key of that service
    deployed, after it and in the same run. It builds nothing, has no registry, and takes account,
    region and ``deploy_from`` from there unless it says otherwise.

    Example: web
    """
    build: Build = Build()
    """What ``docker build`` reads, relative to the repository's root.

    Example: {context: services/web}
    """
    tags: Mapping[TagKey, TagValue] = {}
    """Tags on everything of the service.

    Example: {team: shop}
    """
    was: Was = ()
    """The key that it had before, or several, the first one first. What was named after it keeps
    that name. See docs/operations.md#another-key.

    Example: shop
    """
    environments: Annotated[Mapping[ResourceName, Environment], Field(min_length=1)]
    """The environments, by names of your choice.

    Example: {production: {account: main, deploy_from: {branches: [main]}}}
    """
