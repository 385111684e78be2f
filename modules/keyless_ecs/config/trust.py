"""Whom the roles of an environment's jobs trust."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool, StrictInt

from keyless_ecs.config.aws import RoleName
from keyless_ecs.config.setting import Setting


class Trust(Setting):
    """How the trust policy of the deploy role tells the jobs of the environment from all others."""

    own: ClassVar = {"build_role_name", "role_name"}

    subject: Literal["both", "legacy", "immutable"] = "both"
    """Forms of the token's subject: ``legacy`` (names), ``immutable`` (names and ids:
    repositories created, renamed or transferred since 2026-07-15), or both."""
    by: Literal["environment", "ref"] = "environment"
    """``environment`` binds the role to GitHub's environment and its protection; ``ref`` is for
    jobs without an environment and trusts whoever can push to the refs of ``deploy_from``."""
    workflow: StrictBool = False
    """Whether only the two generated workflow files get in. Recommended where others write
    workflows in the repository: a ``pull_request_target`` job that names the environment carries
    the base branch's ref, and only this refuses it."""
    session_hours: Annotated[StrictInt, Field(ge=1, le=12)] = 1
    """How long a job's credentials last.

    Example: 4
    """
    role_name: RoleName | None = None
    """Name of the deploy role.

    Default: {deploy_role}
    Example: shop-deploy
    """
    build_role_name: RoleName | None = None
    """Name of the role of the job that builds.

    Default: {build_role}
    Example: shop-build
    """
