"""How a load balancer sees the tasks of a service."""

from typing import Annotated, ClassVar

from pydantic import Field, StrictInt

from keyless_ecs.config.setting import Setting
from keyless_ecs.config.text import matching

HealthPath = Annotated[
    str,
    matching(
        r"/[!-~]{0,1023}", "is not a path; begin with / and use at most 1,024 printable characters"
    ),
]
Matcher = Annotated[
    str,
    matching(
        r"[2-4]\d\d([,-][2-4]\d\d)*",
        'is not a matcher; use codes from 200 to 499: "200", "200,302" or "200-299"',
    ),
]
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html"""


class TargetHealthCheck(Setting):
    """The request that tells whether a task serves.

    With 15 seconds and two good answers a new task serves after 30 s; AWS's 30 s and five would
    make every deployment two minutes longer.
    """

    main_key: ClassVar = "path"

    path: HealthPath = "/"
    """What is asked for.

    Example: /healthz
    """
    matcher: Matcher = "200"
    """The HTTP codes of a good answer.

    Example: "200-299"
    """
    interval: Annotated[StrictInt, Field(ge=6, le=300)] = 15
    """Seconds between two requests.

    Example: 30
    """
    grace_period: Annotated[StrictInt, Field(ge=0, le=2_147_483_647)] = 60
    """Seconds after its start in which a task is not stopped for bad answers: as long as it takes
    to start. Without it ECS kills slow starters; Copilot and the CDK take 60 as well.

    Example: 120
    """


class TargetGroup(Setting):
    """How a load balancer sees the tasks of a service."""

    health_check: TargetHealthCheck = TargetHealthCheck()
    """The request that tells whether a task serves. A word is its path.

    Example: /healthz
    """
    deregistration_delay: Annotated[StrictInt, Field(ge=0, le=3_600)] = 30
    """Seconds in which a task that goes may finish its answers: as long as the longest request.
    AWS's 300 make every deployment five minutes longer.

    Example: 120
    """
