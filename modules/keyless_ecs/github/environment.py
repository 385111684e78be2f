"""The GitHub environment of one delivery."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf_cdktf_provider_github.actions_environment_secret import ActionsEnvironmentSecret
from cdktf_cdktf_provider_github.actions_environment_variable import ActionsEnvironmentVariable
from cdktf_cdktf_provider_github.data_github_user import DataGithubUser
from cdktf_cdktf_provider_github.repository_environment import (
    RepositoryEnvironment,
    RepositoryEnvironmentDeploymentBranchPolicy,
)
from cdktf_cdktf_provider_github.repository_environment_deployment_policy import (
    RepositoryEnvironmentDeploymentPolicy,
)
from constructs import Construct

from keyless_ecs.github.refs import fnmatch_pattern
from keyless_ecs.github.team import look_up_team
from keyless_ecs.terraform import address_part, secret_variable


class GitHubEnvironment(Construct):
    """An environment of a repository: who deploys to it, from where, and what its jobs read.

    Args:
        repository: Repository name, without the owner.
        name: Environment name.
        branches: Patterns of the branches that may deploy, as :mod:`keyless_ecs.config.refs`.
        tags: Patterns of the tags that may deploy.
        variables: Values that jobs read as ``vars.NAME``.
        secret_values: Values that jobs read as ``secrets.NAME`` and that are no secret to
            Terraform's state, such as an account id.
        sealed_secrets: Secrets encrypted for the environment's public key; None for one whose value
            arrives as the sensitive Terraform variable ``secret_NAME``.
        users: Logins of reviewers.
        teams: Slugs of reviewing teams.
        wait_minutes: How long a deployment waits.
        prevent_self_review: Whether who starts a deployment may not approve it.
        admins_bypass: Whether administrators may pass by the protection.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        repository: str,
        name: str,
        branches: Sequence[str],
        tags: Sequence[str],
        variables: Mapping[str, str],
        secret_values: Mapping[str, str],
        sealed_secrets: Mapping[str, str | None],
        users: Sequence[str] = (),
        teams: Sequence[str] = (),
        wait_minutes: int = 0,
        prevent_self_review: bool = False,
        admins_bypass: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        environment = RepositoryEnvironment(
            self,
            "Default",
            repository=repository,
            environment=name,
            deployment_branch_policy=RepositoryEnvironmentDeploymentBranchPolicy(
                protected_branches=False, custom_branch_policies=True
            ),
            wait_timer=wait_minutes or None,
            prevent_self_review=prevent_self_review or None,
            can_admins_bypass=admins_bypass,
        )
        if users or teams:
            # For this one block, CDKTF's bindings take a list and CDK Terrain's a struct.
            environment.add_override("reviewers", [_reviewers(self, repository, users, teams)])
        where: dict[str, Any] = {
            "repository": repository,
            "environment": environment.environment,
        }
        for branch in branches:
            RepositoryEnvironmentDeploymentPolicy(
                self,
                f"branch_{address_part(branch)}",
                **where,
                branch_pattern=fnmatch_pattern(branch),
            )
        for tag in tags:
            pattern = fnmatch_pattern(tag)
            RepositoryEnvironmentDeploymentPolicy(
                self, f"tag_{address_part(tag)}", **where, tag_pattern=pattern
            )
        for variable, value in variables.items():
            ActionsEnvironmentVariable(self, variable, **where, variable_name=variable, value=value)
        for secret, value in secret_values.items():
            ActionsEnvironmentSecret(
                self, secret, **where, secret_name=secret, plaintext_value=value
            )
        for secret, sealed in sealed_secrets.items():
            ActionsEnvironmentSecret(
                self,
                secret,
                **where,
                secret_name=secret,
                encrypted_value=sealed,
                plaintext_value=None if sealed else secret_variable(self, secret),
            )


def _reviewers(
    scope: Construct, repository: str, users: Sequence[str], teams: Sequence[str]
) -> dict[str, list[str]]:
    """Look up the ids that GitHub wants: a name is what a reviewer of the plan can check."""
    found = {
        team: look_up_team(
            scope,
            repository,
            team,
            check=f"reviewing_team_{team}",
            otherwise=f"The team {team} is to approve deployments, and GitHub does not list "
            f"{repository} among its repositories. GitHub leaves a reviewer without access out and "
            "says nothing: give the team the role Read there.",
        )
        for team in teams
    }
    return {
        "users": [DataGithubUser(scope, f"user_{user}", username=user).id for user in users],
        "teams": [looked_up.id for looked_up in found.values()],
    }
