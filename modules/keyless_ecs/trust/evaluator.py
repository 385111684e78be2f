"""IAM policies, evaluated as AWS documents it: who a policy lets in, and what it lets them do.

Small on purpose. What it does not know, it refuses with a ``ValueError`` that names it: an
evaluator that guesses is worse than none. Each rule is that of
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Policy = Mapping[str, Any]
Context = Mapping[str, str | Sequence[str]]
"""The condition keys of a request. Only a key that holds several values is a sequence."""

ARN_PARTS = 6
"""``arn``, partition, service, region, account, resource; only the last holds further colons."""


def assumes_with_web_identity(
    policy: Policy, *, provider_arn: str, issuer: str, claims: Mapping[str, str]
) -> bool:
    """Say whether a trust policy lets the bearer of an OIDC token assume the role.

    Args:
        policy: The role's trust policy.
        provider_arn: The account's OIDC provider for the token's issuer.
        issuer: Host and path of the token's issuer, without scheme.
        claims: The token's claims, as far as STS makes condition keys of them. Each becomes the
            key ``<issuer>:<claim>``.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
    """
    return grants(
        policy,
        action="sts:AssumeRoleWithWebIdentity",
        principal=("Federated", provider_arn),
        context={f"{issuer}:{claim}": value for claim, value in claims.items()},
    )


def grants(
    policy: Policy, *, action: str, principal: tuple[str, str], context: Context | None = None
) -> bool:
    """Say whether a policy that stands at a role or resource lets *principal* do *action* to it.

    Args:
        policy: A trust policy or a resource's policy whose statements name no ``Resource``.
        action: ``service:Action``.
        principal: Its kind and name: ``("AWS", <role's ARN>)``, ``("Service", <host>)`` or
            ``("Federated", <provider's ARN>)``.
        context: The request's condition keys.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    statements = _statements(policy)
    for statement in statements:
        if not statement.principals or statement.resources:
            raise ValueError(f"statement {statement.sid}: wants a Principal and no Resource")
    return _evaluate(
        [statement for statement in statements if _is_named(statement.principals, *principal)],
        action,
        context,
    )


def permits(policy: Policy, *, action: str, resource: str, context: Context | None = None) -> bool:
    """Say whether a permission policy lets its bearer do *action* on *resource*.

    Args:
        policy: A policy attached to a role.
        action: ``service:Action``.
        resource: The resource's ARN, or ``*`` for an action that has no resource types.
        context: The request's condition keys.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    statements = _statements(policy)
    for statement in statements:
        if statement.principals or not statement.resources:
            raise ValueError(f"statement {statement.sid}: wants a Resource and no Principal")
    return _evaluate(
        [s for s in statements if any(_like(pattern, resource) for pattern in s.resources)],
        action,
        context,
    )


def resolve(policy: Policy, references: Mapping[str, str]) -> dict[str, Any]:
    """Return *policy* as Terraform would hand it to AWS, with its references replaced.

    Args:
        policy: A policy in which references such as ``${data.github_user.owner.id}`` stand.
        references: For each expression between ``${`` and ``}``, its value.

    Raises:
        ValueError: A reference has no value here.

    https://developer.hashicorp.com/terraform/language/expressions/strings
    """

    def replace(match: re.Match[str]) -> str:
        expression = match[1]
        if expression is None:
            return match[0][1:]
        if expression not in references:
            raise ValueError(f"no value for the reference {match[0]}")
        return references[expression]

    def walk(value: Any) -> Any:
        if isinstance(value, str):
            return re.sub(r"\$\$\{|%%\{|\$\{([^{}]*)\}", replace, value)
        if isinstance(value, Mapping):
            return {key: walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list | tuple) else value

    return {key: walk(value) for key, value in policy.items()}


@dataclass(frozen=True)
class _Condition:
    key: str
    matches: Callable[[str, str], bool] | None
    """Whether a policy's value matches a request's; None asks only whether there is one."""
    patterns: tuple[str, ...]
    negated: bool
    if_exists: bool
    any_value: bool

    def holds(self, context: Context) -> bool:
        """Say whether the condition holds.

        Several values of the policy are OR, of a negated operator NOR. A missing key fails,
        except with a negated operator and with ``IfExists``.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
        """
        found = context.get(self.key)
        if isinstance(found, str):
            values: Sequence[str] = [found]
        elif found is None or self.any_value or self.matches is None:
            values = found or ()
        else:
            raise ValueError(f"{self.key} holds several values; it wants ForAnyValue:")
        if self.matches is None:
            return any((pattern == "true") == (not values) for pattern in self.patterns)
        if not values:
            return self.if_exists or (self.negated and not self.any_value)
        return any(self._matches(value) != self.negated for value in values)

    def _matches(self, value: str) -> bool:
        return any(self.matches(pattern, value) for pattern in self.patterns if self.matches)


@dataclass(frozen=True)
class _Statement:
    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: Mapping[str, tuple[str, ...]]
    conditions: tuple[_Condition, ...]

    def applies(self, action: str, context: Context) -> bool:
        """Say whether the statement speaks of the action, in this context. Conditions are AND."""
        return any(_like(a.lower(), action.lower()) for a in self.actions) and all(
            condition.holds(context) for condition in self.conditions
        )


def _evaluate(statements: Iterable[_Statement], action: str, context: Context | None) -> bool:
    """Say what the statements come to: one allows it, and none denies it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    # The name of a key has no case, its value has.
    keys = {key.lower(): value for key, value in (context or {}).items()}
    effects = {s.allows for s in statements if s.applies(action, keys)}
    return effects == {True}


def _statements(policy: Policy) -> list[_Statement]:
    """Return every statement, read as a whole before any is asked: nothing unknown stays unseen."""
    statements = policy["Statement"]
    listed = [statements] if isinstance(statements, Mapping) else statements
    return [_statement(statement, number) for number, statement in enumerate(listed, start=1)]


def _statement(statement: Mapping[str, Any], number: int) -> _Statement:
    sid = str(statement.get("Sid", number))
    known = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    if unknown := sorted(set(statement) - known):
        raise ValueError(f"statement {sid}: {unknown[0]} is not evaluated")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise ValueError(f"statement {sid}: Effect is Allow or Deny")
    principal = statement.get("Principal", {})
    if isinstance(principal, str):
        raise ValueError(f"statement {sid}: Principal {principal!r} is not evaluated")
    return _Statement(
        sid=sid,
        allows=statement["Effect"] == "Allow",
        actions=_texts(statement["Action"]),
        resources=_texts(statement["Resource"]) if "Resource" in statement else (),
        principals={kind: _texts(names) for kind, names in principal.items()},
        conditions=tuple(
            _condition(operator, key, values)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        ),
    )


def _condition(operator: str, key: str, values: Any) -> _Condition:
    name, any_value, if_exists = operator, False, False
    if name.startswith("ForAnyValue:"):
        name, any_value = name.removeprefix("ForAnyValue:"), True
    if name.endswith("IfExists"):
        name, if_exists = name.removesuffix("IfExists"), True
    # AWS does not say what the two mean together, nor what Null means with either.
    if name not in _OPERATORS or (any_value and if_exists):
        raise ValueError(f"the operator {operator} is not evaluated")
    matches, negated = _OPERATORS[name]
    if matches is None and (any_value or if_exists):
        raise ValueError(f"the operator {operator} is not evaluated")
    patterns = _texts(values)
    if name in ("Bool", "Null") and (odd := set(patterns) - {"true", "false"}):
        raise ValueError(f"{operator} of {key} is true or false, not {sorted(odd)[0]!r}")
    if matches is _same_arn:
        for pattern in patterns:
            _parts(pattern)
    return _Condition(key.lower(), matches, patterns, negated, if_exists, any_value)


def _texts(value: Any) -> tuple[str, ...]:
    """Return the values of an element, which AWS takes alone or as a list."""
    texts = tuple(_text(item) for item in (value if isinstance(value, list | tuple) else [value]))
    if not texts:
        raise ValueError("an element has no values")
    return texts


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not text")
    if "${" in value:
        raise ValueError(f"{value!r} holds a reference or a policy variable; resolve it first")
    return value


def _is_named(principals: Mapping[str, tuple[str, ...]], kind: str, name: str) -> bool:
    """Say whether a principal is among those named: itself, or by the account that it is in."""
    names = principals.get(kind, ())
    if kind != "AWS":
        return name in names
    partition, account = _parts(name)[1], _parts(name)[4]
    return not {name, account, f"arn:{partition}:iam::{account}:root"}.isdisjoint(names)


@lru_cache(maxsize=4096)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = ({"*": ".*", "?": "."}.get(letter) or re.escape(letter) for letter in pattern)
    return re.compile("".join(parts), re.DOTALL)


def _like(pattern: str, value: str) -> bool:
    """Say whether *value* is like *pattern*: ``*`` is any characters or none, ``?`` is one."""
    return _expression(pattern).fullmatch(value) is not None


def _parts(arn: str) -> list[str]:
    parts = arn.split(":", ARN_PARTS - 1)
    if len(parts) != ARN_PARTS or parts[0] != "arn":
        raise ValueError(f"{arn!r} is not an ARN of six parts")
    return parts


def _same_arn(pattern: str, value: str) -> bool:
    """Say whether each of the six parts is like that of *pattern*; no wildcard spans two parts.

    ``ArnEquals`` and ``ArnLike`` behave identically.
    """
    values = value.split(":", ARN_PARTS - 1)
    return len(values) == ARN_PARTS and all(map(_like, _parts(pattern), values))


def _equal(pattern: str, value: str) -> bool:
    return pattern == value


def _equal_without_case(pattern: str, value: str) -> bool:
    return pattern.lower() == value.lower()


_OPERATORS: dict[str, tuple[Callable[[str, str], bool] | None, bool]] = {
    "StringEquals": (_equal, False),
    "StringNotEquals": (_equal, True),
    "StringEqualsIgnoreCase": (_equal_without_case, False),
    "StringLike": (_like, False),
    "StringNotLike": (_like, True),
    "ArnEquals": (_same_arn, False),
    "ArnLike": (_same_arn, False),
    "Bool": (_equal_without_case, False),
    "Null": (None, False),
}
"""What each operator compares, and whether it is negated. No ``ForAllValues:``: on an allow it
holds where the key is missing.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""
