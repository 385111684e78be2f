"""Addresses that a version of this program moved.

A resource's address is where Terraform's state knows it. Where a new version of this program calls
it something else, the old name stands here, and every stack that has the resource says so in a
``moved`` block: the next plan renames it, and destroys nothing.
"""

from collections.abc import Mapping
from typing import Any

MOVED: Mapping[str, str] = {}
"""Each former address and what it is called now; ``*`` is any name, the same on both sides.

An entry stays for good: a state may be as old as the first release. None has moved so far.
"""


def with_moved(stack: dict[str, Any], moved: Mapping[str, str]) -> dict[str, Any]:
    """Return a synthesized stack that says what its resources were called, by the table *moved*."""
    now = {
        f"{type_}.{name}" for type_, named in stack.get("resource", {}).items() for name in named
    }
    blocks = [
        {"from": old, "to": new}
        for old_pattern, new_pattern in moved.items()
        for new in sorted(now)
        for old in _former(new, old_pattern, new_pattern)
        if old not in now
    ]
    return {**stack, "moved": blocks} if blocks else stack


def _former(address: str, old_pattern: str, new_pattern: str) -> list[str]:
    """Return what *address* was called, if it is called by *new_pattern*."""
    before, star, after = new_pattern.partition("*")
    if not star:
        return [old_pattern] if address == new_pattern else []
    varying = address[len(before) : len(address) - len(after)]
    if not varying or address != f"{before}{varying}{after}":
        return []
    return [old_pattern.replace("*", varying)]
