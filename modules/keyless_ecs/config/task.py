"""The Fargate task of a service."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, StrictInt

from keyless_ecs.config.aws import EcsName, ExistingRole, PolicyArn, RoleName
from keyless_ecs.config.setting import Setting

GIB = 1024

SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1 * GIB, 2 * GIB),
    512: tuple(range(1 * GIB, 4 * GIB + 1, GIB)),
    1024: tuple(range(2 * GIB, 8 * GIB + 1, GIB)),
    2048: tuple(range(4 * GIB, 16 * GIB + 1, GIB)),
    4096: tuple(range(8 * GIB, 30 * GIB + 1, GIB)),
    8192: tuple(range(16 * GIB, 60 * GIB + 1, 4 * GIB)),
    16384: tuple(range(32 * GIB, 120 * GIB + 1, 8 * GIB)),
}
"""Memory in MiB that Fargate offers for each CPU size.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
"""


def _one_of(words: list[int]) -> str:
    return f"{', '.join(map(str, words[:-1]))} or {words[-1]}"


def _fargate_size(value: int) -> int:
    if value not in SIZES:
        raise ValueError(f"{value} is not a Fargate size; use {_one_of(list(SIZES))}")
    return value


def _names_once(policies: tuple[str, ...]) -> tuple[str, ...]:
    names = [arn.rpartition("/")[2] for arn in policies]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ValueError(f"two policies are named {name}; leave one out or rename it")
    return policies


Policies = Annotated[tuple[PolicyArn, ...], AfterValidator(_names_once)]
Cpu = Annotated[
    StrictInt, AfterValidator(_fargate_size), Field(json_schema_extra={"enum": list(SIZES)})
]


def _disk(value: int) -> int:
    if value == 20:
        raise ValueError("20 is what it is without this; leave it out")
    if not 21 <= value <= 200:
        raise ValueError(f"{value:,} GiB is not offered; use 21 to 200, or leave it out for 20")
    return value


class Task(Setting):
    """Size and identity of the Fargate task."""

    own: ClassVar = {"family"}

    family: EcsName | None = None
    """In an environment: an existing family of task definitions that the service runs. The pipeline
    registers its revisions there, and Terraform registers none.

    Default: {task_family}
    Example: shop
    """
    cpu: Cpu = 256
    """In 1/1024 vCPU.

    Example: 1024
    """
    memory: StrictInt = 512
    """In MiB, of the sizes that Fargate offers with that CPU.

    Example: 2048
    """
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """For image and task."""
    ephemeral_storage: (
        Annotated[
            StrictInt,
            AfterValidator(_disk),
            Field(json_schema_extra={"minimum": 21, "maximum": 200}),
        ]
        | None
    ) = None
    """Disk in GiB.

    Default: 20
    Example: 50
    """
    execution_role_name: RoleName | None = None
    """Name of the role with which ECS starts the task.

    Default: {execution_role}
    Example: shop-execution
    """
    existing_execution_role: ExistingRole | None = None
    """In place of a role of its own, one that others own: its name, with its IAM path before it
    where it has one.

    Example: service-role/ecsTaskExecutionRole
    """
    execution_role_policies: Policies = ()
    """ARNs of further policies for that role, such as ``kms:Decrypt`` for secrets under a key of
    your own.

    Example: [arn:aws:iam::123456789012:policy/decrypt-secrets]
    """
    task_role_name: RoleName | None = None
    """Name of the application's role.

    Default: {task_role}
    Example: shop
    """
    task_role_policies: Policies = ()
    """ARNs of policies for the application's role.

    Example: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
    """

    def memory_problem(self) -> str | None:
        """Say why Fargate refuses this memory with this CPU, or None where it takes both."""
        sizes = SIZES[self.cpu]
        if self.memory in sizes:
            return None
        if len(sizes) <= 4:
            mend = f"use {_one_of(list(sizes))}"
        else:
            step = sizes[1] - sizes[0]
            mend = f"use {sizes[0]} to {sizes[-1]} in steps of {step}"
        return f"{self.memory} MiB is not offered with cpu {self.cpu}; {mend}"
