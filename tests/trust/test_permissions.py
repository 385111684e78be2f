"""What each role can do: every statement by AWS's own tables, every call of the workflows."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from keyless_ecs.aws.registry import access_from_other_accounts
from tests.support import proofs
from tests.support.iam import AWS, arn_pattern
from tests.support.proofs import Proved

PROVED = proofs.permissions()
GLOBAL_KEYS = {"aws:PrincipalArn": "ARN", "aws:SourceAccount": "String", "aws:SourceArn": "ARN"}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

Statement = Mapping[str, Any]


@pytest.mark.parametrize("proved", PROVED, ids=lambda proved: proved.name)
def test_every_call_is_allowed_and_its_neighbour_is_not(proved: Proved) -> None:
    """Each call of the two workflows works on what it is for, and on nothing that stands beside."""
    assert proved.failures() == []
    assert True in {attempt.expected for attempt in proved.tries}


@pytest.mark.parametrize(
    ("proved", "calls"),
    [
        (proofs.build(), [*proofs.LOG_IN, *proofs.PUSH]),
        (proofs.build(push=False), proofs.FIND),
        (proofs.deploy(), proofs.DEPLOY),
    ],
    ids=["build", "find", "deploy"],
)
def test_a_job_may_do_what_its_steps_call_and_no_more(
    proved: Proved, calls: list[proofs.Call]
) -> None:
    """An action that no step of the job calls is not granted to its role."""
    granted = {action for statement in proved.policy["Statement"] for action in statement["Action"]}

    assert granted == {call.action for call in calls}


def test_what_builds_reaches_nothing_that_runs() -> None:
    """The job that runs the repository's own build has no right on ECS and passes no role on."""
    for push in (True, False):
        for statement in proofs.build(push=push).policy["Statement"]:
            assert {action.partition(":")[0] for action in statement["Action"]} == {"ecr"}


def test_no_reader_no_policy() -> None:
    """Where no other account promotes the image, the registry has no policy."""
    assert access_from_other_accounts({}) is None


NAMED = {
    f"{proved.name}, {statement['Sid']}": statement
    for proved in PROVED
    for statement in proved.policy["Statement"]
}
STATEMENTS = [pytest.param(statement, id=name) for name, statement in NAMED.items()]
"""Every statement that the program can write."""
SCOPED = [
    pytest.param(statement, id=name) for name, statement in NAMED.items() if "Resource" in statement
]
"""Those that name resources: a policy that stands at a resource speaks of that alone."""


@cache
def action_details(action: str) -> Mapping[str, Any]:
    """Return what AWS's service authorization reference says of an action."""
    service, name = action.split(":")
    details: Mapping[str, Any] = AWS.actions.get_action_details(service, name)
    return details


def actions_of(statement: Statement) -> list[str]:
    """Return the actions of a statement, which may stand alone."""
    action = statement["Action"]
    return [action] if isinstance(action, str) else action


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_action_exists(statement: Statement) -> None:
    """A misspelt action is granted without complaint, and never works."""
    for action in actions_of(statement):
        service, name = action.split(":")
        assert AWS.actions.action_exists(service, name), action
        assert action_details(action)["name"] == name, "spelt as AWS spells it"


@pytest.mark.parametrize("statement", SCOPED)
def test_every_action_that_can_be_scoped_is(statement: Statement) -> None:
    """Only an action without resource types stands on ``*``, and it stands on nothing else."""
    scoped = statement["Resource"] != ["*"]
    for action in actions_of(statement):
        assert bool(action_details(action)["resourceTypes"]) == scoped, action
    assert scoped == ("*" not in statement["Resource"])


@pytest.mark.parametrize("statement", SCOPED)
def test_every_resource_is_one_that_each_action_takes(statement: Statement) -> None:
    """A resource of another type never matches; so would a required type that is not there."""
    resources = [arn for arn in statement["Resource"] if arn != "*"]
    taken = set()
    for action in actions_of(statement) if resources else ():
        service = action.split(":")[0]
        types = action_details(action)["resourceTypes"]
        patterns = {kind["name"]: arn_pattern(service, kind["name"]) for kind in types}
        matching = {
            name: [arn for arn in resources if pattern.fullmatch(arn)]
            for name, pattern in patterns.items()
        }
        taken |= {arn for arns in matching.values() for arn in arns}
        missing = [
            kind["name"] for kind in types if kind["required"] and not matching[kind["name"]]
        ]
        assert any(matching.values()), f"{action} takes none of {resources}"
        assert missing == [], f"{action} needs them too"
    assert taken == set(resources)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_condition_key_is_valid_for_every_action(statement: Statement) -> None:
    """A key that an action does not know is never in its context: the condition never holds."""
    for keys in statement.get("Condition", {}).values():
        for key in keys:
            for action in actions_of(statement):
                details = action_details(action)
                known = set(details["conditionKeys"]) | set(GLOBAL_KEYS)
                for kind in details["resourceTypes"]:
                    known |= set(kind["conditionKeys"])
                assert key in known or _tag_key(key) in known, f"{action} does not know {key}"


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_condition_key_meets_an_operator_of_its_type(statement: Statement) -> None:
    """An ARN is compared as an ARN, a string as a string."""
    for operator, keys in statement.get("Condition", {}).items():
        # Null asks of any key whether it is there.
        for key in keys if operator != "Null" else ():
            kind = GLOBAL_KEYS.get(key)
            if kind is None:
                service = key.split(":")[0]
                kind = AWS.conditions.get_condition_key_details(service, key)["type"]
            assert operator.lower().startswith(kind.lower()), f"{operator} on {key}, of type {kind}"


def _tag_key(key: str) -> str:
    """Return the name under which AWS's tables have the condition keys of tags."""
    return f"{key.partition('/')[0]}/${{TagKey}}"


def test_every_statement_has_a_name_of_its_own() -> None:
    """A reviewer and a denied request speak of a statement by its Sid."""
    for proved in PROVED:
        sids = [statement["Sid"] for statement in proved.policy["Statement"]]
        assert len(set(sids)) == len(sids)
        assert all(re.fullmatch(r"[A-Za-z0-9]+", sid) for sid in sids)
