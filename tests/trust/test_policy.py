"""The deploy role's documents, compared with the article's: every difference is argued."""

from typing import Any

import pytest

from keyless_ecs.trust.permissions import build_permissions, deploy_permissions
from keyless_ecs.trust.policy import environment_context, subjects, trust_policy
from tests.support import proofs

REPOSITORY = "arn:aws:ecr:<REGION>:<ACCOUNT_ID>:repository/<ECR_REPOSITORY>"
SERVICE = "arn:aws:ecs:<REGION>:<ACCOUNT_ID>:service/<CLUSTER>/<SERVICE>"
FAMILY = "arn:aws:ecs:<REGION>:<ACCOUNT_ID>:task-definition/<TASK_FAMILY>:*"
ROLES = ["<TASK_EXECUTION_ROLE_ARN>", "<TASK_ROLE_ARN>"]
ISSUER = "token.actions.githubusercontent.com"

ARTICLE_PERMISSIONS: dict[str, dict[str, Any]] = {
    "ecr:GetAuthorizationToken": {"Resource": ["*"]},
    "ecr:BatchCheckLayerAvailability": {"Resource": [REPOSITORY]},
    "ecr:CompleteLayerUpload": {"Resource": [REPOSITORY]},
    "ecr:UploadLayerPart": {"Resource": [REPOSITORY]},
    "ecr:InitiateLayerUpload": {"Resource": [REPOSITORY]},
    "ecr:PutImage": {"Resource": [REPOSITORY]},
    "ecr:BatchGetImage": {"Resource": [REPOSITORY]},
    "ecr:DescribeRepositories": {"Resource": [REPOSITORY]},
    "ecr:ListImages": {"Resource": [REPOSITORY]},
    "ecr:CreateRepository": {"Resource": ["*"], "Condition": "aws:RequestedRegion"},
    "ecs:DescribeClusters": {"Resource": "cluster, service and family"},
    "ecs:DescribeServices": {"Resource": "cluster, service and family"},
    "ecs:DescribeTaskDefinition": {"Resource": "cluster, service and family"},
    "ecs:RegisterTaskDefinition": {"Resource": ["*"]},
    "ecs:UpdateService": {"Resource": [SERVICE]},
    "iam:PassRole": {
        "Resource": ROLES,
        "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    },
}
"""What the article grants, action by action."""


def granted(*, exec_allowed: bool = False) -> dict[str, dict[str, Any]]:
    """Return what this program grants to the roles of both jobs, action by action."""
    deploy = deploy_permissions(
        repository_arn=REPOSITORY,
        service_arn=SERVICE,
        task_definition_arn=FAMILY,
        role_arns=ROLES,
        exec_allowed=exec_allowed,
    )
    build = build_permissions(repository_arn=REPOSITORY, push=True)
    return {
        action: {key: value for key, value in statement.items() if key in ("Resource", "Condition")}
        for statement in (*build["Statement"], *deploy["Statement"])
        for action in statement["Action"]
    }


def test_every_difference_from_the_articles_permissions_is_argued() -> None:
    """What is granted otherwise than in the article, and why."""
    ours, article = granted(), ARTICLE_PERMISSIONS

    assert article.keys() - ours.keys() == {
        "ecr:CreateRepository",  # Terraform creates the repository
        "ecr:ListImages",  # no step of the workflows lists images
        "ecs:DescribeClusters",  # no step of the workflows reads the cluster
    }
    assert ours.keys() - article.keys() == {
        "ecr:DescribeImages",  # finds the digest behind a tag
        "ecr:GetDownloadUrlForLayer",  # "push and pull" promises it, and cached layers need it
        "ecs:TagResource",  # a tagged revision cannot be registered without it
    }
    changed = {action for action in ours.keys() & article.keys() if ours[action] != article[action]}
    assert changed == {
        "ecs:DescribeTaskDefinition",  # has no resource type: on anything but "*" it never matches
        "ecs:DescribeServices",  # the service alone, and its deployments
        "ecs:RegisterTaskDefinition",  # scoped to the family, and only with the record
        "ecs:UpdateService",  # only to revisions of the family, and ECS Exec stays off
    }


def test_the_corrected_statements() -> None:
    """What the article has wrong or too wide stands right and narrow."""
    ours = granted()

    assert ours["ecs:DescribeTaskDefinition"] == {"Resource": ["*"]}
    assert ours["ecs:RegisterTaskDefinition"]["Resource"] == [FAMILY]
    assert ours["ecs:TagResource"] == {
        "Resource": [FAMILY],
        "Condition": {
            "Null": {"aws:RequestTag/keyless-ecs:digest": "false"},
            "StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"},
        },
    }
    assert ours["ecs:UpdateService"]["Condition"]["ArnLike"] == {"ecs:task-definition": FAMILY}
    assert ours["iam:PassRole"] == ARTICLE_PERMISSIONS["iam:PassRole"]


