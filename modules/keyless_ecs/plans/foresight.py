"""What Terraform would do to each resource of a stack, from its old and its new JSON."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from keyless_ecs.plans.content import (
    Content,
    account_id,
    computed,
    provider,
    resources,
    type_of,
    value_of,
)
from keyless_ecs.plans.force_new import FORCE_NEW, KEPT, REGION

Act = Literal["destroy", "replace", "lose"]
"""*lose*: Terraform does not find it where it now looks, and creates another one."""


@dataclass(frozen=True)
class Cause:
    """What changed: an *argument* at *place*, an address or a provider; None where it is gone."""

    place: str
    argument: str | None = None
    old: Any = None
    new: Any = None


@dataclass(frozen=True)
class Step:
    """What Terraform would do to a resource, and what made it."""

    act: Act
    cause: Cause


def foresee(old: Content, new: Content) -> dict[str, Step]:
    """Return what the new JSON would have Terraform destroy, by address; nothing for the rest.

    An address that is gone is destroyed. A changed argument that forces replacement replaces, and
    what names a computed attribute of a replaced thing in such an argument is replaced too. A
    change under the resource's own ``ignore_changes`` plans nothing.
    https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle

    Args:
        old: What stood in the stack's file.
        new: What will stand there; its ``moved`` blocks say what things were called, its
            ``removed`` blocks what Terraform forgets without destroying it.
    """
    old = _moved(old, new)
    before, after = resources(old), resources(new)
    elsewhere = dict(_looked_for_elsewhere(old, new))
    steps: dict[str, Step] = {}
    for address in before:
        if cause := elsewhere.get(type_of(address).partition("_")[0]):
            steps[address] = Step("lose", cause)
        elif address not in after:
            if address not in _forgotten(new):
                steps[address] = Step("destroy", Cause(address))
        elif cause := next(_replacing(address, old, new), None):
            steps[address] = Step("replace", cause)
    while more := dict(_following(steps, before, new)):
        steps |= more
    return steps


def _moved(old: Content, new: Content) -> Content:
    """Return *old* with the addresses that *new* says things have now."""
    text = json.dumps(old)
    named = resources(old)
    for block in new.get("moved", ()):
        if block["from"] in named and block["to"] in resources(new):
            type_, name = block["from"].split(".")
            was = re.compile(rf"(?<![\w.-]){re.escape(block['from'])}(?![\w-])")
            moved = json.loads(was.sub(block["to"], text))
            to_type, to_name = block["to"].split(".")
            moved["resource"].setdefault(to_type, {})[to_name] = moved["resource"][type_].pop(name)
            text = json.dumps(moved)
    result: Content = json.loads(text)
    return result


def _looked_for_elsewhere(old: Content, new: Content) -> Iterator[tuple[str, Cause]]:
    """Yield the providers that now look in another account, each with what changed."""
    accounts = account_id(old), account_id(new)
    if all(accounts) and accounts[0] != accounts[1]:
        yield "aws", Cause("provider.aws", "allowed_account_ids", *accounts)
    for argument in ("owner", "base_url"):
        was, now = (provider(it, "github").get(argument) for it in (old, new))
        # GitHub folds the case of an owner.
        if was and now and str(was).lower() != str(now).lower():
            yield "github", Cause("provider.github", argument, was, now)


def _forgotten(content: Content) -> set[str]:
    return {
        block["from"]
        for block in content.get("removed", ())
        if value_of(block.get("lifecycle", {}), content).get("destroy") is False
    }


def _replacing(address: str, old: Content, new: Content) -> Iterator[Cause]:
    """Yield the changes that replace the resource at *address*."""
    before, after = resources(old)[address], resources(new)[address]
    for argument, absent in FORCE_NEW.get(type_of(address), {}).items():
        if absent is REGION:
            regions = [
                it.get(argument) or provider(content, "aws").get("region")
                for it, content in ((before, old), (after, new))
            ]
            if all(regions) and regions[0] != regions[1]:
                yield Cause("provider.aws", argument, *regions)
            continue
        if _ignores(after, argument):
            continue
        was, now = _argument(before, argument), _argument(after, argument)
        if now is None and (absent is KEPT or "." in argument):
            continue
        default = None if absent is KEPT else absent
        was = default if was is None else was
        now = default if now is None else now
        if value_of(was, old) != value_of(now, new):
            yield Cause(address, argument, value_of(was, old), value_of(now, new))


def _following(
    steps: Mapping[str, Step], before: Mapping[str, Content], new: Content
) -> Iterator[tuple[str, Step]]:
    """Yield what is replaced because it names what is replaced; the cause is the first one."""
    replaced = {address: step for address, step in steps.items() if step.act == "replace"}
    for address, arguments in resources(new).items():
        if address in steps or address not in before:
            continue
        for argument in FORCE_NEW.get(type_of(address), {}):
            if _ignores(arguments, argument):
                continue
            named = computed(_argument(arguments, argument), new) & replaced.keys()
            if named:
                yield address, Step("replace", replaced[min(named)].cause)
                break


def _argument(arguments: Content, path: str) -> Any:
    block, _, name = path.partition(".")
    value = arguments.get(block)
    if not name:
        return value
    if isinstance(value, list):
        value = value[0] if value else None
    return value.get(name) if isinstance(value, Mapping) else None


def _ignores(arguments: Content, argument: str) -> bool:
    """Tell whether a resource's lifecycle leaves *argument* as it is.

    ``action[0].forward`` ignores that part alone, ``encryption_configuration`` all of the block.
    """
    lifecycle = arguments.get("lifecycle", {})
    ignored = (lifecycle[0] if isinstance(lifecycle, list) else lifecycle).get("ignore_changes")
    if ignored in ("all", ["all"]):
        return True
    paths = [re.sub(r"\[\d+\]", "", path) for path in ignored or ()]
    return any(argument == path or argument.startswith(f"{path}.") for path in paths)
