"""The lines of a picture: through the gutters at the right of each column.

All lines to one resource join on the way. Each such bundle goes up or down in a lane of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

LANE, MARGIN = 8, 14
"""From lane to lane, and from the outer ones to the columns."""
APART = 4
"""Half the distance between what comes and what leaves on one side of a row."""

UNTANGLED = 32
"""So many bundles in a gutter are put in order, in a fifth of a second. No eye follows more."""


class Point(NamedTuple):
    """A point of the picture."""

    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """A reference: from the resource that takes a value to the one that has it."""

    source: str
    target: str
    points: tuple[Point, ...]


class Place(NamedTuple):
    """Where a resource stands: in which column, how low, and how far from the column's edges."""

    column: int
    y: float
    from_left: float
    from_right: float


class _End(NamedTuple):
    """Where a line meets the edge of a gutter, and how far the box stands from there."""

    y: float
    at_left: bool
    inset: float


@dataclass(frozen=True)
class Bundle:
    """All lines to one resource in one gutter."""

    target: str
    end: _End
    starts: tuple[tuple[str, _End], ...]

    @property
    def ends(self) -> list[_End]:
        """Where they meet the edges of the gutter."""
        return [self.end, *(start for _, start in self.starts)]

    @property
    def span(self) -> tuple[float, float]:
        """How high and how low they go."""
        heights = [end.y for end in self.ends]
        return min(heights), max(heights)


class _Wanted(NamedTuple):
    gutter: int
    target: str
    comes_at_left: bool
    source: str
    leaves_at_left: bool


def gutters(
    links: Iterable[tuple[str, str]], places: Mapping[str, Place], columns: int
) -> list[list[Bundle]]:
    """Return the bundles in the gutter at the right of each column.

    Links between columns that are not neighbours are left out.

    Args:
        links: Pairs of source and target.
        places: Where each of them stands.
        columns: How many columns there are.
    """
    wanted = []
    for source, target in links:
        here, there = places[source].column, places[target].column
        if abs(here - there) <= 1:
            gutter = min(here, there)
            wanted.append(_Wanted(gutter, target, there == gutter, source, here == gutter))
    leaving = {(link.gutter, link.source, link.leaves_at_left) for link in wanted}
    coming = {(link.gutter, link.target, link.comes_at_left) for link in wanted}

    def end(side: tuple[int, str, bool], shift: float) -> _End:
        _, address, at_left = side
        place = places[address]
        y = place.y + (shift if side in leaving & coming else 0)
        return _End(y, at_left, place.from_right if at_left else place.from_left)

    found: list[list[Bundle]] = [[] for _ in range(columns)]
    for side, group in groupby(sorted(wanted), key=lambda link: link[:3]):
        starts = tuple(
            (link.source, end((link.gutter, link.source, link.leaves_at_left), APART))
            for link in group
        )
        found[side[0]].append(Bundle(side[1], end(side, -APART), starts))
    return [_untangled(gutter) for gutter in found]


def width(gutter: Sequence[Bundle]) -> float:
    """Return how wide a gutter has to be."""
    lanes = max(_lanes(gutter), default=-1) + 1
    return 2 * MARGIN + (lanes - 1) * LANE if lanes else 0


def lines(gutter: Sequence[Bundle], left: float, width: float) -> Iterator[Line]:
    """Yield the lines of a gutter that begins at *left*, in its middle where it is wide."""
    lanes = _lanes(gutter)
    first = left + (width - max(lanes, default=0) * LANE) / 2
    for bundle, lane in zip(gutter, lanes, strict=True):
        x = first + lane * LANE

        def point(end: _End) -> Point:
            return Point(left - end.inset if end.at_left else left + width + end.inset, end.y)

        for source, start in bundle.starts:
            points = (point(start), Point(x, start.y), Point(x, bundle.end.y), point(bundle.end))
            yield Line(source, bundle.target, points)


def _lanes(bundles: Sequence[Bundle]) -> list[int]:
    """Give each bundle the first lane in which it touches no earlier one."""
    taken: list[list[tuple[float, float]]] = []
    lanes = []
    for bundle in bundles:
        low, high = bundle.span
        free = (
            lane
            for lane, spans in enumerate(taken)
            if all(high + LANE < other[0] or other[1] + LANE < low for other in spans)
        )
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        lanes.append(lane)
    return lanes


def _untangled(bundles: Sequence[Bundle]) -> list[Bundle]:
    """Return them in the order whose lanes cross least, as far as swapping neighbours finds it."""
    order = sorted(bundles, key=lambda bundle: (bundle.span[1] - bundle.span[0], bundle.span))
    if len(order) > UNTANGLED:
        return order
    crossings, better = _crossings(order), True
    while better:
        better = False
        for first in range(len(order) - 1):
            swapped = order.copy()
            swapped[first : first + 2] = reversed(swapped[first : first + 2])
            if (count := _crossings(swapped)) < crossings:
                order, crossings, better = swapped, count, True
    return order


def _crossings(bundles: Sequence[Bundle]) -> int:
    """Count where lines cross, and five times where they run over each other."""
    lanes, count = _lanes(bundles), 0
    for bundle, lane in zip(bundles, lanes, strict=True):
        low, high = bundle.span
        for other, other_lane in zip(bundles, lanes, strict=True):
            for end in other.ends:
                passes = lane < other_lane if end.at_left else lane > other_lane
                count += passes and low < end.y < high
                count += 5 * sum(
                    passes and end.at_left != mine.at_left and abs(end.y - mine.y) < APART
                    for mine in bundle.ends
                )
    return count
