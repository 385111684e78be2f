"""What writing would do to the states of the stacks, and through them to what runs."""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from keyless_ecs import plans
from keyless_ecs.config.places import StackPlace
from keyless_ecs.output import contents, states
from keyless_ecs.output.errors import OutputFolderError
from keyless_ecs.output.moves import Move
from keyless_ecs.output.states import STACK_FILE
from keyless_ecs.plans import StackJson, Stop

Texts = Mapping[str, str]
"""The text of the stacks' files, by the name of the stack."""


def renamed(
    folder: Path, wanted: Texts, left: Collection[Path], places: Mapping[str, StackPlace]
) -> Iterator[Move]:
    """Yield the stacks that got another name, each with the folder of one that left.

    Args:
        folder: The output folder.
        wanted: The stacks that shall be there.
        left: The folders that are at risk, of stacks that left.
        places: The names that each stack had.
    """
    for name, text in wanted.items():
        for former in places[name].former if name in places else ():
            path = contents.STACKS / former
            if path in left:
                old = states.place(contents.read(folder / path / STACK_FILE) or "")
                yield Move(contents.STACKS / name, str(old), str(states.place(text)), path)


def refuse_to_rename(folder: Path, wanted: Texts, places: Mapping[str, StackPlace]) -> None:
    """Refuse a run for some stacks where one of them has another name than before.

    Raises:
        OutputFolderError: The folder that it had would stay behind, with its state.
    """
    for name in wanted:
        if (folder / contents.STACKS / name / STACK_FILE).exists() or name not in places:
            continue
        for former in places[name].former:
            if (folder / contents.STACKS / former / STACK_FILE).exists():
                raise OutputFolderError(
                    f"{folder / contents.STACKS / former}: is called {name} now; "
                    "run without --only, which tells how its state moves along"
                )


def losses(
    folder: Path, wanted: Texts, left: Mapping[Path, str], places: Mapping[str, StackPlace]
) -> Iterator[tuple[Path, str]]:
    """Yield what is said of each stack that left with something at risk.

    Args:
        folder: The output folder.
        wanted: The stacks that shall be there.
        left: The folders of the stacks that left, each with what is at risk.
        places: Where each stack stands in the delivery file.
    """
    came = {
        name: StackJson(json.loads(text))
        for name, text in wanted.items()
        if left and not (folder / contents.STACKS / name / STACK_FILE).exists()
    }
    keys = {name: place.keys for name, place in places.items()}
    for path, why in left.items():
        text = contents.read(folder / path / STACK_FILE)
        stack = _read(folder / path, text) if text else StackJson({})
        yield path, "\n".join([why, *plans.farewell(folder / path, stack, came, keys)])


def stops(
    folder: Path, wanted: Texts, was: Mapping[str, str], places: Mapping[str, StackPlace]
) -> tuple[Stop, ...]:
    """Return what the next plans would destroy, where the state may hold it.

    Args:
        folder: The output folder.
        wanted: The stacks that shall be there.
        was: The name under which a stack's file stands, where it is another one.
        places: Where each stack stands in the delivery file.
    """
    old, held = {}, {}
    for name, text in wanted.items():
        path = folder / contents.STACKS / was.get(name, name)
        before = contents.read(path / STACK_FILE)
        if before is not None and before != text:
            held[name] = states.held(path, before)
            if held[name] is None or held[name]:
                old[name] = _read(path, before)
    if not old:
        return ()
    new = {
        name: StackJson(json.loads(text) | _blocks_beside(folder / contents.STACKS / name, text))
        for name, text in wanted.items()
    }
    keys = {name: place.keys for name, place in places.items()}
    return tuple(
        stop
        for stop in plans.stops(folder / contents.STACKS, old, new, keys)
        if _may_hold(held[stop.stack], stop.address, new[stop.stack])
    )


def _may_hold(held: Collection[str] | None, address: str, stack: StackJson) -> bool:
    """Tell whether a state that is seen to hold *held* holds *address*, be it by a former name."""
    moved = {block["from"] for block in stack.content.get("moved", ()) if block["to"] == address}
    return held is None or not {address, *moved}.isdisjoint(held)


def _blocks_beside(folder: Path, text: str) -> dict[str, Any]:
    """Return the ``removed`` and ``moved`` blocks of a stack's *text* and what stands beside it.

    Somebody who reads what a stop says may write such a file. What has not their form is left to
    Terraform, which says what is wrong with it.
    """
    found = {kind: list(json.loads(text).get(kind, ())) for kind in ("moved", "removed")}
    for path in sorted(folder.glob("*.tf.json")):
        if path.name != STACK_FILE:
            with suppress(ValueError, RecursionError, AttributeError):
                content = json.loads(contents.read(path) or "{}")
                beside = {
                    kind: blocks if isinstance(blocks := content.get(kind, []), list) else [blocks]
                    for kind in found
                }
                StackJson(beside)
                for kind, blocks in beside.items():
                    found[kind] += blocks
    return {kind: blocks for kind, blocks in found.items() if blocks}


def _read(folder: Path, text: str) -> StackJson:
    """Return the JSON that stands in a stack's folder, known to be one as far as its backend.

    Raises:
        OutputFolderError: The rest of it has not the form of a stack.
    """
    try:
        return StackJson(json.loads(text))
    except ValueError:
        raise OutputFolderError(contents.broken(folder / STACK_FILE, text)) from None