def test_exec_widens_one_condition_alone() -> None:
    """Where a team asks for ECS Exec, the pipeline may deploy a service that has it."""
    with_exec, without = granted(exec_allowed=True), granted()

    assert without["ecs:UpdateService"]["Condition"]["StringEqualsIfExists"] == {
        "ecs:enable-execute-command": "false"
    }
    del without["ecs:UpdateService"]["Condition"]["StringEqualsIfExists"]
    assert with_exec == without


def test_every_difference_from_the_articles_trust_is_argued() -> None:
    """The article trusts a ref in the subject; a job with an environment never presents one."""
    article: dict[str, Any] = {
        "StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"},
        "StringLike": {
            f"{ISSUER}:sub": [
                "repo:<ORG>/<REPO_NAME>:ref:refs/heads/main",
                "repo:<ORG>/<REPO_NAME>:ref:refs/tags/v*.*.*",
            ]
        },
    }
    role = proofs.deploy_role(
        owner="<ORG>", owner_id="1", repository="<REPO_NAME>", repository_id="2"
    )
    (ours,) = trust_policy(role)["Statement"]

    assert ours["Principal"] == {"Federated": role.provider_arn}
    assert ours["Action"] == "sts:AssumeRoleWithWebIdentity"
    equals, like = ours["Condition"]["StringEquals"], ours["Condition"]["StringLike"]
    # The same audience.
    assert equals[f"{ISSUER}:aud"] == article["StringEquals"][f"{ISSUER}:aud"]
    # The subject is the environment's, without a wildcard, in both forms of 2026.
    assert equals[f"{ISSUER}:sub"] == [
        "repo:<ORG>/<REPO_NAME>:environment:production",
        "repo:<ORG>@1/<REPO_NAME>@2:environment:production",
    ]
    # The rule on the ref stays, by the claim of that name.
    assert like == {
        f"{ISSUER}:ref": [
            subject.partition(":ref:")[2] for subject in article["StringLike"][f"{ISSUER}:sub"]
        ]
    }
    # The repository's id, because a name can be taken over.
    assert equals[f"{ISSUER}:repository_id"] == "2"


def test_a_colon_is_presented_encoded() -> None:
    """GitHub writes ``%3A`` for a colon inside a value, so that the subject's parts stay apart."""
    assert environment_context("prod: eu/1") == "environment:prod%3A eu/1"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("legacy", ["repo:o/r:environment:e"]),
        ("immutable", ["repo:o@1/r@2:environment:e"]),
        ("both", ["repo:o/r:environment:e", "repo:o@1/r@2:environment:e"]),
    ],
)
def test_a_subject_has_two_forms(subject: str, expected: list[str]) -> None:
    """Old repositories present names, new ones ids as well; a team may insist on one of them."""
    role = proofs.deploy_role(
        owner="o", owner_id="1", repository="r", repository_id="2", environment="e", subject=subject
    )

    assert subjects(role) == expected
