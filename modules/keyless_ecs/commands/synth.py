"""Write the stacks, the workflows and what stands beside them: whole or not at all."""

import argparse
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keyless_ecs import release
from keyless_ecs.commands import DONE, delivery, flags, program, voice
from keyless_ecs.commands.written import Written, written

if TYPE_CHECKING:
    from keyless_ecs.output import Change
    from keyless_ecs.synthesis.stack import SynthesizedStack

HELP = "write generated/ from the delivery file (the default)"
EXAMPLE = "--config delivery.yaml --only 'papyrus-*'"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    flags.config(parser)
    flags.out(parser, "where to write")
    flags.only(parser, "only the stacks whose names match; the others stay as they are")
    flags.force(parser)
    flags.accept(parser)
    flags.json(parser)
    parser.add_argument(
        "--move-state",
        action="store_true",
        help="write even where a stack's state would be in another place than before",
    )


def run(options: argparse.Namespace) -> int:
    """Write, and say what was written where.

    Raises:
        UserError: The file, the folder or a state is not fit for it; nothing was written.
    """
    file = delivery.load(options)
    stacks = delivery.synthesized(options, file)
    change = delivery.compared(options, file, stacks)
    done = written(change)
    # The folder is as it was before.
    news, steps = list(_news(options, change)), list(_next(options, change))
    stays = change.apply(move_state=options.move_state, accept=options.accept)
    if options.json:
        print(json.dumps({"stacks": [_data(stack) for stack in stacks], "written": done.data()}))
    else:
        _tell(options, stacks, done)
    for line in news:
        voice.note(line)
    removed = [path for path in change.leaving if path not in stays]
    for path in removed:
        voice.note(f"removed {options.out / path}: it left {options.config}")
    if any(path.parts[0] == "stacks" for path in removed):
        voice.note("another delivery file's? run that one again, each with an --out of its own")
    for line in stays.values():
        print(line, file=sys.stderr)
    for step in steps:
        voice.note(f"next: {step}")
    for move in change.moves:
        for step in move.steps(options.out):
            print(f"next: {step}", file=sys.stderr)
    return DONE


def _tell(options: argparse.Namespace, stacks: "list[SynthesizedStack]", done: Written) -> None:
    """Say a line for each stack, and what is other than before."""
    width = max(len(stack.name) for stack in stacks)
    for stack in stacks:
        counted = "1 resource" if stack.resources == 1 else f"{stack.resources} resources"
        voice.say(f"{stack.name:{width}}  {counted:>13}  {options.out / stack.path}")
    for line in done.told(whole=voice.is_verbose()):
        voice.say(line)


def _news(options: argparse.Namespace, change: "Change") -> Iterator[str]:
    """Yield what the versions since the one that wrote the folder change in it."""
    before = release.writer(change.before(Path("README.md")) or "")
    if before and before != release.version():
        yield f"{options.out} was written by {before}, and now by {release.version()}:"
        yield from (f"  {line}" for line in release.changed_since(before))


def _next(options: argparse.Namespace, change: "Change") -> Iterator[str]:
    """Yield what to do with what is written, where something is."""
    from keyless_ecs.plans.command_line import terraform_in

    stacks = sorted(path for path in change.files if path.name == "cdk.tf.json")
    if any(change.before(path) is None for path in stacks):
        config = [] if options.config == Path("delivery.yaml") else ["--config", options.config]
        for command in ("trust", "cost"):
            yield shlex.join(map(str, [*program.typed(), command, *config]))
        first = options.out / stacks[0].parent
        yield f"commit {options.out}, then plan and apply: {terraform_in(first)} init"
    elif change and not change.moves:
        yield f"git diff {options.out}"
    for name in sorted({path.parts[1] for path in change.files if path.parts[0] == "workflows"}):
        yield f"after the apply, copy {options.out}/workflows/{name}/.github into {name}"


def _data(stack: "SynthesizedStack") -> dict[str, Any]:
    return {"name": stack.name, "path": str(stack.path), "resources": stack.resources}
