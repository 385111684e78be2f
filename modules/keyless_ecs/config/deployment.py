"""How ECS replaces the tasks of a service."""

import math
from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictInt

from keyless_ecs.config.runner import RunsOn
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.shown import shown

Strategy = Literal["rolling", "blue_green", "canary", "linear"]

SMALLEST_SHARE = {"canary": 0.1, "linear": 3.0}
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CanaryConfiguration.html, and
API_LinearConfiguration.html beside it."""

_DEFAULT_PERCENT = {"canary": 5.0, "linear": 10.0}
_DEFAULT_STEP = {"canary": 10, "linear": 6}
"""ECS's own defaults, of the same pages."""


def _percent(value: float) -> float:
    if not 0.1 <= value <= 100 or round(value, 1) != value:
        raise ValueError(f"{value:g} is not a share; use 0.1 to 100 in steps of 0.1")
    return value


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{shown(value)} is not what stands here; use a number")
    return value


Percent = Annotated[float, BeforeValidator(_number), AfterValidator(_percent)]
Minutes = Annotated[StrictInt, Field(ge=0, le=1_440)]


class Deployment(Setting):
    """How ECS replaces tasks. A deployment that does not become healthy rolls back."""

    main_key: ClassVar = "strategy"

    strategy: Strategy = "rolling"
    """``rolling`` replaces tasks a few at a time. The others start as many new ones beside the old
    and shift the load balancer's traffic to them: ``blue_green`` at once, ``canary`` a first share
    and then the rest, ``linear`` share after share."""
    percent: Percent | None = None
    """The first share of ``canary``, each share of ``linear``.

    Default: 5 for canary, 10 for linear
    Example: 20
    """
    step_minutes: Minutes | None = None
    """Before the rest of ``canary``, between the shares of ``linear``.

    Default: 10 for canary, 6 for linear
    Example: 5
    """
    bake_minutes: Minutes = 10
    """How long the old tasks stay when all traffic is shifted, so that a roll-back is quick; for
    all but ``rolling``.

    Example: 30
    """
    minimum_healthy_percent: Annotated[StrictInt, Field(ge=0, le=100)] = 100
    """Percent of ``count`` that keeps running while tasks are replaced.

    Example: 50
    """
    maximum_percent: Annotated[StrictInt, Field(ge=100, le=2_147_483_647)] = 200
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

    def problem(self, counts: Iterable[int]) -> str | None:
        """Say why ECS could replace no task at one of these *counts*, or None where it can at all.

        It starts no task beyond the upper bound, rounded down, and stops none below the lower one,
        rounded up.
        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
        """
        lower, upper = self.minimum_healthy_percent, self.maximum_percent
        stuck = [count for count in counts if not _has_room(count, lower, upper)]
        if not stuck:
            return None
        if lower == upper:
            return (
                "100 to 100 percent leaves ECS no room to replace a task; "
                "lower minimum_healthy_percent or raise maximum_percent"
            )
        higher = next(it for it in range(upper, 201) if all(_has_room(n, lower, it) for n in stuck))
        less = next(
            it for it in range(lower, -1, -1) if all(_has_room(n, it, upper) for n in stuck)
        )
        least, most = -(-stuck[0] * lower // 100), stuck[0] * upper // 100
        return (
            f"with {stuck[0]} task{'s' if stuck[0] > 1 else ''} that is at least {least} and at "
            f"most {most}, so that ECS can replace none; use maximum_percent: {higher} or more, "
            f"or minimum_healthy_percent: {less}{' or less' if less else ''}"
        )

    @property
    def shifts_traffic(self) -> bool:
        """Whether new tasks stand beside all the old ones and traffic is shifted to them."""
        return self.strategy != "rolling"

    @property
    def share(self) -> float | None:
        """The percentage of canary's first step, or of each of linear's; None for no steps."""
        return self.percent or _DEFAULT_PERCENT.get(self.strategy)

    @property
    def step(self) -> int:
        """The minutes before canary's rest, or between linear's steps; 0 for no steps."""
        if self.step_minutes is not None:
            return self.step_minutes
        return _DEFAULT_STEP.get(self.strategy, 0)

    @property
    def shift_minutes(self) -> int:
        """How long a deployment takes beside what a rolling one does: its steps, and the bake."""
        if not self.shifts_traffic:
            return 0
        steps = math.ceil(100 / self.share) if self.strategy == "linear" and self.share else 1
        return self.bake_minutes + self.step * steps


def _has_room(count: int, lower: int, upper: int) -> bool:
    return count == 0 or count * upper // 100 > -(-count * lower // 100)


def _room_at_all(counts: Iterable[int], lower: int, upper: int) -> bool:
    return all(_has_room(count, lower, upper) for count in counts)
