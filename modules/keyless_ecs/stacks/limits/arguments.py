"""Each argument of each resource against the table."""

from collections.abc import Iterator

from keyless_ecs.stacks.limits.finished import Finished
from keyless_ecs.stacks.limits.table import LIMITS
from keyless_ecs.stacks.limits.unfit import Unfit


def unfit_arguments(stack: Finished) -> Iterator[Unfit]:
    """Yield each argument beyond what the table says of it."""
    for limit in LIMITS:
        for address, arguments in stack.resources(limit.type):
            for value in stack.values(arguments, limit.path):
                for problem in limit.problems(value):
                    where = f"{address}.{limit.path.removesuffix('[]')}"
                    # In a document one of its texts is wrong, and that one somebody wrote.
                    texts = [it for it in stack.strings(arguments, limit.path) if limit.refuses(it)]
                    yield Unfit(f"{where}: {problem}", texts or [str(value)])
