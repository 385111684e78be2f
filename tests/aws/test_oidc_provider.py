"""The account's OIDC provider."""

from cdktf import TerraformStack

from keyless_ecs.aws.oidc_provider import GitHubOidc
from tests.conftest import ReadContent, Resources

URL = "https://token.actions.githubusercontent.com"


def test_the_provider_is_protected(stack: TerraformStack, resources: Resources) -> None:
    """Destroying it would lock out every pipeline of the account."""
    GitHubOidc(stack, "github_oidc", url=URL, audience="sts.amazonaws.com")

    assert resources("aws_iam_openid_connect_provider") == {
        "github_oidc": {
            "url": URL,
            "client_id_list": ["sts.amazonaws.com"],
            "lifecycle": {"prevent_destroy": True},
        }
    }


def test_other_audiences_are_let_alone(stack: TerraformStack, resources: Resources) -> None:
    """Jobs of others ask for them: named they stay, and of an adopted provider all of them.

    https://github.com/unfunco/terraform-aws-oidc-github/issues/35
    """
    GitHubOidc(
        stack,
        "github_oidc",
        url=URL,
        audience="sts.amazonaws.com",
        other_audiences=["acme", "sts.amazonaws.com"],
        mode="adopt",
        adopted_arn="arn:aws:iam::123456789012:oidc-provider/x",
    )

    (provider,) = resources("aws_iam_openid_connect_provider").values()
    assert provider["client_id_list"] == ["sts.amazonaws.com", "acme"]
    (verified,) = provider["lifecycle"].pop("postcondition")
    assert verified["condition"] == '${contains(self.client_id_list, "sts.amazonaws.com")}'
    assert "add-client-id-to-open-id-connect-provider" in verified["error_message"]
    assert provider["lifecycle"] == {"prevent_destroy": True, "ignore_changes": ["client_id_list"]}


def test_an_existing_provider_is_only_looked_up(
    stack: TerraformStack, content: ReadContent
) -> None:
    """An account has one per URL: creating a second fails, looking up a missing one says so."""
    GitHubOidc(stack, "github_oidc", url=URL, audience="sts.amazonaws.com", mode="existing")

    assert "resource" not in content()
    provider = content()["data"]["aws_iam_openid_connect_provider"]["github_oidc"]
    assert provider["url"] == URL
