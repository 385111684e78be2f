"""What Terraform reads of GitHub at plan time, and what must be true of it.

GitHub's API follows a repository that was renamed and takes names in any case; its tokens carry the
name as it is now, and AWS compares case. So a plan would be clean, and every job refused with
``Not authorized to perform sts:AssumeRoleWithWebIdentity``: each postcondition says it before.

Where ``owner_id`` and ``repository_id`` are given, nothing is looked up and nothing verified.
"""

from cdktf import Fn, TerraformDataSource
from cdktf_cdktf_provider_github.data_github_actions_repository_oidc_subject_claim_customization_template import (  # noqa: E501
    DataGithubActionsRepositoryOidcSubjectClaimCustomizationTemplate as SubjectTemplate,
)
from cdktf_cdktf_provider_github.data_github_repository import DataGithubRepository
from cdktf_cdktf_provider_github.data_github_user import DataGithubUser
from constructs import Construct

from keyless_ecs.config.delivery import Delivery


def owner_id(scope: Construct, delivery: Delivery) -> str:
    """Look up the owner's id, once for all that ask."""
    known = scope.node.try_find_child("owner")
    if isinstance(known, DataGithubUser):
        return known.id
    owner = delivery.github.owner
    found = DataGithubUser(scope, "owner", username=owner)
    _ensure(
        found,
        f'self.login == "{owner}"',
        f'github.owner is "{owner}" in the delivery file and "${{coalesce(self.login, "nobody")}}" '
        "to GitHub; AWS compares case, so write it as GitHub does.",
    )
    return found.id


def repository_id(scope: Construct, delivery: Delivery) -> str:
    """Look up the repository's id, and see that its jobs present the subject that is trusted."""
    known = scope.node.try_find_child("repository")
    if isinstance(known, DataGithubRepository):
        return _as_text(known)
    owner, name = delivery.github.owner, delivery.service.repository
    # By its name alone, so that it is the provider's owner whose repository is found: GITHUB_OWNER
    # wins over what the configuration says, and would be where everything is written.
    # https://github.com/integrations/terraform-provider-github/issues/2722
    repository = DataGithubRepository(scope, "repository", name=name)
    _ensure(
        repository,
        f'self.full_name == "{owner}/{name}"',
        f'The delivery file names the repository "{owner}/{name}", and GitHub '
        '"${coalesce(self.full_name, "none that this token can read")}". Renamed, moved or '
        "spelled otherwise, its jobs present that name, which the role does not trust: write it as "
        "GitHub does. With another owner, unset GITHUB_OWNER where Terraform runs.",
    )
    # Read once the repository is known to be the right one.
    template = SubjectTemplate(scope, "subject", name=repository.name)
    _ensure(
        template,
        'self.use_default || try(join(",", self.include_claim_keys) == "repo,context", false)',
        f'The subject of the tokens of "{owner}/{name}" is customized, and the role trusts '
        "GitHub's default: every job would be refused. Reset it: gh api --method PUT "
        f"repos/{owner}/{name}/actions/oidc/customization/sub -F use_default=true",
    )
    return _as_text(repository)


def _as_text(repository: DataGithubRepository) -> str:
    # A condition's value is text; as a number it would differ from what IAM gives back.
    return str(Fn.tostring(repository.repo_id))


def _ensure(source: TerraformDataSource, condition: str, message: str) -> None:
    """Let the plan fail with *message* where *condition* does not hold of what was read.

    https://developer.hashicorp.com/terraform/language/expressions/custom-conditions#postconditions
    """
    source.add_override(
        "lifecycle.postcondition",
        [{"condition": f"${{{condition}}}", "error_message": message}],
    )
