"""The evaluator: each rule that AWS documents, one by one."""

import re
from typing import Any

import pytest

from keyless_ecs.trust import evaluator

ROLE = "arn:aws:iam::123456789012:role/papyrus"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:papyrus"
Keys = dict[str, str | list[str]]


def allow(**statement: Any) -> dict[str, Any]:
    """Return a policy of one statement that allows reading the queue, but for what is given."""
    default = {"Sid": "It", "Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": QUEUE}
    return {"Statement": [{**default, **statement}]}


def holds(operator: str, values: Any, present: str | list[str] | None) -> bool:
    """Say whether a condition on the key ``k:key`` holds where the request has *present*."""
    context: Keys = {} if present is None else {"k:key": present}
    policy = allow(Condition={operator: {"k:key": values}})
    return evaluator.permits(policy, action="sqs:ReceiveMessage", resource=QUEUE, context=context)


@pytest.mark.parametrize(
    ("operator", "values", "present", "expected"),
    [
        ("StringEquals", "main", "main", True),
        ("StringEquals", "main", "Main", False),
        ("StringEquals", "main", "main2", False),
        ("StringEquals", "ma*", "main", False),
        ("StringEquals", "ma*", "ma*", True),
        ("StringNotEquals", "main", "main", False),
        ("StringNotEquals", "main", "Main", True),
        ("StringEqualsIgnoreCase", "main", "MAIN", True),
        ("StringEqualsIgnoreCase", "main", "mains", False),
        ("StringLike", "v*.*", "v1.2", True),
        ("StringLike", "v*.*", "v.", True),
        ("StringLike", "v*.*", "v1", False),
        ("StringLike", "v*", "V1", False),
        ("StringLike", "refs/*", "refs/heads/a:b\nc", True),
        ("StringLike", "v?", "v1", True),
        ("StringLike", "v?", "v", False),
        ("StringLike", "v?", "v12", False),
        ("StringLike", "v.", "v1", False),
        ("StringLike", "[a-z]", "b", False),
        ("StringNotLike", "v*", "v1", False),
        ("StringNotLike", "v*", "main", True),
        ("ArnEquals", ROLE, ROLE, True),
        ("ArnEquals", ROLE, f"{ROLE}2", False),
        ("ArnEquals", f"{ROLE}*", f"{ROLE}2", True),
        ("ArnLike", "arn:aws:iam::*:role/papyrus", ROLE, True),
        ("ArnLike", "arn:aws:iam::12345678901?:role/papyrus", ROLE, True),
        ("ArnLike", "arn:aws:*:role/papyrus:x:y", ROLE, False),
        ("ArnLike", "arn:aws:ecs:r:1:family/a:*", "arn:aws:ecs:r:1:family/a:3", True),
        ("ArnLike", "arn:aws:ecs:r:1:family/a:*", "arn:aws:ecs:r:1:family/ab:3", False),
        ("ArnLike", "arn:aws:ecs:r:1:*", "arn:aws:ecs:r:12:service/a", False),
        ("ArnLike", "arn:*:*:*:*:*", "papyrus:3", False),
        ("Bool", "true", "true", True),
        ("Bool", "false", "true", False),
        ("Bool", True, "true", True),
        ("Null", "true", None, True),
        ("Null", "true", "main", False),
        ("Null", "false", None, False),
        ("Null", "false", "main", True),
    ],
)
def test_an_operator_compares_as_documented(
    operator: str, values: Any, present: str | None, expected: bool
) -> None:
    """Only the Like operators know wildcards; an ARN's parts are compared apart; case counts."""
    assert holds(operator, values, present) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringEquals", "main", False),
        ("StringEqualsIgnoreCase", "main", False),
        ("StringLike", "*", False),
        ("ArnEquals", ROLE, False),
        ("ArnLike", "arn:*:*:*:*:*", False),
        ("Bool", "false", False),
        ("StringNotEquals", "main", True),
        ("StringNotLike", "*", True),
        ("StringEqualsIfExists", "main", True),
        ("StringNotEqualsIfExists", "main", True),
        ("StringLikeIfExists", "main", True),
        ("ArnLikeIfExists", ROLE, True),
        ("BoolIfExists", "true", True),
        ("ForAnyValue:StringEquals", "main", False),
        ("ForAnyValue:StringNotEquals", "main", False),
    ],
)
def test_a_missing_key_fails_unless_the_operator_says_otherwise(
    operator: str, value: str, expected: bool
) -> None:
    """Negated operators and IfExists hold where the key is missing; not so with ForAnyValue."""
    assert holds(operator, value, None) is expected


@pytest.mark.parametrize(
    ("operator", "present", "expected"),
    [
        ("StringEqualsIfExists", "main", True),
        ("StringEqualsIfExists", "other", False),
        ("StringNotEqualsIfExists", "main", False),
        ("StringEqualsIfExists", "", False),
        ("StringEquals", "", False),
    ],
)
def test_ifexists_still_compares_a_key_that_is_there(
    operator: str, present: str, expected: bool
) -> None:
    """IfExists forgives the absence of a key, not its value; an empty value is there."""
    assert holds(operator, "main", present) is expected


