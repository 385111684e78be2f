"""A team of the owner, by the name that a reviewer of the plan can check."""

from cdktf import TerraformStack
from cdktf_cdktf_provider_github.data_github_team import DataGithubTeam
from constructs import Construct


def look_up_team(
    scope: Construct, repository: str, slug: str, *, check: str, otherwise: str
) -> DataGithubTeam:
    """Look a team up, and have the plan warn where GitHub does not list the repository as its own.

    A check and no condition: what a team may read by its parent or by the organization's base
    permission GitHub does not list, https://docs.github.com/en/rest/teams/teams#list-team-repositories.

    Args:
        scope: Where the look-up stands.
        repository: Repository name, without the owner.
        slug: The team.
        check: Name of the check in the stack.
        otherwise: What the plan then says.
    """
    found = DataGithubTeam(scope, f"team_{slug}", slug=slug)
    TerraformStack.of(scope).add_override(
        f"check.{check}",
        {
            "assert": [
                {
                    "condition": f"${{contains([for name in {found.fqn}.repositories : "
                    f'lower(name)], "{repository.lower()}")}}',
                    "error_message": otherwise,
                }
            ]
        },
    )
    return found
