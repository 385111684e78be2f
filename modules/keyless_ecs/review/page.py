"""The page that stands beside a stack's JSON: what a reviewer wants to know before the plan."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from keyless_ecs.config import Delivery, DeliveryFile
from keyless_ecs.config.file import account_stack
from keyless_ecs.header import PAGE
from keyless_ecs.plans import StackJson
from keyless_ecs.review import access
from keyless_ecs.review.cost import bills
from keyless_ecs.review.facts import NOT_IN_A_STACK, fact
from keyless_ecs.review.markdown import bullets
from keyless_ecs.review.names import names
from keyless_ecs.review.picture import mermaid

Content = Mapping[str, Any]

_ENCODED = re.compile(r"\$\{jsonencode\(local\.([\w-]+)\)\}")


def pages(file: DeliveryFile, stacks: Mapping[str, Content]) -> dict[str, str]:
    """Return the page of each of *stacks*, which are by name what their JSON holds."""
    deliveries = {delivery.stack: delivery for delivery in file.deliveries()}
    accounts = {account_stack(key): account for key, account in file.accounts.items()}
    found = {}
    for name, content in stacks.items():
        if delivery := deliveries.get(name):
            about = _of_delivery(delivery)
        else:
            account = accounts[name]
            about = iter([f"What AWS account {account.id} has once, in {account.region}."])
        found[name] = "\n".join([PAGE, f"# {name}", "", *about, *_of_stack(content), ""])
    return found


def _of_delivery(delivery: Delivery) -> Iterator[str]:
    yield (
        f"The service `{delivery.service_key}` in its environment `{delivery.environment_key}`: "
        f"AWS account {delivery.account.id}, region {delivery.region}."
    )
    source = delivery.source or delivery.follows
    if source:
        yield f"It deploys what {source.stack} deployed, and builds nothing."
    yield from ("", "## Who deploys it, and from where", "")
    owner = f"{delivery.github.owner}/{delivery.service.repository}"
    where = "without a GitHub environment"
    if not delivery.by_ref:
        where = f"in its GitHub environment `{delivery.github_environment}`"
    yield f"- Jobs of `{owner}`, {where}."
    reviewers = delivery.environment.github.reviewers
    names = [*reviewers.users, *reviewers.teams]
    yield f"- Approved by {', '.join(names)}." if names else "- Nobody has to approve."
    yield f"- From {', '.join(f'`{ref}`' for ref in delivery.refs)}."
    if makers := delivery.ref_makers:
        yield f"- Such a branch or tag is made by {' and '.join(makers)} alone."


def _of_stack(content: Content) -> Iterator[str]:
    stack = StackJson(content)
    if lines := mermaid(content):
        yield from ("", "## What is in it", "", "```mermaid", *lines, "```")
    if rows := [_row(address, name) for address, name in names(stack)]:
        yield from ("", "## Names", "", "| | ARN, URI or name |", "|---|---|", *rows)
    if reads := list(_variables(stack)):
        yield from ("", "## What the jobs read", "", *reads)
    if grants := list(_grants(stack)):
        yield from ("", "## Who may do what", "", *grants)
    billed = [f"- `{address}`: {said}" for address, said in bills(content)]
    yield from ("", "## What it bills", "", *(billed or ["Nothing."]))
    if billed:
        yield from ("", NOT_IN_A_STACK)
    yield from ("", "## To plan and apply", "", "In this folder:", "", "```sh")
    yield from ("terraform init", "terraform plan", "terraform apply", "```")


def _row(address: str, name: str) -> str:
    return f"| {fact(address.partition('.')[0]).what} `{address}` | `{name}` |"


def _variables(stack: StackJson) -> Iterator[str]:
    """Yield the names of variables and secrets: their values are of no file but the state."""
    for kind in ("variable", "secret"):
        names = {
            arguments[f"{kind}_name"]
            for address, arguments in stack.resources.items()
            if address.startswith("github_actions_") and f"{kind}_name" in arguments
        }
        if names:
            yield f"- {kind}s: {', '.join(f'`{name}`' for name in sorted(names))}"


def _grants(stack: StackJson) -> Iterator[str]:
    """Yield what each resource lets somebody do: a role, then what its policies add to it."""
    for address, arguments in sorted(stack.resources.items(), key=lambda each: _by_name(each[0])):
        type_ = address.partition(".")[0]
        if not type_.startswith("aws_"):
            continue
        key = access.POLICIES.get(type_)
        if key:
            policy = _policy(arguments.get(key), stack.content.get("locals", {}))
            said = access.granted(type_, {key: policy})
        else:
            said = access.granted(type_, stack.value_of(arguments))
        if lines := list(said):
            yield f"- {fact(type_).what} `{address}`"
            for line in lines:
                yield from bullets(line)


def _by_name(address: str) -> tuple[str, str]:
    type_, _, name = address.partition(".")
    return name, type_


def _policy(value: Any, locals_: Content) -> Any:
    """Return the document that an argument encodes, which stands as data among the locals."""
    encoded = _ENCODED.fullmatch(value) if isinstance(value, str) else None
    return locals_.get(encoded[1]) if encoded else value
