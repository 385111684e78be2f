"""``review``: a plan in words. The plans are made here, in the form that Terraform shows."""

import json
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.review import plan, report
from keyless_ecs.review.report import Concern
from tests.support.plans import allow, change, policy, shown

ROLE = "aws_iam_role.deploy_role"
POLICY = "aws_iam_role_policy.deploy_role_policy"


def reviewed(*changes: dict[str, Any]) -> report.Review:
    """Return the review of *changes*."""
    return report.review(plan.read(shown(*changes), Path("plan.json")))


def test_nothing_to_do_is_said() -> None:
    """And is no concern."""
    found = reviewed(
        {**change("aws_ecs_cluster.cluster", {}, {}), "change": {"actions": ["no-op"]}}
    )

    assert found == report.Review("**No changes**\n", frozenset())


def test_what_holds_something_and_goes_stands_first() -> None:
    """With the argument that forces it, and what is lost by it."""
    found = reviewed(
        change(
            "aws_ecr_repository.registry",
            {"name": "a"},
            {"name": "b"},
            replace_paths=[["name"]],
            actions=["delete", "create"],
        ),
        change("aws_vpc_security_group_egress_rule.network_egress", {"ip_protocol": "-1"}, None),
    )

    assert found.concerns == {Concern.LOSS}
    assert found.text.startswith(
        "**1 to replace, 1 to destroy**\n\n### Destroyed or replaced\n\n"
        "- **image registry `aws_ecr_repository.registry` is replaced**, for its name: all its "
        "images go"
    )
    assert "- rule of what may go out `aws_vpc_security_group_egress_rule" in found.text


def test_each_action_that_is_added_stands_alone() -> None:
    """What was allowed before is not said again."""
    before = policy(allow(["ecr:PutImage"], "arn:web"))
    after = policy(allow(["ecr:PutImage", "ecr:DeleteRepository"], "arn:web"))

    found = reviewed(change(POLICY, before, after))
    assert found.concerns == {Concern.ACCESS}
    assert (
        f"### Who gains access\n\n- policy of a role `{POLICY}`\n"
        "  - ecr:DeleteRepository on arn:web\n\n"
    ) in found.text
    assert "ecr:PutImage" not in found.text


TRUST = {"Effect": "Allow", "Principal": {"Federated": "arn:oidc"}, "Action": "sts:Assume"}


def role(condition: dict[str, Any]) -> dict[str, Any]:
    """Return a role that trusts on this condition."""
    return {"assume_role_policy": json.dumps({"Statement": {**TRUST, "Condition": condition}})}


@pytest.mark.parametrize(
    ("before", "after", "gained"),
    [
        ({"StringEquals": {"sub": "a"}}, {"StringEquals": {"sub": ["a", "b"]}}, "a or b"),
        ({"StringEquals": {"sub": "a"}}, {"StringLike": {"sub": "*"}}, "sub StringLike `*`"),
        ({"StringEquals": {"sub": "a"}}, {}, "arn:oidc may sts:Assume"),
    ],
)
def test_a_loosened_condition_is_access(
    before: dict[str, Any], after: dict[str, Any], gained: str
) -> None:
    """Whoever gets in by a trust policy that asks for less gains it."""
    found = reviewed(change(ROLE, role(before), role(after)))
    assert Concern.ACCESS in found.concerns
    assert gained in found.text.partition("### Who gains access")[2].partition("###")[0]


def test_a_denial_that_goes_is_access() -> None:
    """It let nobody in, and keeps nobody out any more."""
    deny = {**allow("s3:*"), "Effect": "Deny"}

    found = reviewed(change(POLICY, policy(deny), policy()))
    assert "  - not denied any more: `s3:*` on `*`\n" in found.text


def test_a_policy_that_only_the_apply_tells_is_no_silence() -> None:
    """Nobody may take it for one that grants nothing."""
    found = reviewed(change(POLICY, None, {}, after_unknown={"policy": True}))

    assert "what its policy grants is known only after the apply" in found.text


