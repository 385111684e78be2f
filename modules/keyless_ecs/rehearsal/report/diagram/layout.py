"""Where everything stands in the picture of a stack.

The delivery goes through four parts: GitHub, the pipeline's role, the registry, the service. What
the service runs with stands beside them. A resource stands below the one that it belongs to, and
every other reference is a line. All in three columns, or in one for a narrow page.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from keyless_ecs.rehearsal.report.diagram import routes
from keyless_ecs.rehearsal.report.diagram.routes import Line, Place, Point
from keyless_ecs.review import parts
from keyless_ecs.review.graph import Resource
from keyless_ecs.review.parts import GITHUB, PARTS, REGISTRY, ROLE, SERVICE, Part

PART_WIDTH, PART_PADDING, HEADER, GAP, FLOW_GAP = 284, 12, 34, 16, 46
TYPE_LINE, NAME_LINE, BOX_PADDING, BOX_GAP, INDENT = 14, 16, 8, 8, 14
TYPE_LETTER, NAME_LETTER = 6.05, 6.95
"""Widths of a letter of a fixed-width font, 10 and 11.5 units high."""
_WORD_END = re.compile(r"_|[a-z](?=[A-Z])")
FLOW_LABEL = 96
"""How wide a gutter is at least where the delivery crosses it."""


FLOW = {GITHUB: "", ROLE: "OIDC token", REGISTRY: "pushes", SERVICE: "deploys"}
"""The way of a delivery, and what happens on the way into each part."""


@dataclass(frozen=True)
class Row:
    """A resource in a box: its name, cut into lines that fit."""

    resource: Resource
    lines: tuple[str, ...]
    y: float
    """The middle of its first line."""


@dataclass(frozen=True)
class Box:
    """A resource, or several alike that belong to the same one."""

    kind: tuple[str, ...]
    """Their type, cut into lines that fit."""
    rows: tuple[Row, ...]
    is_data: bool
    x: float
    y: float
    width: float
    height: float
    hangs_from: Point | None
    """The lower corner of the box of the resource that they belong to."""


@dataclass(frozen=True)
class Room:
    """A part where it stands, with its boxes."""

    part: Part
    x: float
    y: float
    height: float
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Arrow:
    """A step of the delivery from part to part."""

    label: str
    start: Point
    end: Point


@dataclass(frozen=True)
class Picture:
    """Everything, with the size of the whole."""

    width: float
    height: float
    rooms: tuple[Room, ...]
    lines: tuple[Line, ...]
    arrows: tuple[Arrow, ...]


def lay_out(resources: Sequence[Resource], *, narrow: bool = False) -> Picture:
    """Place the resources of one stack.

    A reference between two columns that are not neighbours is left out.

    Args:
        resources: Each with its references, see :mod:`keyless_ecs.review.graph`.
        narrow: Whether all stands in one column.
    """
    owners = parts.owners(resources)
    members: dict[Part, list[Resource]] = defaultdict(list)
    for resource in resources:
        members[parts.part(resource.address, owners)].append(resource)
    # Without an image registry or a GitHub of its own, a stack has fewer columns.
    used = sorted({part.column for part in members})
    columns: list[list[Room]] = [[] for _ in used[: 1 if narrow else None]]
    for part in PARTS:
        if part in members:
            column = columns[0 if narrow else used.index(part.column)]
            y = 0.0
            if column:
                joined = part in FLOW and column[-1].part in FLOW
                y = column[-1].y + column[-1].height + (FLOW_GAP if joined else GAP)
            column.append(_room(part, members[part], owners, y))

    places = {
        row.resource.address: Place(index, row.y, box.x, PART_PADDING)
        for index, column in enumerate(columns)
        for room in column
        for box in room.boxes
        for row in box.rows
    }
    links = [
        (resource.address, target)
        for resource in resources
        for target in resource.references
        if target in places and not _is_drawn_as_tree(resource.address, target, owners)
    ]
    gutters = routes.gutters(links, places, len(columns))
    widths = [routes.width(gutter) for gutter in gutters]
    flow = [part for part in FLOW if part in members]
    if not narrow and len(flow) > 1 and flow[0] is GITHUB:
        widths[0] = max(widths[0], FLOW_LABEL)
    left = [index * PART_WIDTH + sum(widths[:index]) for index in range(len(columns))]
    rooms = tuple(
        _moved(room, x) for x, column in zip(left, columns, strict=True) for room in column
    )
    return Picture(
        width=sum(widths) + PART_WIDTH * len(columns),
        height=max((room.y + room.height for room in rooms), default=0),
        rooms=rooms,
        lines=tuple(
            line
            for x, gutter, width in zip(left, gutters, widths, strict=True)
            for line in routes.lines(gutter, x + PART_WIDTH, width)
        ),
        arrows=tuple(_arrows(flow, rooms)),
    )


def _is_drawn_as_tree(source: str, target: str, owners: Mapping[str, str]) -> bool:
    return owners.get(source) == target or owners.get(target) == source


def _room(part: Part, members: Iterable[Resource], owners: Mapping[str, str], y: float) -> Room:
    """Return the part with its boxes one below another, at the left edge."""
    below: dict[str | None, list[Resource]] = defaultdict(list)
    for resource in sorted(members, key=lambda member: (member.type, member.address)):
        below[owners.get(resource.address)].append(resource)
    boxes: list[Box] = []

    def place(owner: str | None, depth: int, hangs_from: Point | None) -> None:
        def alike(resource: Resource) -> tuple[str, bool, str]:
            alone = resource.address if resource.address in below else ""
            return resource.type, resource.is_data, alone

        for (type_, is_data, _), group in groupby(below[owner], key=alike):
            x = PART_PADDING + depth * INDENT
            top = boxes[-1].y + boxes[-1].height + BOX_GAP if boxes else y + HEADER
            box = _box(f"{'data.' * is_data}{type_}", list(group), x, top, hangs_from)
            boxes.append(box)
            for row in box.rows:
                if row.resource.address in below:
                    corner = Point(x + INDENT / 2, top + box.height)
                    place(row.resource.address, depth + 1, corner)

    place(None, 0, None)
    return Room(part, 0, y, boxes[-1].y + boxes[-1].height + PART_PADDING - y, tuple(boxes))


def _box(
    type_: str, resources: Sequence[Resource], x: float, y: float, hangs_from: Point | None
) -> Box:
    width = PART_WIDTH - PART_PADDING - x
    room = width - 2 * BOX_PADDING
    kind = _cut(type_, room, TYPE_LETTER)
    bottom = y + BOX_PADDING + TYPE_LINE * len(kind)
    rows = []
    for resource in resources:
        lines = _cut(resource.name, room, NAME_LETTER)
        rows.append(Row(resource, lines, bottom + NAME_LINE / 2))
        bottom += NAME_LINE * len(lines)
    return Box(
        kind=kind,
        rows=tuple(rows),
        is_data=resources[0].is_data,
        x=x,
        y=y,
        width=width,
        height=bottom + BOX_PADDING - y,
        hangs_from=hangs_from,
    )


def _cut(text: str, width: float, letter: float) -> tuple[str, ...]:
    """Cut *text* into lines, between two words where there are some; all but the first indented."""
    letters, later = int(width / letter), int((width - INDENT) / letter)
    lines = []
    while len(text) > letters:
        ends = [word.end() for word in _WORD_END.finditer(text, 0, letters)]
        at = ends[-1] if ends and ends[-1] > letters // 2 else letters
        lines.append(text[:at])
        text = text[at:]
        letters = later
    return (*lines, text)


def _moved(room: Room, x: float) -> Room:
    def moved(box: Box) -> Box:
        corner = box.hangs_from
        return replace(
            box, x=box.x + x, hangs_from=Point(corner.x + x, corner.y) if corner else None
        )

    return replace(room, x=x, boxes=tuple(map(moved, room.boxes)))


def _arrows(flow: Sequence[Part], rooms: Sequence[Room]) -> Iterator[Arrow]:
    """Join the parts of the delivery, down a column or from head to head."""
    places = {room.part: room for room in rooms}
    for one, other in pairwise(flow):
        start, end = places[one], places[other]
        if start.x == end.x:
            x = start.x + PART_PADDING + INDENT
            points = Point(x, start.y + start.height), Point(x, end.y)
        else:
            y = HEADER / 2
            points = Point(start.x + PART_WIDTH, start.y + y), Point(end.x, end.y + y)
        yield Arrow(FLOW[other], *points)
