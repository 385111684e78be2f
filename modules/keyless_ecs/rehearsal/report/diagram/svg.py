"""The picture of a stack as SVG, for a page or by itself, in light and dark."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from keyless_ecs.rehearsal.report.diagram.layout import (
    BOX_PADDING,
    HEADER,
    INDENT,
    NAME_LINE,
    PART_PADDING,
    PART_WIDTH,
    TYPE_LINE,
    Arrow,
    Box,
    Picture,
    Room,
    lay_out,
)
from keyless_ecs.rehearsal.report.diagram.routes import Line, Point
from keyless_ecs.review.graph import Resource

# A page may set --ink, --muted and so on; by itself, the picture has colours of its own.
_STYLE = """
.picture { --_ink: var(--ink, #1b1f24); --_muted: var(--muted, #59636e);
  --_faint: var(--faint, #c9ced4); --_panel: var(--panel, #f5f6f7); --_paper: var(--paper, #fff);
  --_accent: var(--accent, #0b57d0);
  font-family: ui-sans-serif, system-ui, sans-serif }
@media (prefers-color-scheme: dark) { .picture { --_ink: var(--ink, #e6e8eb);
  --_muted: var(--muted, #9aa4ae); --_faint: var(--faint, #454d56); --_panel: var(--panel, #1d2126);
  --_paper: var(--paper, #14171a);
  --_accent: var(--accent, #8ab4f8) } }
.picture text { fill: var(--_ink) }
.picture .part { fill: var(--_panel) }
.picture .title { font-size: 12.5px; font-weight: 600 }
.picture .box { fill: var(--_paper); stroke: var(--_faint) }
.picture .data { stroke-dasharray: 3 3 }
.picture .kind, .picture .name {
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
.picture .kind { font-size: 10px; fill: var(--_muted) }
.picture .name { font-size: 11.5px }
.picture .tree { fill: none; stroke: var(--_faint) }
.picture .line { fill: none; stroke: var(--_muted); stroke-opacity: .65 }
.picture .head { fill: var(--_muted) }
.picture .flow { fill: none; stroke: var(--_accent); stroke-width: 2 }
.picture .flow-head { fill: var(--_accent) }
.picture .label { font-size: 11.5px; font-weight: 600; fill: var(--_accent) }
"""
_CORNER = 4


def svg(resources: Sequence[Resource], *, label: str, narrow: bool = False) -> str:
    """Draw one stack. The same resources give the same text.

    Args:
        resources: What stands in it, as :func:`~keyless_ecs.review.graph.resources` returns it.
        label: What the picture shows, for those who do not see it.
        narrow: Whether all stands in one column, for a phone.
    """
    picture = lay_out(resources, narrow=narrow)
    width, height = _number(picture.width), _number(picture.height)
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" '
            f'aria-label="{escape(label)}" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}">',
            f"<style>{_STYLE}</style>",
            *_parts(picture),
            "</svg>\n",
        ]
    )


def _parts(picture: Picture) -> Iterator[str]:
    for room in picture.rooms:
        yield from _room(room)
    for line in picture.lines:
        yield from _line(line)
    for arrow in picture.arrows:
        yield from _arrow(arrow)


def _room(room: Room) -> Iterator[str]:
    yield (
        f'<rect class="part" x="{_number(room.x)}" y="{_number(room.y)}" rx="8" '
        f'width="{PART_WIDTH}" height="{_number(room.height)}"/>'
    )
    middle = room.y + HEADER / 2 + 5
    yield _text("title", Point(room.x + PART_PADDING, middle), room.part.title)
    for box in room.boxes:
        yield from _box(box)


def _box(box: Box) -> Iterator[str]:
    if box.hangs_from:
        x, y = box.hangs_from
        first = box.y + BOX_PADDING + TYPE_LINE / 2
        yield (
            f'<path class="tree" d="M{_number(x)} {_number(y)}V{_number(first)}H{_number(box.x)}"/>'
        )
    yield (
        f'<rect class="box{" data" if box.is_data else ""}" x="{_number(box.x)}" '
        f'y="{_number(box.y)}" rx="4" width="{_number(box.width)}" height="{_number(box.height)}"/>'
    )
    x = box.x + BOX_PADDING
    for index, line in enumerate(box.kind):
        at = Point(x + INDENT * bool(index), box.y + BOX_PADDING + 9 + index * TYPE_LINE)
        yield _text("kind", at, line)
    for row in box.rows:
        uses = ", ".join(row.resource.references)
        title = f"{row.resource.address}{' uses ' * bool(uses)}{uses}"
        yield f'<g data-address="{escape(row.resource.address)}"><title>{escape(title)}</title>'
        for index, line in enumerate(row.lines):
            at = Point(x + INDENT * bool(index), row.y + 4 + index * NAME_LINE)
            yield _text("name", at, line)
        yield "</g>"


def _line(line: Line) -> Iterator[str]:
    yield f'<path class="line" d="{_rounded(line.points)}"/>'
    yield _head("head", line.points[-2], line.points[-1], 6)


def _arrow(arrow: Arrow) -> Iterator[str]:
    start, end = arrow.start, arrow.end
    yield f'<path class="flow" d="{_rounded((start, end))}"/>'
    yield _head("flow-head", start, end, 9)
    if start.x == end.x:
        yield _text("label", Point(start.x + 12, (start.y + end.y) / 2 + 4), arrow.label)
    else:
        middle = Point((start.x + end.x) / 2 - 3, start.y + 17)
        yield _text("label", middle, arrow.label, anchor="middle")


def _rounded(points: Sequence[Point]) -> str:
    """Return a path along *points* that turns in small curves."""
    first, *corners, last = dict.fromkeys(points)
    path = [f"M{_number(first.x)} {_number(first.y)}"]
    before = first
    for corner, after in pairwise([*corners, last]):
        room = min(_CORNER, _distance(before, corner) / 2, _distance(corner, after) / 2)
        enters, leaves = _towards(corner, before, room), _towards(corner, after, room)
        path.append(
            f"L{_number(enters.x)} {_number(enters.y)}"
            f"Q{_number(corner.x)} {_number(corner.y)} {_number(leaves.x)} {_number(leaves.y)}"
        )
        before = corner
    return "".join([*path, f"L{_number(last.x)} {_number(last.y)}"])


def _distance(one: Point, other: Point) -> float:
    return abs(one.x - other.x) + abs(one.y - other.y)


def _towards(start: Point, end: Point, length: float) -> Point:
    part = length / (_distance(start, end) or 1)
    return Point(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part)


def _head(class_: str, before: Point, tip: Point, size: float) -> str:
    """Return the head of an arrow that comes from *before*, straight along one of the axes."""
    back = _towards(tip, before, size)
    across = size / 2
    aside = (0.0, across) if back.y == tip.y else (across, 0.0)
    corners = [
        tip,
        Point(back.x + aside[0], back.y + aside[1]),
        Point(back.x - aside[0], back.y - aside[1]),
    ]
    path = "L".join(f"{_number(corner.x)} {_number(corner.y)}" for corner in corners)
    return f'<path class="{class_}" d="M{path}Z"/>'


def _text(class_: str, at: Point, text: str, *, anchor: str = "start") -> str:
    return (
        f'<text class="{class_}" x="{_number(at.x)}" y="{_number(at.y)}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
