"""What a run does not do unasked, and how it is told."""

import shlex
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

AUTHORITY = (
    "This is foreseen from the JSON that stands there and the one that would; terraform plan has "
    "the last word.\nWhere that is done, meant, or nothing was applied yet: the same command with"
)


@dataclass(frozen=True)
class Stop:
    """Something in *stack* that goes on only with ``--accept`` of its *address*.

    *why* is the change that makes it, the same for all that follows from one. *does* is what
    Terraform would do, and *road* how to do without.
    """

    stack: str
    address: str
    why: str
    does: str
    road: str

    @property
    def qualified(self) -> str:
        """Its address behind the name of its stack."""
        return f"{self.stack}:{self.address}"


def told(stops: Sequence[Stop], accepted: Collection[str], folder: Path) -> Iterator[str]:
    """Yield what is said of the *stops* that nobody accepted, and at last how to accept them.

    Args:
        stops: All that was found.
        accepted: Addresses: alone where one stack has them, else behind its name and a colon.
        folder: Where the stacks' folders stand.
    """
    stacks: dict[str, set[str]] = {}
    for stop in stops:
        stacks.setdefault(stop.address, set()).add(stop.stack)
    flag = {
        stop: stop.address if len(stacks[stop.address]) == 1 else stop.qualified for stop in stops
    }
    left = [stop for stop in stops if not {flag[stop], stop.qualified} & set(accepted)]
    by_cause: dict[tuple[str, str], list[Stop]] = {}
    for stop in left:
        by_cause.setdefault((stop.stack, stop.why), []).append(stop)
    for (stack, why), of_cause in by_cause.items():
        roads = dict.fromkeys(stop.road for stop in of_cause)
        yield "\n".join(
            [
                f"{folder / stack}: {why}, so Terraform would",
                *(f"  {stop.does}" for stop in of_cause),
                *(f"  without that: {road}" for road in roads),
            ]
        )
    if left:
        flags = dict.fromkeys([*accepted, *(flag[stop] for stop in left)])
        yield f"{AUTHORITY}\n  {' '.join(f'--accept {shlex.quote(it)}' for it in flags)}"
