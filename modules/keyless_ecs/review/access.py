"""Who gains access by a plan, and who loses it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from keyless_ecs.review.plan import Change

Arguments = Mapping[str, Any]
Reader = Callable[[Change], Iterator[str]]

POLICIES = {
    "aws_ecr_repository_policy": "policy",
    "aws_iam_policy": "policy",
    "aws_iam_role": "assume_role_policy",
    "aws_iam_role_policy": "policy",
    "aws_kms_key": "policy",
    "aws_s3_bucket_policy": "policy",
    "aws_secretsmanager_secret_policy": "policy",
    "aws_sns_topic_policy": "policy",
    "aws_sqs_queue_policy": "policy",
}
"""The argument that holds a policy document."""


def gained(change: Change) -> Iterator[str]:
    """Yield what *change* lets somebody do that nobody could do by this resource before."""
    yield from _new(change.type, change.before, change.after)
    argument = POLICIES.get(change.type)
    if argument and change.unknown.get(argument) is True:
        yield f"what its {argument} grants is known only after the apply"


def lost(change: Change) -> Iterator[str]:
    """Yield what nobody can do any more by this resource."""
    yield from _new(change.type, change.after, change.before)


def granted(type_: str, arguments: Arguments) -> Iterator[str]:
    """Yield what a resource of that type with these *arguments* lets somebody do."""
    yield from _told(_grants(type_, arguments))


def _new(type_: str, before: Arguments, after: Arguments) -> Iterator[str]:
    """Yield what is granted by *after* and not by *before*: also by a denial that is gone."""
    if type_ == "github_repository_ruleset":
        yield from _passes(before, after)
        return
    yield from _told({*_grants(type_, after)} - {*_grants(type_, before)})
    if before and after:
        denied = {*_grants(type_, before, effect="Deny")} - {*_grants(type_, after, effect="Deny")}
        yield from (f"not denied any more: {each}" for each in _told(denied))


class Grant(NamedTuple):
    """One action on one resource, so that each that is added stands alone."""

    who: str
    does: str
    on: str = ""
    when: str = ""


def _told(grants: Iterable[Grant]) -> Iterator[str]:
    """Yield a sentence for all that is granted to the same, on the same, on one condition.

    Of several conditions, which all hold, each is a line of its own below.
    """
    actions: dict[tuple[str, str, str], list[str]] = {}
    for grant in sorted(grants):
        actions.setdefault((grant.who, grant.on, grant.when), []).append(grant.does)
    resources: dict[tuple[str, str, str], list[str]] = {}
    for (who, on, when), done in actions.items():
        resources.setdefault((who, ", ".join(done), when), []).append(on)
    for (who, does, when), on_these in resources.items():
        where = ", ".join(filter(None, on_these))
        yield f"{who}{does}{f' on {where}' if where else ''}{when}"


def _grants(type_: str, arguments: Arguments, effect: str = "Allow") -> Iterator[Grant]:
    """Yield what a resource with these arguments lets somebody do."""
    if type_ in POLICIES:
        yield from _of_policy(arguments.get(POLICIES[type_]), effect)
    elif effect == "Allow" and (sentences := _OTHERS.get(type_)):
        yield from (Grant(each, "") for each in sentences(arguments))


def _of_policy(policy: Any, effect: str) -> Iterator[Grant]:
    if isinstance(policy, str):
        try:
            policy = json.loads(policy)
        except ValueError:
            return
    statements = policy.get("Statement", ()) if isinstance(policy, Mapping) else ()
    for statement in _listed(statements):
        if statement.get("Effect") == effect:
            yield from _of_statement(statement)


def _of_statement(statement: Arguments) -> Iterator[Grant]:
    who, when = _principal(statement), _condition(statement.get("Condition", {}))
    actions = _listed(statement.get("Action", ()))
    if "NotAction" in statement:
        actions.append(f"anything but {', '.join(_listed(statement['NotAction']))}")
    resources = _listed(statement.get("Resource", ()))
    if "NotResource" in statement:
        resources.append(f"anything but {', '.join(_listed(statement['NotResource']))}")
    for action in actions:
        for resource in resources or [""]:
            yield Grant(who, action, resource, when)


def _principal(statement: Arguments) -> str:
    if "NotPrincipal" in statement:
        return "everybody but those that NotPrincipal names may "
    principal = statement.get("Principal")
    if principal is None:
        return ""
    if not isinstance(principal, Mapping):
        return "anybody may " if principal == "*" else f"{principal} may "
    names = [name for names in principal.values() for name in _listed(names)]
    return f"{'anybody' if '*' in names else ', '.join(sorted(names))} may "


def _condition(condition: Arguments) -> str:
    parts = [
        f"{key} {operator} {' or '.join(sorted(map(str, _listed(values))))}"
        for operator, keys in sorted(condition.items())
        for key, values in sorted(keys.items())
    ]
    if len(parts) > 1:
        return "".join([", where", *(f"\n{part}" for part in parts)])
    return f", where {parts[0]}" if parts else ""


def _attachment(arguments: Arguments) -> Iterator[str]:
    if arguments:
        yield f"role {arguments.get('role')} gets the policy {arguments.get('policy_arn')}"


def _ingress(arguments: Arguments) -> Iterator[str]:
    sources = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")
    source = next((arguments[each] for each in sources if arguments.get(each)), None)
    if arguments:
        low, high = arguments.get("from_port"), arguments.get("to_port")
        ports = "any port" if low is None else f"port {low}" + (f" to {high}" * (low != high))
        yield f"{source or 'a group of this plan'} reaches {ports}"


def _provider(arguments: Arguments) -> Iterator[str]:
    if arguments:
        yield f"roles of the account may believe tokens of {arguments.get('url')}"


def _exec(arguments: Arguments) -> Iterator[str]:
    if arguments.get("enable_execute_command"):
        yield "whoever may call ecs:ExecuteCommand gets a shell in the tasks"


def _ref(arguments: Arguments) -> Iterator[str]:
    for argument, kind in (("branch_pattern", "branches"), ("tag_pattern", "tags")):
        if pattern := arguments.get(argument):
            yield f"{kind} {pattern} may deploy to the environment {arguments.get('environment')}"


def _environment(arguments: Arguments) -> Iterator[str]:
    """What protects an environment is told by what it lets pass without."""
    if not arguments:
        return
    if not arguments.get("reviewers"):
        yield "a deployment waits for nobody's approval"
    if arguments.get("can_admins_bypass"):
        yield "administrators pass by the protection"
    if arguments.get("reviewers") and not arguments.get("prevent_self_review"):
        yield "who starts a deployment may approve it"
    for each in _listed(arguments.get("reviewers") or ()):
        for kind in ("users", "teams"):
            for name in each.get(kind) or ():
                yield f"{kind[:-1]} {name} may approve deployments"


_OTHERS: Mapping[str, Callable[[Arguments], Iterator[str]]] = {
    "aws_ecs_service": _exec,
    "aws_iam_openid_connect_provider": _provider,
    "aws_iam_role_policy_attachment": _attachment,
    "aws_vpc_security_group_ingress_rule": _ingress,
    "github_repository_environment": _environment,
    "github_repository_environment_deployment_policy": _ref,
}


def _passes(before: Arguments, after: Arguments) -> Iterator[str]:
    """Yield what a ruleset kept from whom it did not name, and keeps no more.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
    """
    if gone := sorted(_kept(before) - _kept(after)):
        yield f"whoever can write to the repository: {', '.join(gone)}"
    if _kept(before) and _kept(after):
        yield from (f"{who} passes by" for who in sorted(_actors(after) - _actors(before)))
        excluded = {*_of_names(after, "exclude")} - {*_of_names(before, "exclude")}
        yield from (f"whoever can write to the repository: {each}" for each in sorted(excluded))


def _kept(ruleset: Arguments) -> set[str]:
    if ruleset.get("enforcement") != "active":
        return set()
    said = {"creation": "making", "update": "moving", "deletion": "deleting"}
    said["non_fast_forward"] = "rewriting"
    return {
        f"{does} {name}"
        for rules in _listed(ruleset.get("rules") or ())
        for rule, does in said.items()
        if rules.get(rule)
        for name in _of_names(ruleset, "include")
    }


def _actors(ruleset: Arguments) -> set[str]:
    actors = _listed(ruleset.get("bypass_actors") or ())
    return {f"{each.get('actor_type')} {each.get('actor_id')}" for each in actors}


def _of_names(ruleset: Arguments, key: str) -> Iterator[str]:
    for condition in _listed(ruleset.get("conditions") or ()):
        for names in _listed(condition.get("ref_name") or ()):
            yield from names.get(key) or ()


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
