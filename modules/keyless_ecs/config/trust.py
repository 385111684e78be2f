"""Whom the roles of an environment's jobs trust."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt

from keyless_ecs.config.aws import RoleName
from keyless_ecs.config.setting import Setting

_SECONDS = 3600


def _hours(value: object) -> object:
    # What AWS calls max_session_duration is said in seconds.
    if type(value) is int and value >= _SECONDS // 4:
        raise ValueError(f"{value} would be hours; use {min(12, -(-value // _SECONDS))}")
    return value


class Trust(Setting):
    """How the trust policies of its roles tell the jobs of the environment from all others.

    Two jobs have a role each: one builds the image or finds it, the other deploys.
    """

    own: ClassVar = {"build_role_name", "role_name"}

    subject: Literal["both", "legacy", "immutable"] = "both"
    """Forms of the token's subject: ``legacy`` (names), ``immutable`` (names and ids:
    repositories created, renamed or transferred since 2026-07-15), or both."""
    by: Literal["environment", "ref"] = "environment"
    """``environment`` binds the roles to GitHub's environments and their protection; ``ref`` is
    for jobs without an environment and trusts whoever can push to the refs of ``deploy_from``. It
    always binds each role to the workflow file of its job."""
    workflow: StrictBool = False
    """Whether only the generated workflow file of its job gets into a role. Recommended where
    others write workflows in the repository: a ``pull_request_target`` job that names the
    environment carries the base branch's ref, and only this refuses it."""
    session_hours: Annotated[StrictInt, Field(ge=1, le=12), BeforeValidator(_hours)] = 1
    """How long a job's credentials last, at least: those of the job that deploys outlive its wait.

    Example: 4
    """
    role_name: RoleName | None = None
    """Name of the deploy role.

    Default: {deploy_role}
    Example: shop-deploy
    """
    build_role_name: RoleName | None = None
    """Name of the role of the job that builds the image, or finds it where one promotes.

    Default: {build_role}
    Example: shop-build
    """
