"""Variables and secrets of a repository, for jobs that run without an environment."""

from collections.abc import Mapping

from cdktf_cdktf_provider_github.actions_secret import ActionsSecret
from cdktf_cdktf_provider_github.actions_variable import ActionsVariable
from constructs import Construct

from keyless_ecs.terraform import secret_variable


class GitHubRepository(Construct):
    """What the jobs of a repository read where no environment holds it.

    Args:
        repository: Repository name, without the owner.
        variables: Values that jobs read as ``vars.NAME``.
        secret_values: Values that jobs read as ``secrets.NAME`` and that are no secret to
            Terraform's state, such as an account id.
        secrets: Names of secrets whose values arrive as the Terraform variables ``secret_NAME``.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        repository: str,
        variables: Mapping[str, str],
        secret_values: Mapping[str, str],
        secrets: list[str],
    ) -> None:
        super().__init__(scope, id_)
        for variable, value in variables.items():
            ActionsVariable(
                self, variable, repository=repository, variable_name=variable, value=value
            )
        values = {**secret_values, **{name: secret_variable(self, name) for name in secrets}}
        for secret, value in values.items():
            ActionsSecret(
                self, secret, repository=repository, secret_name=secret, plaintext_value=value
            )
