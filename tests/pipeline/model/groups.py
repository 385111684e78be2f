"""Concurrency groups of a repository.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#concurrency
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(eq=False)
class Entry:
    """A run or job that holds a group, or waits for it."""

    name: str
    run: int
    taken: Callable[[], None]
    """Called when it gets the group."""
    cancelled: Callable[[int | None], None]
    """Called with the run that takes its place in the queue, or with none where that is full."""


@dataclass
class Group:
    """One entry at a time, and those that wait."""

    holder: Entry | None = None
    pending: list[Entry] = field(default_factory=list)


@dataclass
class Groups:
    """The groups by name: one space for runs and jobs of all workflows, and without case.

    Args:
        bound: How many may be pending with ``queue: max``: 100 on GitHub.
        queues: Whether that exists: not on Enterprise Server.
    """

    bound: int
    queues: bool = True
    groups: dict[str, Group] = field(default_factory=dict)

    def enter(self, name: str, entry: Entry, queue: str) -> None:
        """Let an entry take the group, or wait for it.

        With the default, ``queue: single``, one may wait, and a newcomer cancels it. With ``max``
        the newcomer is cancelled where no more may wait.
        """
        if queue == "max" and not self.queues:
            raise ValueError("GitHub Enterprise Server refuses queue")
        group = self.groups.setdefault(name.lower(), Group())
        if group.holder is None:
            group.holder = entry
            entry.taken()
        elif queue == "max" and len(group.pending) >= self.bound:
            entry.cancelled(None)
        else:
            displaced = group.pending if queue == "single" else []
            group.pending = [entry] if queue == "single" else [*group.pending, entry]
            for other in displaced:
                other.cancelled(entry.run)

    def leave(self, entry: Entry) -> None:
        """Take an entry out of its group: the first that waits takes it."""
        for group in self.groups.values():
            if entry in group.pending:
                group.pending.remove(entry)
            if group.holder is entry:
                group.holder = group.pending.pop(0) if group.pending else None
                if group.holder:
                    group.holder.taken()
