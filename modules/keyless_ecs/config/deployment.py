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
    maximum_percent: Annotated[StrictInt, Field(ge=100)] = 200
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

    def problem(self, count: int) -> str | None:
        """Say why ECS could replace none of *count* tasks, or None where it can.

        It starts no task beyond the upper bound, rounded down, and stops none below the lower one,
        rounded up.
        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
        """
        lower = -(-count * self.minimum_healthy_percent // 100)
        upper = count * self.maximum_percent // 100
        if count == 0 or upper > lower:
            return None
        if self.minimum_healthy_percent == self.maximum_percent:
            return (
                "100 to 100 percent leaves ECS no room to replace a task; "
                "lower minimum_healthy_percent or raise maximum_percent"
            )
        most = f"{upper} task{'s' if upper > 1 else ''}"
        return (
            f"with count {count} that is at least {lower} and at most {most}, so that ECS can "
            f"replace none; use maximum_percent: {-(-(lower + 1) * 100 // count)} or more, "
            f"or minimum_healthy_percent: {(upper - 1) * 100 // count} or less"
        )
