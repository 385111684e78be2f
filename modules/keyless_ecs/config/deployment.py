"""How ECS replaces the tasks of a service."""

from typing import Annotated

from pydantic import Field, StrictInt

from keyless_ecs.config.runner import RunsOn
from keyless_ecs.config.setting import Setting


class Deployment(Setting):
    """How ECS replaces tasks, in percent of the count. A failed deployment rolls back."""

    minimum_healthy_percent: Annotated[StrictInt, Field(ge=0, le=100)] = 100
    """Percent of ``count`` that keeps running while tasks are replaced.

    Example: 50
    """
    maximum_percent: Annotated[StrictInt, Field(ge=100, le=200)] = 200
    """Percent of ``count`` that may run meanwhile.

    Example: 150
    """
    wait_minutes: Annotated[StrictInt, Field(ge=5, le=310)] | None = None
    """How long a job waits for ECS to complete a deployment. A hosted runner ends a job after six
    hours, with all that it does besides.

    Default: as long as the service needs, 30 at least
    Example: 60
    """

    runs_on: RunsOn | None = None
    """Which runner deploys: a label, a list of labels, or ``{group: …, labels: …}``. It has the AWS
    CLI. Required with GitHub Enterprise Server.

    Default: GitHub's own
    Example: [self-hosted, production]
    """

    @property
    def has_room(self) -> bool:
        """Whether ECS can stop a task or start one more, as replacing one takes."""
        return self.minimum_healthy_percent < self.maximum_percent
