"""Synthesizes stacks in this process, or where there are many in several."""

import math
import os
from collections.abc import Callable, Sequence

from keyless_ecs.config import DeliveryFile
from keyless_ecs.config.problems import LimitError
from keyless_ecs.synthesis import here, temporary
from keyless_ecs.synthesis.stack import SynthesizedStack

WORTH_A_PROCESS = 25
"""A further process costs a second, which is what so many stacks take."""


def synthesize(
    file: DeliveryFile,
    names: Sequence[str],
    *,
    processes: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> list[SynthesizedStack]:
    """Synthesize the stacks called *names*, in their order.

    Many stacks are shared out to *processes* (default: one per core); the result is the same.

    Args:
        file: The delivery file.
        names: Of :meth:`DeliveryFile.stack_names`.
        processes: How many processes work at once.
        progress: Called with the number of stacks that are done.

    Raises:
        LimitError: AWS or GitHub would refuse what the file asks for.
        CrossCheckError: A stack and its workflows contradict each other.
        BindingsError: Nothing can run jsii on this machine.
        KernelError: Node, or a process of many, ended early.
    """
    processes = processes or os.cpu_count() or 1
    processes = min(processes, math.ceil(len(names) / WORTH_A_PROCESS))
    with temporary.folder() as folder:
        if processes == 1:
            stacks = here.synthesize(file, names, progress, folder)
        else:
            from keyless_ecs.synthesis import workers

            stacks = workers.synthesize(file, names, processes, progress, folder)
    if refused := [found for stack in stacks for found in stack.refused]:
        raise LimitError(refused)
    return stacks
