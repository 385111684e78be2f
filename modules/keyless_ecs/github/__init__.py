"""The GitHub side: the environment, the repository, and the files that stand in it."""

from typing import TYPE_CHECKING

from keyless_ecs.engine import exports

if TYPE_CHECKING:
    from keyless_ecs.github.environment import GitHubEnvironment
    from keyless_ecs.github.repository import GitHubRepository
else:
    __getattr__ = exports.lazily(
        __name__,
        {
            "GitHubEnvironment": "environment.GitHubEnvironment",
            "GitHubRepository": "repository.GitHubRepository",
        },
    )

__all__ = ["GitHubEnvironment", "GitHubRepository"]