@pytest.mark.parametrize(
    ("operator", "present", "expected"),
    [
        ("StringEquals", "b", True),
        ("StringEquals", "c", False),
        ("StringNotEquals", "b", False),
        ("StringNotEquals", "c", True),
        ("StringLike", "b", True),
        ("StringNotLike", "a", False),
    ],
)
def test_several_values_are_or_and_nor_when_negated(
    operator: str, present: str, expected: bool
) -> None:
    """One of the values is enough for a match, and enough to break a negation."""
    assert holds(operator, ["a", "b"], present) is expected


@pytest.mark.parametrize(
    ("operator", "present", "expected"),
    [
        ("ForAnyValue:StringEquals", ["x", "b"], True),
        ("ForAnyValue:StringEquals", ["x", "y"], False),
        ("ForAnyValue:StringEquals", [], False),
        ("ForAnyValue:StringEquals", "b", True),
        ("ForAnyValue:StringLike", ["x", "b"], True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], False),
        ("ForAnyValue:StringNotEquals", ["a", "x"], True),
    ],
)
def test_foranyvalue_wants_one_of_the_requests_values(
    operator: str, present: str | list[str], expected: bool
) -> None:
    """One value of the request is enough; none is not."""
    assert holds(operator, ["a", "b"], present) is expected


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"k:a": "1", "k:b": "2", "k:c": "3"}, True),
        ({"k:a": "0", "k:b": "2", "k:c": "3"}, False),
        ({"k:a": "1", "k:b": "0", "k:c": "3"}, False),
        ({"k:a": "1", "k:b": "2", "k:c": "0"}, False),
        ({"k:a": "1", "k:b": "2"}, False),
        ({"K:A": "1", "K:b": "2", "k:C": "3"}, True),
    ],
)
def test_several_keys_and_operators_are_and(context: Keys, expected: bool) -> None:
    """Each key of each operator must hold; the names of keys have no case."""
    condition = {"StringEquals": {"k:a": "1", "k:b": "2"}, "StringLike": {"K:c": "3*"}}
    policy = allow(Condition=condition)
    permitted = evaluator.permits(
        policy, action="sqs:ReceiveMessage", resource=QUEUE, context=context
    )
    assert permitted is expected


@pytest.mark.parametrize(
    ("actions", "action", "expected"),
    [
        ("sqs:ReceiveMessage", "SQS:receivemessage", True),
        ("sqs:receive*", "sqs:ReceiveMessage", True),
        ("sqs:Receive?essage", "sqs:ReceiveMessage", True),
        ("sqs:*", "sns:Publish", False),
        ("*", "sns:Publish", True),
        (["sqs:SendMessage", "sqs:ReceiveMessage"], "sqs:ReceiveMessage", True),
        ("sqs:Receive", "sqs:ReceiveMessage", False),
    ],
)
def test_actions_have_no_case_and_take_wildcards(
    actions: str | list[str], action: str, expected: bool
) -> None:
    """An action matches whole, without case."""
    assert evaluator.permits(allow(Action=actions), action=action, resource=QUEUE) is expected


@pytest.mark.parametrize(
    ("resources", "resource", "expected"),
    [
        (QUEUE, QUEUE, True),
        (QUEUE, QUEUE.replace("papyrus", "Papyrus"), False),
        (QUEUE, f"{QUEUE}2", False),
        (f"{QUEUE}?", f"{QUEUE}2", True),
        ("arn:aws:sqs:*:123456789012:*", QUEUE, True),
        (["arn:aws:sqs:::a", QUEUE], QUEUE, True),
        (QUEUE, "*", False),
        ("*", "*", True),
    ],
)
def test_resources_have_case_and_take_wildcards(
    resources: str | list[str], resource: str, expected: bool
) -> None:
    """An action that has no resource types is asked of ``*``, which no ARN matches."""
    policy = allow(Resource=resources)
    permitted = evaluator.permits(policy, action="sqs:ReceiveMessage", resource=resource)
    assert permitted is expected


