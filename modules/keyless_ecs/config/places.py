"""Where a stack stands in the delivery file, and what it was called when it stood elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StackPlace:
    """The *keys* that lead to a stack's account or environment, and the names that it had."""

    keys: tuple[str, ...]
    former: tuple[str, ...] = ()
