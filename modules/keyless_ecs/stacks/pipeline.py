"""What the jobs of an environment need: a role each, and what they read in GitHub."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from constructs import Construct

from keyless_ecs.aws.role import Role
from keyless_ecs.config.account import Account
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.github.environment import GitHubEnvironment
from keyless_ecs.github.repository import GitHubRepository
from keyless_ecs.stacks import lookups
from keyless_ecs.terraform import literal
from keyless_ecs.trust.job_role import JobRole, build_role_of, deploy_role_of
from keyless_ecs.trust.permissions import build_permissions_of, deploy_permissions_of
from keyless_ecs.trust.policy import trust_policy


@dataclass(frozen=True)
class JobRoles:
    """The role of the job that deploys, and of the one that builds an image or finds it."""

    deploy: Role
    build: Role | None


def job_roles(scope: Construct, delivery: Delivery) -> JobRoles:
    """Create the roles of the delivery's jobs in *scope*, its stack."""

    def looked_up(role_of: Callable[..., JobRole]) -> JobRole:
        return role_of(
            delivery,
            owner_id=lambda: lookups.owner_id(scope, delivery),
            repository_id=lambda: lookups.repository_id(scope, delivery),
        )

    deploy = Role(
        scope,
        "deploy_role",
        name=delivery.deploy_role,
        description=f"Delivers {delivery.name} from GitHub Actions",
        trust=trust_policy(looked_up(deploy_role_of)),
        permissions=deploy_permissions_of(delivery),
        max_session_seconds=delivery.session_seconds,
        # A new role has no other policies; one made by hand is likely to.
        exclusive="deploy_role" in delivery.adopted,
        **of_account(delivery.account),
    )
    if not delivery.has_build_role:
        return JobRoles(deploy, None)
    does = "Builds the image of" if delivery.builds else "Finds the image for"
    build = Role(
        scope,
        "build_role",
        name=delivery.build_role,
        description=f"{does} {delivery.name} in GitHub Actions",
        trust=trust_policy(looked_up(build_role_of)),
        permissions=build_permissions_of(delivery),
        max_session_seconds=delivery.build_session_seconds,
        **of_account(delivery.account),
    )
    return JobRoles(deploy, build)


def of_account(account: Account) -> dict[str, Any]:
    """Return what every role of *account* has."""
    return {"path": account.role_path, "permissions_boundary": account.permissions_boundary}


def settings(
    scope: Construct,
    delivery: Delivery,
    roles: JobRoles,
    *,
    both: Mapping[str, str],
    deploy: Mapping[str, str],
) -> None:
    """Create in *scope* the GitHub environments of the jobs, and what the jobs read there.

    Args:
        scope: The delivery's stack.
        delivery: The environment.
        roles: The roles of the jobs.
        both: Variables of both jobs.
        deploy: Variables of the one that deploys.
    """
    github = delivery.environment.github
    deploy = {**both, "AWS_IAM_ROLE_ARN": roles.deploy.arn, **deploy}
    build = {**both, "AWS_BUILD_ROLE_ARN": roles.build.arn} if roles.build else {}
    # GitHub keeps names in upper case; in another every plan would show a change.
    own = {name.upper(): literal(value) for name, value in github.variables.items()}
    secrets = {name.upper(): secret.sealed for name, secret in github.secrets.items()}
    if delivery.by_ref:
        variables, secret_values = _apart({**deploy, **build}, github.as_secrets)
        GitHubRepository(
            scope,
            "repository_settings",
            repository=delivery.service.repository,
            variables={**variables, **own},
            secret_values=secret_values,
            secrets=list(secrets),
        )
        return
    common: dict[str, Any] = {
        "repository": delivery.service.repository,
        "branches": delivery.deploy_from.branch_patterns,
        "tags": delivery.deploy_from.tags,
        # In a private repository below Enterprise they always may; each plan would show a change.
        "admins_bypass": github.admins_bypass or delivery.admins_always_bypass,
    }
    variables, secret_values = _apart(deploy, github.as_secrets)
    GitHubEnvironment(
        scope,
        "environment",
        name=delivery.github_environment,
        variables={**variables, **own},
        secret_values=secret_values,
        sealed_secrets=secrets,
        users=github.reviewers.users,
        teams=github.reviewers.teams,
        wait_minutes=github.wait_minutes,
        prevent_self_review=github.prevent_self_review,
        **common,
    )
    if build:
        variables, secret_values = _apart(build, github.as_secrets)
        # Nobody is asked before a build, which reaches nothing that runs.
        GitHubEnvironment(
            scope,
            "build_environment",
            name=delivery.build_environment,
            variables=variables,
            secret_values=secret_values,
            sealed_secrets={},
            **common,
        )


def rulesets(scope: Construct, delivery: Delivery) -> None:
    """Create in *scope* the rulesets that say who makes the refs of the delivery, if any do."""
    if not delivery.ref_makers:
        return
    # Imported where it is asked for: of all bindings of this provider, these take longest.
    from keyless_ecs.github.rulesets import Rulesets

    actors = delivery.environment.github.ruleset
    Rulesets(
        scope,
        "ruleset",
        repository=delivery.service.repository,
        name=delivery.name,
        refs=delivery.deploy_from.refs,
        teams=actors.teams,
        apps=actors.apps,
        roles=actors.roles,
    )


def _apart(
    values: Mapping[str, str], secret: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return those of *values* that are variables, and those that are to be secret."""
    return (
        {name: value for name, value in values.items() if name not in secret},
        {name: values[name] for name in secret if name in values},
    )
