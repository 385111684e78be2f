"""What Terraform would do to each resource of a stack, from its old and its new JSON."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from keyless_ecs.plans.content import Content, StackJson, argument, lifecycle, type_of
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


def foresee(old: StackJson, new: StackJson) -> dict[str, Step]:
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
    elsewhere = dict(_looked_for_elsewhere(old, new))
    forgotten = _forgotten(new)
    steps: dict[str, Step] = {}
    for address in old.resources:
        if cause := elsewhere.get(type_of(address).partition("_")[0]):
            steps[address] = Step("lose", cause)
        elif address not in new.resources:
            if address not in forgotten:
                steps[address] = Step("destroy", Cause(address))
        elif cause := next(_replacing(address, old, new), None):
            steps[address] = Step("replace", cause)
    while more := dict(_following(steps, old, new)):
        steps |= more
    return steps


def _moved(old: StackJson, new: StackJson) -> StackJson:
    """Return *old* with the addresses that *new* says things have now."""
    for block in new.content.get("moved", ()):
        before, after = block["from"], block["to"]
        if before in old.resources and after in new.resources:
            type_, name = before.split(".")
            named = re.compile(rf"(?<![\w.-]){re.escape(before)}(?![\w-])")
            content = json.loads(named.sub(after, json.dumps(old.content)))
            now_type, now_name = after.split(".")
            made = content["resource"][type_].pop(name)
            content["resource"].setdefault(now_type, {})[now_name] = made
            old = StackJson(content)
    return old


def _looked_for_elsewhere(old: StackJson, new: StackJson) -> Iterator[tuple[str, Cause]]:
    """Yield the providers that now look in another account, each with what changed."""
    accounts = old.account_id, new.account_id
    if all(accounts) and accounts[0] != accounts[1]:
        yield "aws", Cause("provider.aws", "allowed_account_ids", *accounts)
    for setting in ("owner", "base_url"):
        was, now = (stack.provider("github").get(setting) for stack in (old, new))
        # GitHub folds the case of an owner.
        if was and now and str(was).lower() != str(now).lower():
            yield "github", Cause("provider.github", setting, was, now)


def _forgotten(stack: StackJson) -> set[str]:
    return {
        block["from"]
        for block in stack.content.get("removed", ())
        if lifecycle(block).get("destroy") is False
    }


def _replacing(address: str, old: StackJson, new: StackJson) -> Iterator[Cause]:
    """Yield the changes that replace the resource at *address*."""
    before, after = old.resources[address], new.resources[address]
    for path, absent in FORCE_NEW.get(type_of(address), {}).items():
        if absent is REGION:
            regions = before.get(path) or old.region, after.get(path) or new.region
            if all(regions) and regions[0] != regions[1]:
                yield Cause("provider.aws", path, *regions)
            continue
        if _ignores(after, path):
            continue
        was, now = argument(before, path), argument(after, path)
        if now is None and (absent is KEPT or "." in path):
            continue
        default = None if absent is KEPT else absent
        was = old.value_of(default if was is None else was)
        now = new.value_of(default if now is None else now)
        if was != now:
            yield Cause(address, path, was, now)


def _following(
    steps: Mapping[str, Step], old: StackJson, new: StackJson
) -> Iterator[tuple[str, Step]]:
    """Yield what is replaced because it names what is replaced; the cause is the first one."""
    replaced = {address: step for address, step in steps.items() if step.act == "replace"}
    if not replaced:
        return
    for address, arguments in new.resources.items():
        if address in steps or address not in old.resources:
            continue
        for path in FORCE_NEW.get(type_of(address), {}):
            if _ignores(arguments, path):
                continue
            named = new.computed(argument(arguments, path)) & replaced.keys()
            if named:
                yield address, Step("replace", replaced[min(named)].cause)
                break


def _ignores(arguments: Content, path: str) -> bool:
    """Tell whether a resource's lifecycle leaves the argument at *path* as it is.

    ``action[0].forward`` ignores that part alone, ``encryption_configuration`` all of the block.
    """
    ignored = lifecycle(arguments).get("ignore_changes") or ()
    if ignored in ("all", ["all"]):
        return True
    places = [re.sub(r"\[\d+\]", "", place) for place in ignored]
    return any(path == place or path.startswith(f"{place}.") for place in places)
