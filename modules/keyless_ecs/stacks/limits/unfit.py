"""What a check of the finished JSON found."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Unfit:
    """A value that AWS or GitHub would refuse."""

    message: str
    """What is wrong, and the mend; the resource's address where the message is of one."""
    values: Sequence[str] = ()
    """Texts of the delivery file that it may have come from, the likeliest first."""