def test_a_deny_wins() -> None:
    """What one statement denies, no other allows; what none allows is denied."""
    policy = {
        "Statement": [
            {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "sqs:*",
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ]
    }

    def permitted(secure: str) -> bool:
        context: Keys = {"aws:SecureTransport": secure}
        return evaluator.permits(policy, action="sqs:A", resource=QUEUE, context=context)

    assert (permitted("true"), permitted("false")) == (True, False)
    assert not evaluator.permits(policy, action="sns:Publish", resource=QUEUE)


@pytest.mark.parametrize(
    ("named", "kind", "name", "expected"),
    [
        ({"AWS": ROLE}, "AWS", ROLE, True),
        ({"AWS": ROLE}, "AWS", f"{ROLE}2", False),
        ({"AWS": "arn:aws:iam::123456789012:root"}, "AWS", ROLE, True),
        ({"AWS": "123456789012"}, "AWS", ROLE, True),
        ({"AWS": "arn:aws:iam::210987654321:root"}, "AWS", ROLE, False),
        ({"AWS": "arn:aws-cn:iam::123456789012:root"}, "AWS", ROLE, False),
        ({"Service": "ecs-tasks.amazonaws.com"}, "Service", "ecs-tasks.amazonaws.com", True),
        ({"Service": ["ecs.amazonaws.com"]}, "Service", "ecs-tasks.amazonaws.com", False),
        ({"Federated": ROLE}, "AWS", ROLE, False),
    ],
)
def test_a_principal_is_named_itself_or_by_its_account(
    named: dict[str, Any], kind: str, name: str, expected: bool
) -> None:
    """The root of an account stands for all that is in it."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": named}
    granted = evaluator.grants(
        {"Statement": statement}, action="sts:AssumeRole", principal=(kind, name)
    )
    assert granted is expected


def test_claims_become_keys_of_their_issuer() -> None:
    """A token is let in by its issuer's provider and by its claims under its issuer's name."""
    provider = "arn:aws:iam::123456789012:oidc-provider/id.example.com/a"
    policy = {
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": provider},
            "Condition": {"StringEquals": {"id.example.com/a:sub": "me"}},
        }
    }

    def assumed(provider_arn: str, issuer: str) -> bool:
        return evaluator.assumes_with_web_identity(
            policy, provider_arn=provider_arn, issuer=issuer, claims={"sub": "me"}
        )

    assert assumed(provider, "id.example.com/a")
    assert not assumed(provider.removesuffix("/a"), "id.example.com")
    assert not assumed(provider, "id.example.com")
    assert not assumed(provider.removesuffix("/a"), "id.example.com/a")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ({"Condition": {"ForAllValues:StringLike": {"k": "v"}}}, "ForAllValues:StringLike"),
        ({"Condition": {"ForAnyValue:StringLikeIfExists": {"k": "v"}}}, "ForAnyValue:StringLikeIf"),
        ({"Condition": {"ForAnyValue:Null": {"k": "true"}}}, "ForAnyValue:Null"),
        ({"Condition": {"NullIfExists": {"k": "true"}}}, "NullIfExists"),
        ({"Condition": {"NumericLessThan": {"k": "1"}}}, "NumericLessThan"),
        ({"Condition": {"stringequals": {"k": "v"}}}, "stringequals"),
        ({"Condition": {"Bool": {"k": "yes"}}}, "'yes'"),
        ({"Condition": {"Null": {"k": "maybe"}}}, "'maybe'"),
        ({"Condition": {"StringEquals": {"k": 1}}}, "1 is not text"),
        ({"Condition": {"StringEquals": {"k": []}}}, "no values"),
        ({"Condition": {"StringEquals": {"k": "${aws:username}"}}}, "aws:username"),
        ({"Condition": {"ArnLike": {"k": "*"}}}, "six parts"),
        ({"Resource": "${aws_ecr_repository.registry.arn}"}, "aws_ecr_repository"),
        ({"NotAction": "sqs:*"}, "NotAction"),
        ({"NotResource": "*"}, "NotResource"),
        ({"NotPrincipal": {"AWS": "*"}}, "NotPrincipal"),
        ({"Principal": "*"}, "Principal"),
        ({"Effect": "allow"}, "Effect"),
    ],
)
def test_what_it_does_not_know_it_refuses(statement: dict[str, Any], named: str) -> None:
    """An evaluator that guesses is worse than none, so the unknown is named, wherever it stands."""
    policy = allow(**statement)
    policy["Statement"].insert(0, allow()["Statement"][0])

    with pytest.raises(ValueError, match=re.escape(named)):
        evaluator.permits(policy, action="sns:Publish", resource="*")


def test_a_key_of_several_values_wants_a_set_operator() -> None:
    """AWS leaves open what a single-valued operator makes of several values."""
    with pytest.raises(ValueError, match="ForAnyValue"):
        holds("StringEquals", "a", ["a", "b"])


def test_each_kind_of_policy_has_its_elements() -> None:
    """A trust policy names principals, a permission policy resources; neither is read as other."""
    with pytest.raises(ValueError, match="wants a Principal and no Resource"):
        evaluator.grants(allow(), action="sts:AssumeRole", principal=("AWS", ROLE))
    with pytest.raises(ValueError, match="wants a Resource and no Principal"):
        evaluator.permits(
            {"Statement": {"Effect": "Allow", "Action": "*", "Principal": {"AWS": ROLE}}},
            action="sts:AssumeRole",
            resource=ROLE,
        )


def test_references_are_replaced_and_unknown_ones_refused() -> None:
    """A policy is evaluated as AWS gets it; Terraform's escape gives the characters themselves."""
    policy = allow(
        Resource=["repo:${data.github_user.owner.id}/${tostring(data.r.id)}", "$${a} %%{b}", "c"]
    )
    values = {"data.github_user.owner.id": "1", "tostring(data.r.id)": "2"}

    resolved = evaluator.resolve(policy, values)

    assert resolved == allow(Resource=["repo:1/2", "${a} %{b}", "c"])
    with pytest.raises(ValueError, match=r"\$\{tostring\(data\.r\.id\)\}"):
        evaluator.resolve(policy, {"data.github_user.owner.id": "1"})
