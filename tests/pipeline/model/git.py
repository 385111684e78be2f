"""A Git repository: commits with a partial order, and the refs that name some of them."""

from dataclasses import dataclass, field


@dataclass
class Git:
    """Commits by name, each with its parent, and refs."""

    parents: dict[str, str | None] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    collected: set[str] = field(default_factory=set)
    """Those that GitHub no longer knows: nothing named them, and it cleaned up."""

    def commit(self, parent: str | None) -> str:
        """Make a commit upon *parent*, and return its name."""
        name = f"c{len(self.parents) + 0xA0:039x}"
        self.parents[name] = parent
        return name

    def line(self, commit: str) -> list[str]:
        """Return *commit* and its ancestors, the youngest first."""
        found: list[str] = []
        at: str | None = commit
        while at is not None:
            found.append(at)
            at = self.parents[at]
        return found

    def precedes(self, older: str, newer: str) -> bool:
        """Say whether *older* is an ancestor of *newer*, and not the same."""
        return older != newer and older in self.line(newer)

    def compare(self, base: str, head: str) -> str | None:
        """Return what GitHub says of *head* as seen from *base*; None where it knows one not.

        https://docs.github.com/en/rest/commits/commits#compare-two-commits
        """
        if not {base, head} <= set(self.parents) - self.collected:
            return None
        if base == head:
            return "identical"
        if self.precedes(base, head):
            return "ahead"
        return "behind" if self.precedes(head, base) else "diverged"

    def collect(self) -> None:
        """Forget what no ref leads to."""
        kept = {commit for ref in self.refs.values() for commit in self.line(ref)}
        self.collected = set(self.parents) - kept
