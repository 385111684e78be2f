"""Issuers, partitions and adoption: what an account and its trust look like elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Content
from tests.support.config import with_runners

Delivered = Callable[[Content, str], Content]
GITHUB = "https://token.actions.githubusercontent.com"


@pytest.mark.parametrize(
    ("issuer", "region", "audience", "claims", "base_url"),
    [
        (GITHUB, "ap-northeast-1", "sts.amazonaws.com", True, None),
        (f"{GITHUB}/acme", "us-gov-west-1", "sts.amazonaws.com", True, None),
        (
            "https://token.actions.acme.ghe.com",
            "cn-north-1",
            "sts.amazonaws.com.cn",
            True,
            "https://api.acme.ghe.com/",
        ),
        (
            "https://ghe.acme.com/_services/token",
            "eu-west-1",
            "sts.amazonaws.com",
            False,
            "https://ghe.acme.com/",
        ),
    ],
)
def test_every_issuer_and_partition_comes_out_right(
    example: Content,
    delivered: Delivered,
    issuer: str,
    region: str,
    audience: str,
    claims: bool,
    base_url: str | None,
) -> None:
    """Provider URL, ARN, audience, claim keys, and the API that Terraform calls."""
    partition = {"cn": "aws-cn", "us": "aws-us-gov"}.get(region[:2], "aws")
    host = issuer.removeprefix("https://")
    example = with_runners(example)
    example["github"]["issuer"] = issuer
    example["accounts"]["main"]["region"] = region

    account = delivered(example, "account-main")["resource"]["aws_iam_openid_connect_provider"]
    assert account["github_oidc"]["url"] == issuer
    assert account["github_oidc"]["client_id_list"] == [audience]
    stack = delivered(example, "papyrus-production")
    (trust,) = stack["locals"]["deploy_role_trust"]["Statement"]
    assert trust["Principal"] == {
        "Federated": f"arn:{partition}:iam::123456789012:oidc-provider/{host}"
    }
    keys = {key for operator in trust["Condition"].values() for key in operator}
    checked = {"aud", "sub", "repository_id", "ref"} if claims else {"aud", "sub"}
    assert keys == {f"{host}:{claim}" for claim in checked}
    assert trust["Condition"]["StringEquals"][f"{host}:aud"] == audience
    assert stack["provider"]["github"][0].get("base_url") == base_url
    text = str(stack["locals"])
    assert partition == "aws" or "arn:aws:" not in text


def test_an_existing_provider_is_adopted_by_import(example: Content, delivered: Delivered) -> None:
    """What was made by hand comes under state; nothing is created a second time."""
    example["accounts"]["main"]["oidc_provider"] = "adopt"

    assert delivered(example, "account-main")["import"] == [
        {
            "to": "aws_iam_openid_connect_provider.github_oidc",
            "id": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
        }
    ]


def test_the_workflow_files_can_be_pinned(example: Content, delivered: Delivered) -> None:
    """N1: only the file of a role's own job gets in. Its ref is the run's, checked beside it.

    Named once per file and ref they passed the 2,048 characters of a trust policy
    (pytorch/test-infra#5825).
    """
    trust = {"workflow": True, "session_hours": 2}
    example["services"]["papyrus"]["environments"]["production"]["trust"] = trust

    stack = delivered(example, "papyrus-production")
    (statement,) = stack["locals"]["deploy_role_trust"]["Statement"]
    files = "Nickelth/Papyrus/.github/workflows"
    assert statement["Condition"]["StringLike"][
        "token.actions.githubusercontent.com:job_workflow_ref"
    ] == [
        f"{files}/ecs-deploy.yml@refs/*",
    ]
    (statement,) = stack["locals"]["build_role_trust"]["Statement"]
    assert statement["Condition"]["StringLike"][
        "token.actions.githubusercontent.com:job_workflow_ref"
    ] == [f"{files}/ecr-push.yml@refs/*"]
    assert stack["resource"]["aws_iam_role"]["deploy_role"]["max_session_duration"] == 7200


def test_jobs_without_environment_read_the_repository(
    example: Content, delivered: Delivered
) -> None:
    """The article's own policy: branch and tag subjects, and variables of the repository."""
    environment: dict[str, Any] = example["services"]["papyrus"]["environments"]["production"]
    environment["trust"] = {"by": "ref"}
    environment["github"] = {"secrets": {"KEY": "variable"}, "as_secrets": ["AWS_ACCOUNT_ID"]}

    stack = delivered(example, "papyrus-production")
    (statement,) = stack["locals"]["deploy_role_trust"]["Statement"]
    subjects = statement["Condition"]["StringLike"]["token.actions.githubusercontent.com:sub"]
    assert subjects[:2] == [
        "repo:Nickelth/Papyrus:ref:refs/heads/main",
        "repo:Nickelth/Papyrus:ref:refs/tags/v*.*.*",
    ]
    resources = stack["resource"]
    assert "github_repository_environment" not in resources
    assert len(resources["github_actions_variable"]) == 9
    assert {secret["secret_name"] for secret in resources["github_actions_secret"].values()} == {
        "AWS_ACCOUNT_ID",
        "KEY",
    }
