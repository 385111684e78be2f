"""Whom the roles of an environment's jobs trust."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool, StrictInt

from keyless_ecs.config.aws import RoleName
from keyless_ecs.config.setting import Setting


class Trust(Setting):
    """How the trust policy tells the jobs of the environment from all others.

    *subject*: the forms of GitHub's subject to accept. Repositories created, renamed or
    transferred since 2026-07-15 present ids in it, older ones do not.
    *by*: ``environment`` binds the role to GitHub's environment and its protection; ``ref`` is
    for jobs without an environment and trusts whoever can push to the refs of ``deploy_from``.
    *workflow*: whether only the two generated workflow files get in.
    *session_hours*: how long a job's credentials last.
    *role_name*: the name of the deploy role.
    *build_role_name*: the name of the build role.
    """

    own: ClassVar = {"build_role_name", "role_name"}

    subject: Literal["both", "legacy", "immutable"] = "both"
    by: Literal["environment", "ref"] = "environment"
    workflow: StrictBool = False
    session_hours: Annotated[StrictInt, Field(ge=1, le=12)] = 1
    role_name: RoleName | None = None
    build_role_name: RoleName | None = None
