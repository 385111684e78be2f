"""How many tasks run: between which bounds, by which measure, at which hours."""

import zoneinfo
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StrictInt

from keyless_ecs.config.setting import Setting
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import did_you_mean, matching

CPU_PERCENT = 70
"""Where no measure and no hours are named. SST takes it too; terraform-aws-modules takes 75."""

Count = Annotated[StrictInt, Field(ge=0, le=5_000)]
Percent = Annotated[StrictInt, Field(ge=1, le=100)]
Key = Annotated[
    str, matching(r"[a-z][a-z0-9_-]{0,30}", "is not a key; use lower-case letters and digits")
]


def _happens(value: str) -> str:
    if value.startswith("rate(") and int(value[5:].split()[0]) == 0:
        raise ValueError(f"{shown(value)} never comes; use rate(1 hour) or more")
    if value.startswith("at("):
        try:
            datetime.fromisoformat(value[3:-1])
        except ValueError:
            raise ValueError(f"{shown(value)} is no day and hour of the calendar") from None
    return value


When = Annotated[
    str,
    matching(
        r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)|rate\(\d+ (minutes?|hours?|days?)\)|"
        r"cron\([\w,*/?#L-]+( [\w,*/?#L-]+){5}\)",
        "is not a time; use cron(<minute> <hour> <day> <month> <weekday> <year>), "
        "rate(<n> hours) or at(<yyyy-mm-ddThh:mm:ss>)",
    ),
    AfterValidator(_happens),
]
"""https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html"""


def _time_zone(value: str) -> str:
    # A machine without the database knows none; there AWS is left to say it.
    known = zoneinfo.available_timezones()
    if known and value not in known:
        continent = value.partition("/")[0].lower()
        known = {name for name in known if name.lower().startswith(f"{continent}/")} or known
        raise ValueError(f"{shown(value)} is not a time zone; {did_you_mean(value, known)}")
    return value


class Hours(Setting):
    """New bounds from a point in time on."""

    needed: ClassVar = {"at"}

    at: When = ""
    """When, as ``cron(<minute> <hour> <day> <month> <weekday> <year>)``, ``rate(…)`` or
    ``at(<yyyy-mm-ddThh:mm:ss>)``.

    Example: cron(0 22 * * ? *)
    """
    timezone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    """The time zone of that, by its IANA name.

    Example: Europe/Berlin
    """
    min: Count | None = None
    """The least tasks from then on.

    Default: as before
    Example: 0
    """
    max: Count | None = None
    """The most tasks from then on.

    Default: as before
    Example: 2
    """


class Autoscaling(Setting):
    """Between how many tasks ECS scales, and by what.

    Tasks are added as soon as one measure asks for it (60 s after the last ones), and taken when
    all agree (300 s after the last ones).
    """

    needed: ClassVar = {"min", "max"}

    min: Count = 0
    """The least tasks. The service begins with so many, one at least.

    Example: 2
    """
    max: Annotated[StrictInt, Field(ge=1, le=5_000)] = 1
    """The most tasks.

    Example: 10
    """
    cpu: Percent | None = None
    """Percent of their CPU that the tasks use on average.

    Default: 70 where no measure and no schedules are said
    Example: 60
    """
    memory: Percent | None = None
    """Percent of their memory that the tasks use on average.

    Example: 75
    """
    requests: Annotated[StrictInt, Field(ge=1, le=1_000_000_000)] | None = None
    """Requests that each task gets in a minute through its load balancer; with ``rolling`` alone.

    Example: 1000
    """
    schedules: Mapping[Key, Hours] = {}
    """Other bounds at certain times, by names of your choice.

    Example: {night: {at: cron(0 22 * * ? *), min: 0}, morning: {at: cron(0 6 * * ? *), min: 2}}
    """

    @property
    def measures(self) -> dict[str, int]:
        """The measures by which it scales, each with the value to keep."""
        said = {"cpu": self.cpu, "memory": self.memory, "requests": self.requests}
        measures = {name: value for name, value in said.items() if value is not None}
        return measures if measures or self.schedules else {"cpu": CPU_PERCENT}

    @property
    def first_count(self) -> int:
        """How many tasks the service begins with: one at least, or no deployment would end."""
        return max(self.min, 1)

    @property
    def counts(self) -> range:
        """All numbers of tasks that may run while one of them is replaced."""
        hours = self.schedules.values()
        least = min(self.min, *(each.min for each in hours if each.min is not None), self.max)
        most = max(self.max, *(each.max for each in hours if each.max is not None), 1)
        return range(max(least, 1), most + 1)