@pytest.mark.parametrize(
    ("address", "after", "said"),
    [
        (
            "aws_vpc_security_group_ingress_rule.network_ingress",
            {"cidr_ipv4": "0.0.0.0/0", "from_port": 80, "to_port": 80},
            "0.0.0.0/0 reaches port 80",
        ),
        (
            "aws_iam_role_policy_attachment.task_role_Admin",
            {"role": "web", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            "role web gets the policy `arn:aws:iam::aws:policy/AdministratorAccess`",
        ),
        (
            "github_repository_environment_deployment_policy.environment_branch_main",
            {"environment": "production", "branch_pattern": "main"},
            "branches main may deploy to the environment production",
        ),
        (
            "github_repository_environment.environment",
            {"environment": "production", "reviewers": [], "can_admins_bypass": True},
            "administrators pass by the protection",
        ),
        (
            "aws_ecr_repository_policy.registry_pull",
            policy({**allow("ecr:BatchGetImage"), "Principal": {"AWS": "*"}}),
            "anybody may ecr:BatchGetImage",
        ),
        ("aws_ecs_service.service", {"enable_execute_command": True}, "gets a shell in the tasks"),
    ],
)
def test_access_comes_in_many_forms(address: str, after: dict[str, Any], said: str) -> None:
    """Networks, managed policies, branches, approvals, other accounts, shells."""
    found = reviewed(change(address, None, after))

    assert Concern.ACCESS in found.concerns
    assert said in found.text


def ruleset(**changes: Any) -> dict[str, Any]:
    """Return a ruleset as a plan shows it, with *changes*."""
    names = {"include": ["refs/tags/v*"], "exclude": changes.pop("exclude", [])}
    return {
        "enforcement": "active",
        "conditions": [{"ref_name": [names]}],
        "rules": [{"creation": True, "update": False, "deletion": True}],
        "bypass_actors": [{"actor_type": "Team", "actor_id": 7, "bypass_mode": "always"}],
        **changes,
    }


ANYBODY = "whoever can write to the repository: "
ANOTHER = {"actor_type": "RepositoryRole", "actor_id": 4, "bypass_mode": "always"}


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (None, f"{ANYBODY}deleting `refs/tags/v*`, making `refs/tags/v*`"),
        (
            ruleset(enforcement="disabled"),
            f"{ANYBODY}deleting `refs/tags/v*`, making `refs/tags/v*`",
        ),
        (ruleset(rules=[{"creation": True}]), f"{ANYBODY}deleting `refs/tags/v*`"),
        (ruleset(exclude=["refs/tags/v9"]), f"{ANYBODY}refs/tags/v9"),
        (
            ruleset(bypass_actors=[*ruleset()["bypass_actors"], ANOTHER]),
            "RepositoryRole 4 passes by",
        ),
    ],
)
def test_a_ruleset_that_keeps_out_less_is_access(after: dict[str, Any] | None, said: str) -> None:
    """It lets nobody in: who gains by one that goes or is widened is whom it kept out.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets
    """
    address = "github_repository_ruleset.ruleset_tags"

    widened = reviewed(change(address, ruleset(), after))
    assert widened.concerns == {Concern.ACCESS}
    assert said in widened.text.partition("### Who gains access")[2].partition("###")[0]
    narrowed = reviewed(change(address, after, ruleset()))
    assert narrowed.concerns == frozenset()
    assert said in narrowed.text.partition("### Who loses access")[2]


def test_what_begins_and_ends_to_cost() -> None:
    """A change that bills the same is silent."""
    service = {"desired_count": 2, "network_configuration": [{"assign_public_ip": False}]}
    logs = {"retention_in_days": 30}

    found = reviewed(
        change("aws_ecs_service.service", service, {**service, "desired_count": 3}),
        change("aws_cloudwatch_log_group.logs", logs, None),
        change("aws_ecs_cluster.cluster", {"name": "a"}, {"name": "a", "tags": {}}),
    )
    begins, _, ends = found.text.partition("### What begins to cost")[2].partition("### What ends")
    assert "vCPU and memory of 3 tasks by the second" in begins
    assert "vCPU and memory of 2 tasks by the second" in ends
    assert "log group" in ends.partition("###")[0]
    assert "aws_ecs_cluster" not in begins


def test_values_of_secrets_and_variables_are_not_shown() -> None:
    """A review goes into a pull request."""
    secret = {"secret_name": "TOKEN", "plaintext_value": "hunter2", "environment": "x"}

    found = reviewed(change("github_actions_environment_secret.environment_TOKEN", None, secret))
    assert "hunter2" not in found.text
    assert "`environment_TOKEN`" in found.text


def test_what_shares_resource_and_condition_is_one_line() -> None:
    """A page, not a list of atoms; and of a longer list of resources only what is new."""
    before = policy(allow(["s3:GetObject", "s3:PutObject"], "arn:a"))
    after = {"policy": before["policy"].replace('"arn:a"', '["arn:a", "arn:b", "arn:c"]')}

    found = reviewed(change(POLICY, before, after))
    assert "  - s3:GetObject, s3:PutObject on arn:b, arn:c\n" in found.text
    assert "arn:a" not in found.text


def test_what_is_turned_round_is_told_so() -> None:
    """``NotAction`` and ``NotResource`` allow more than they name."""
    found = reviewed(
        change(
            POLICY,
            None,
            policy({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:safe"}),
        )
    )

    assert "  - anything but `iam:*` on anything but arn:safe\n" in found.text


def test_each_of_several_conditions_is_a_line() -> None:
    """They all hold at once; and one that is added to ten is a diff of one line."""
    condition = {"StringEquals": {"aud": "sts", "sub": ["a", "b"]}}
    found = reviewed(change(ROLE, None, role(condition)))

    assert (
        "  - arn:oidc may sts:Assume, where\n"
        "    - aud StringEquals sts\n"
        "    - sub StringEquals a or b\n"
    ) in found.text
