"""The GitHub Actions that the workflows use, pinned by commit: a tag can be moved."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """An action at one commit, and the tag under which that commit was released."""

    repository: str
    commit: str
    tag: str


CHECKOUT = Action("actions/checkout", "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1")
CONFIGURE_AWS_CREDENTIALS = Action(
    "aws-actions/configure-aws-credentials", "e6de054238d6b7531b4efff3b6587d9aade6a06c", "v6.2.3"
)
ECR_LOGIN = Action(
    "aws-actions/amazon-ecr-login", "03f1aad4c6c7ffd436567f42f9384779290529bd", "v2.1.7"
)
SETUP_BUILDX = Action(
    "docker/setup-buildx-action", "37fe631027851001ddb9b187196cc803df7f5f0e", "v4.3.0"
)
BUILD_PUSH = Action(
    "docker/build-push-action", "53b7df96c91f9c12dcc8a07bcb9ccacbed38856a", "v7.3.0"
)
ECS_RENDER = Action(
    "aws-actions/amazon-ecs-render-task-definition",
    "138c24f321fdbdf7edee4a685519d253cae2cdea",
    "v1.9.0",
)
