"""The GitHub environment."""

from typing import Any

from cdktf import TerraformStack

from keyless_ecs.github.environment import GitHubEnvironment
from tests.conftest import ReadContent, Resources


def environment(stack: TerraformStack, **changes: Any) -> None:
    """Create an environment that differs from the least one by *changes*."""
    least: dict[str, Any] = {
        "repository": "Papyrus",
        "name": "production",
        "branches": ["main"],
        "tags": [],
        "variables": {},
        "secret_values": {},
        "sealed_secrets": {},
    }
    GitHubEnvironment(stack, "environment", **{**least, **changes})


def test_only_named_refs_deploy(stack: TerraformStack, resources: Resources) -> None:
    """GitHub refuses the environment to jobs from any other branch or tag."""
    environment(stack, branches=["main", "release/*"], tags=["v*.*.*"])

    made = resources("github_repository_environment")["environment"]
    assert made["deployment_branch_policy"] == {
        "custom_branch_policies": True,
        "protected_branches": False,
    }
    policies = resources("github_repository_environment_deployment_policy")
    assert {
        name: policy.get("branch_pattern") or policy.get("tag_pattern")
        for name, policy in policies.items()
    } == {
        "environment_branch_main": "main",
        "environment_branch_release_slash_star": "release/*",
        "environment_tag_v_star_dot_star_dot_star": "v*.*.*",
    }


def test_administrators_do_not_pass_by(stack: TerraformStack, resources: Resources) -> None:
    """Protection binds everybody unless the file says otherwise."""
    environment(stack)

    assert resources("github_repository_environment")["environment"]["can_admins_bypass"] is False


def test_reviewers_are_named_not_numbered(stack: TerraformStack, content: ReadContent) -> None:
    """A reviewer of the plan can check a name; the ids that GitHub wants are looked up."""
    environment(stack, users=["octocat"], teams=["platform"], wait_minutes=5)

    made = content()["resource"]["github_repository_environment"]["environment"]
    assert made["reviewers"] == [
        {
            "users": ["${data.github_user.environment_user_octocat.id}"],
            "teams": ["${data.github_team.environment_team_platform.id}"],
        }
    ]
    assert made["wait_timer"] == 5


def test_a_secret_arrives_as_a_sensitive_variable(
    stack: TerraformStack, content: ReadContent
) -> None:
    """No file holds its value, and a run without it fails before it changes anything."""
    environment(stack, sealed_secrets={"SENTRY": None})

    secret = content()["resource"]["github_actions_environment_secret"]["environment_SENTRY"]
    assert secret["plaintext_value"] == "${var.secret_SENTRY}"
    variable = content()["variable"]["secret_SENTRY"]
    assert (variable["sensitive"], variable["nullable"]) == (True, False)
    assert "default" not in variable


def test_a_sealed_secret_needs_no_variable(stack: TerraformStack, content: ReadContent) -> None:
    """Only GitHub can open it, so it may stand in the file."""
    environment(stack, sealed_secrets={"TOKEN": "c2VhbGVk"})

    secret = content()["resource"]["github_actions_environment_secret"]["environment_TOKEN"]
    assert secret["encrypted_value"] == "c2VhbGVk"
    assert "plaintext_value" not in secret
    assert "variable" not in content()
