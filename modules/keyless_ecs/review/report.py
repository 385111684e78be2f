"""What a plan does, as a page in Markdown: what goes, who gets in, what is billed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from keyless_ecs.plans.matters import MATTERS
from keyless_ecs.review import access
from keyless_ecs.review.facts import NOT_IN_A_STACK, fact
from keyless_ecs.review.markdown import bullets
from keyless_ecs.review.plan import CREATE, DELETE, FORGET, REPLACE, UPDATE, Change


class Concern(Enum):
    """A reason to look twice, by the word under which a policy names it."""

    LOSS = "loss"
    ACCESS = "access"
    COST = "cost"


_VERBS = {CREATE: "create", UPDATE: "change", REPLACE: "replace", DELETE: "destroy"}
_VERBS |= {FORGET: "forget"}


@dataclass(frozen=True)
class Review:
    """What was found in a plan: its page, and what of it is of concern."""

    text: str
    concerns: frozenset[Concern]


def review(changes: Sequence[Change]) -> Review:
    """Return what *changes* do, in the order in which whoever approves them has to know it."""
    sections = {
        "Destroyed or replaced": list(_losses(changes)),
        "Who gains access": list(_by_resource(changes, access.gained)),
        "Who loses access": list(_by_resource(changes, access.lost)),
        "What begins to cost": list(_bills(changes, begins=True)),
        "What ends to cost": list(_bills(changes, begins=False)),
    }
    concerns = {
        concern
        for concern, title in (
            (Concern.ACCESS, "Who gains access"),
            (Concern.COST, "What begins to cost"),
        )
        if sections[title]
    }
    if any(change.ends and change.type in MATTERS for change in changes):
        concerns.add(Concern.LOSS)
    return Review("\n".join(_page(changes, sections)) + "\n", frozenset(concerns))


def _page(changes: Sequence[Change], sections: dict[str, list[str]]) -> Iterator[str]:
    yield f"**{_counted(changes)}**"
    for title, lines in sections.items():
        if lines:
            yield from ("", f"### {title}", "", *lines)
            if title == "What begins to cost":
                yield from ("", NOT_IN_A_STACK)
    if rest := list(_rest(changes)):
        yield from ("", "### All of it", "", *rest)


def _counted(changes: Sequence[Change]) -> str:
    counts = [
        f"{number} to {verb}"
        for action, verb in _VERBS.items()
        if (number := sum(change.action == action for change in changes))
    ]
    if imported := sum(change.imported for change in changes):
        counts.append(f"{imported} to import")
    return ", ".join(counts) or "No changes"


def _losses(changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        if not change.ends:
            continue
        does = "is replaced" if change.action == REPLACE else "is destroyed"
        why = f", for its {', '.join(change.because)}" if change.because else ""
        matter = MATTERS.get(change.type)
        yield (
            f"- {'**' if matter else ''}{fact(change.type).what} `{change.address}` {does}"
            f"{'**' if matter else ''}{why}{f': {matter.loses}' if matter else ''}"
        )


def _by_resource(changes: Sequence[Change], said: access.Reader) -> Iterator[str]:
    for change in changes:
        if lines := list(said(change)):
            yield f"- {fact(change.type).what} `{change.address}`"
            for line in lines:
                yield from bullets(line)


def _bills(changes: Sequence[Change], *, begins: bool) -> Iterator[str]:
    """Yield what is billed from now on, or no longer. A replacement goes on as it was."""
    for change in changes:
        bills = fact(change.type).bills
        before, after = (bills(body) if body else None for body in (change.before, change.after))
        said = after if begins else before
        if said and before != after:
            yield f"- {fact(change.type).what} `{change.address}`: {said}"


def _rest(changes: Sequence[Change]) -> Iterator[str]:
    """Yield every change, counted by what it is and what is done to it."""
    counted: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        counted.setdefault((change.action, fact(change.type).what), []).append(change.address)
    for (action, what), addresses in sorted(counted.items()):
        names = ", ".join(f"`{address.partition('.')[2]}`" for address in addresses)
        yield f"- {_VERBS.get(action, 'import')} {what}: {names}"
