"""The one comparison of what stands in the folder with what would: all that stops a run."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from keyless_ecs.config.shown import shown
from keyless_ecs.plans.command_line import terraform_in
from keyless_ecs.plans.content import StackJson, lifecycle, type_of
from keyless_ecs.plans.foresight import Cause, Step, foresee
from keyless_ecs.plans.leaving import Place, renamed
from keyless_ecs.plans.matters import MATTERS, ROADS
from keyless_ecs.plans.stop import Stop
from keyless_ecs.plans.values import RULES
from keyless_ecs.stacks import imports

Identity = tuple[str, str, str, str]
"""What tells one thing from every other: its type, account, region and import id."""

_NOWHERE: Mapping[str, Place] = {}
_NO_ROAD = "no way around it: keep what stood there, or build the new beside it, under another key"


def stops(
    folder: Path,
    old: Mapping[str, StackJson],
    new: Mapping[str, StackJson],
    places: Mapping[str, Place] = _NOWHERE,
) -> Iterator[Stop]:
    """Yield what the next plans would destroy, replace or lose of what matters.

    Args:
        folder: Where the stacks' folders stand, for the commands that are named.
        old: The JSON that stands there, of each stack that may have something in its state.
        new: The JSON that would stand there, of each stack.
        places: Where each stack stands in the delivery file, as far as it is known.
    """
    makers = _Makers(new)
    for name, before in old.items():
        if (after := new.get(name)) is None:
            continue
        steps = foresee(before, after)
        gone = [address for address, step in steps.items() if step.act == "destroy"]
        for address, step in steps.items():
            if type_of(address) in MATTERS:
                if step.act == "destroy":
                    hanging = _naming(address, gone, before)
                    road = _forgetting(folder / name, hanging, makers.of(address, before))
                else:
                    road = _former_key(step.cause, name, places.get(name, ())) or _road(step.cause)
                does = _does(address, step, before, after)
                yield Stop(name, address, _why(step.cause), does, road)
        for rule in RULES:
            yield from rule(name, before, after)


def _why(cause: Cause) -> str:
    if cause.argument is None:
        return f"{cause.place} is gone from the file"
    return (
        f"{cause.argument} of {cause.place} changes from {_said(cause.old)} to {_said(cause.new)}"
    )


def _does(address: str, step: Step, old: StackJson, new: StackJson) -> str:
    """Return what Terraform would do to what stands at *address*."""
    matter = MATTERS[type_of(address)]
    if step.act == "lose":
        return f"no longer find {address}, which stays where it is, and create another one"
    if step.act == "destroy":
        halfway = old.resources[address].get("enable_deletion_protection")
        refuses = "; it is protected, so AWS refuses, and what hangs on it is gone by then"
        return f"destroy {address}: {matter.loses}{refuses if halfway else ''}"
    protected = lifecycle(new.resources[address]).get("prevent_destroy")
    refuses = "; it is protected, so the plan fails" if protected else ""
    return f"destroy {address} and create it anew: {matter.loses}{refuses}"


def _road(cause: Cause) -> str:
    """Return how to do without what *cause* makes."""
    argument = str(cause.argument)
    road = ROADS.get((cause.place, argument)) or ROADS.get((type_of(cause.place), argument))
    if road is None:
        return _NO_ROAD
    old, new = (it if isinstance(it, str) else _said(it) for it in (cause.old, cause.new))
    return road.format(old=old, new=new, last=old.rpartition("/")[2])


def _former_key(cause: Cause, stack: str, place: Place) -> str | None:
    """Return the ``was`` that keeps a name which follows from a former key, None for another."""
    before, found, behind = str(cause.new).partition(stack)
    former = str(cause.old).removeprefix(before).removesuffix(behind)
    if not found or f"{before}{former}{behind}" != cause.old:
        return None
    return next(
        (
            f"it follows from a key that was another one: write was: {was} at {'.'.join(keys)}, "
            "and everything keeps its name"
            for keys, was in renamed(former, place)
        ),
        None,
    )


def _forgetting(folder: Path, addresses: Sequence[str], taken_over: str | None) -> str:
    """Return how Terraform lets go of *addresses* and destroys nothing.

    https://developer.hashicorp.com/terraform/language/block/removed
    """
    state_rm = f"{terraform_in(folder)} state rm {' '.join(addresses)}"
    removed = [{"from": address, "lifecycle": {"destroy": False}} for address in addresses]
    forget = (
        f"{state_rm}\n    or, with Terraform 1.7 or newer, write beside it "
        f"{folder / 'removed.tf.json'}: {json.dumps({'removed': removed})}"
    )
    if not taken_over:
        return f"to keep it, let this state forget it:\n    {forget}"
    kind = MATTERS[type_of(addresses[0])].kind
    return (
        f"{taken_over} takes it over: write adopt: [{kind}] in that environment, which imports it, "
        f"and let this state forget it before either is applied:\n    {forget}"
    )


def _naming(address: str, gone: Iterable[str], stack: StackJson) -> list[str]:
    """Return *address* and what is *gone* with it because it hangs on it."""
    made = stack.resources
    hanging = [it for it in gone if it != address and f"{{{address}." in json.dumps(made[it])]
    return [address, *hanging]


class _Makers:
    """Which stack makes a thing: looked up once something goes, which is seldom."""

    def __init__(self, stacks: Mapping[str, StackJson]) -> None:
        self._stacks = stacks

    @cached_property
    def _of(self) -> dict[Identity, str]:
        return {
            thing: name
            for name, stack in self._stacks.items()
            for thing in _identities(stack).values()
        }

    def of(self, address: str, stack: StackJson) -> str | None:
        """Return the stack that makes what stands at *address* of *stack*, None for none."""
        thing = _identities(stack).get(address)
        return self._of.get(thing) if thing else None


def _identities(stack: StackJson) -> dict[str, Identity]:
    where = stack.account_id, str(stack.region)
    return {
        made.address: (type_of(made.address), *where, made.id)
        for made in imports.resources(dict(stack.content))
        if isinstance(made.id, str) and type_of(made.address) in MATTERS
    }


def _said(value: Any) -> str:
    return "nothing" if value is None else shown(value)
