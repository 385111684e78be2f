"""What several commands do with the delivery file: load it, and synthesize its stacks."""

import argparse
import fnmatch
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from keyless_ecs.commands import surroundings, voice
from keyless_ecs.errors import UserError

if TYPE_CHECKING:
    from keyless_ecs.config import DeliveryFile
    from keyless_ecs.output import Change
    from keyless_ecs.synthesis.stack import SynthesizedStack


def load(options: argparse.Namespace, *, lenient: bool = False) -> "DeliveryFile":
    """Return the delivery file that ``--config`` names; its warnings go to stderr.

    Args:
        options: The command's flags.
        lenient: Whether it need not say yet what is needed before it is applied.

    Raises:
        BadDeliveryFileError: With every problem in it.
    """
    from keyless_ecs import config

    return config.load(options.config, warn=voice.note, lenient=lenient)


def synthesized(options: argparse.Namespace, file: "DeliveryFile") -> "list[SynthesizedStack]":
    """Return the stacks of *file* that ``--only`` names, else all.

    Raises:
        UserError: None has such a name, or they cannot be synthesized.
    """
    # Only a good file is worth the half second that this takes.
    from keyless_ecs import config, synthesis
    from keyless_ecs.config.problems import LimitError

    known = file.stack_names()
    names = fnmatch.filter(known, options.only) if options.only else known
    if not names:
        raise UserError(f"--only {options.only}: no such stack; there are {', '.join(known[:10])}")
    surroundings.check()
    _set_up()
    try:
        return synthesis.synthesize(file, names, progress=_progress(len(names)))
    except LimitError as error:
        raise config.located(options.config, error.found) from None


def _set_up() -> None:
    """Warm the cache of the bindings where an installed program runs for the first time."""
    from keyless_ecs.engine import cache

    if cache.is_cold():
        voice.note("setting up the bindings, once: about ten seconds")
        cache.warm_in_a_process()


def compared(
    options: argparse.Namespace, file: "DeliveryFile", stacks: "list[SynthesizedStack]"
) -> "Change":
    """Return what turns ``--out`` into what *stacks* are.

    Raises:
        OutputFolderError: The folder cannot be read.
    """
    from keyless_ecs import output
    from keyless_ecs.synthesis import files

    return output.compare(
        options.out,
        files.files(file, stacks),
        files.manifest(stacks),
        partial=bool(options.only),
        force=options.force,
        places=file.places(),
    )


def _progress(total: int) -> Callable[[int], None]:
    """Return what shows the progress of a long run on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty() or total < 2:
        return lambda _: None

    def show(done: int) -> None:
        end = "\r" if done < total else "\r\033[K"
        voice.note(f"{done} of {total} stacks", end=end, flush=True)

    return show
