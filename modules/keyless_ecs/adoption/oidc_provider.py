"""An OIDC provider as ``aws iam get-open-id-connect-provider`` shows it, against the file."""

from collections.abc import Iterator

from keyless_ecs.adoption.difference import Difference, of_account, told
from keyless_ecs.adoption.found import Thing
from keyless_ecs.config.account import Account
from keyless_ecs.config.github import GitHub


def is_of(provider: Thing, github: GitHub) -> bool:
    """Tell whether *provider* is the one for GitHub's tokens; AWS leaves out the scheme."""
    return str(provider["Url"]).removeprefix("https://") == github.provider


def differences(
    provider: Thing, key: str, account: Account, github: GitHub
) -> Iterator[Difference]:
    """Yield what the first apply would change of *provider*, and what it would not work without.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html
    """
    there = set(provider["ClientIDList"])
    mine = github.audience_in(account.partition)
    if mine not in there:
        arn = account.oidc_provider_arn(github.provider)
        yield Difference(
            f"audience {told(mine)}",
            "no",
            "needed",
            note="no job gets in without it: aws iam add-client-id-to-open-id-connect-provider "
            f"--open-id-connect-provider-arn {arn} --client-id {mine}",
        )
    others = sorted(there - {mine, *account.audiences})
    if others and account.oidc_provider != "existing":
        stay = account.oidc_provider == "adopt"
        yield Difference(
            "other audiences",
            told(others),
            "kept while it is adopted" if stay else "none",
            of_account(key, audiences=sorted({*account.audiences, *others})),
        )
