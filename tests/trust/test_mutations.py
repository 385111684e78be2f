"""A proof is worth what it notices: every policy, loosened at one place, must fail one."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from keyless_ecs.trust import claims
from keyless_ecs.trust.evaluator import Policy
from tests.support import proofs
from tests.support.proofs import Proved

Mutation = tuple[str, dict[str, Any]]

LIKE = {
    "StringEquals": "StringLike",
    "StringEqualsIfExists": "StringLikeIfExists",
    "ArnEquals": "ArnLike",
}
"""In an operator without wildcards ``*`` is a star: widening takes the one that knows them."""

GITHUBS_OWN = {".github", "workflows", "refs"}
"""Parts of a claim that nobody can make other."""

TRUSTS: dict[str, dict[str, Any]] = {
    "as shipped": {},
    "with ids": {"subject": "immutable"},
    "without ids": {"subject": "legacy"},
    "bound to workflow files": {"workflows": ("ecs-deploy.yml", "ecr-push.yml")},
    "by ref": {"by": "ref"},
    "by ref, bound to a workflow file": {"by": "ref", "workflows": ("ecr-push.yml",)},
    "a colon in the environment": {"environment": "prod:eu"},
    "Enterprise Server": {"issuer": "github.example.com/_services/token"},
}
PROVED = [
    *proofs.permissions(),
    *(proofs.trust(f"trust {name}", proofs.deploy_role(**s)) for name, s in TRUSTS.items()),
]


@pytest.mark.slow
@pytest.mark.parametrize("proved", PROVED, ids=lambda proved: proved.name)
def test_no_mutation_survives(proved: Proved) -> None:
    """Whatever is removed from a policy or widened in it, a proof tells of it."""
    mutants = dict(mutations(proved.policy))

    assert proved.failures() == []
    assert mutants
    assert [name for name, policy in mutants.items() if not proved.failures(policy)] == []


def mutations(policy: Policy) -> Iterator[Mutation]:
    """Yield every policy that differs from *policy* in one place, by the name of the change."""
    for number, statement in enumerate(policy["Statement"]):
        for name, changed in _changed(statement):
            mutant = copy.deepcopy(dict(policy))
            mutant["Statement"][number] = changed
            yield f"{statement['Sid']}: {name}", mutant


def _changed(statement: Mapping[str, Any]) -> Iterator[Mutation]:
    for element in ("Action", "Resource"):
        values = statement.get(element, [])
        for place, value in enumerate(values) if isinstance(values, list) else ():
            others = [*values[:place], *values[place + 1 :]]
            if others:
                yield f"{element} without {value}", {**statement, element: others}
            if element == "Resource" and value != "*":
                for wider in ("*", *_wider_arns(value)):
                    changed = [*values[:place], wider, *values[place + 1 :]]
                    yield f"{value} widened to {wider}", {**statement, element: changed}
    for kind, listed in statement.get("Principal", {}).items():
        for value in listed if isinstance(listed, list) and len(listed) > 1 else ():
            others = [other for other in listed if other != value]
            yield f"Principal without {value}", {**statement, "Principal": {kind: others}}
    condition = statement.get("Condition", {})
    for operator, keys in condition.items():
        without = {name: held for name, held in condition.items() if name != operator}
        yield f"without {operator}", _with(statement, without)
        for key, value in keys.items():
            rest = {other: held for other, held in keys.items() if other != key}
            bare = {**without, **({operator: rest} if rest else {})}
            for name, other_operator, other_value in _changed_key(operator, key, value):
                moved = copy.deepcopy(bare)
                if other_operator:
                    moved.setdefault(other_operator, {})[key] = other_value
                yield f"{operator} {key}: {name}", _with(statement, moved)


def _with(statement: Mapping[str, Any], condition: Mapping[str, Any]) -> dict[str, Any]:
    others = {name: held for name, held in statement.items() if name != "Condition"}
    return {**others, **({"Condition": condition} if condition else {})}


def _changed_key(operator: str, key: str, value: Any) -> Iterator[tuple[str, str | None, Any]]:
    """Yield the changes of one key: their names, the operator that it moves to, its values."""
    values = value if isinstance(value, list) else [value]
    if operator == "StringNotLike":
        # What keeps out is loosened by keeping out less. A claim that is absent is kept out by
        # another condition on the same key, and what is kept out too much by none's being let in.
        yield "removed", None, None
        for place, one in enumerate(values):
            others = [*values[:place], *values[place + 1 :]]
            yield f"{one} narrowed", operator, [*others, f"{one}x"]
        return
    like = LIKE.get(operator, operator)
    everything = "arn:*:*:*:*:*" if operator.startswith("Arn") else "*"
    yield "removed", None, None
    if operator == "Null":
        yield "turned round", operator, "true" if value == "false" else "false"
        return
    yield "widened to *", like, everything
    yield "with * beside", like, [*values, everything]
    if operator.endswith("IfExists"):
        yield "wanted even where absent", operator.removesuffix("IfExists"), value
    else:
        yield "forgiven where absent", f"{operator}IfExists", value
    for place, one in enumerate(values):
        others = [*values[:place], *values[place + 1 :]]
        if others:
            yield f"without {one}", operator, others
        for wider in _wider_arns(one) if everything != "*" else _wider_claims(key, one):
            yield f"{one} widened to {wider}", like, [*others, wider]


def _wider_arns(arn: str) -> Iterator[str]:
    """Yield the ARN with any region, any account, and each of its names cut short or any."""
    parts = arn.split(":", 5)
    for place in (3, 4):
        if parts[place]:
            yield ":".join([*parts[:place], "*", *parts[place + 1 :]])
    # The type of the resource stands before its names.
    pieces = re.split(r"([:/])", parts[5])
    for place in range(2, len(pieces), 2):
        piece = pieces[place]
        for wider in ("*", f"{piece}*", f"*{piece}") if piece != "*" else ():
            resource = "".join([*pieces[:place], wider, *pieces[place + 1 :]])
            yield ":".join([*parts[:5], resource])


def _wider_claims(key: str, value: str) -> Iterator[str]:
    """Yield a claim cut short at either end, and with any of its names any.

    Ids are left: beside the names, the claim ``repository_id`` checks them once more.
    """
    if key.rpartition(":")[2] not in claims.STANDARD_CLAIMS | claims.GITHUB_CLAIMS:
        return
    if not value.endswith("*"):
        yield f"{value}*"
    if not value.startswith("*"):
        yield f"*{value}"
    pieces = re.split(r"([:/@])", value)
    for place in range(0, len(pieces), 2):
        piece = pieces[place]
        if len(pieces) > 1 and not piece.isdigit() and piece not in {*GITHUBS_OWN, "*"}:
            yield "".join([*pieces[:place], "*", *pieces[place + 1 :]])
