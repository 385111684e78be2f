"""Changes to the text of an ``atlantis.yaml`` that leave alone what need not change.

A YAML library that writes a whole file again moves comments and changes spacing. This reads the
file as YAML, for the places of things, and then cuts out of its text or puts into it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, SequenceNode

from keyless_ecs.atlantis.projects import Project, to_yaml

_ALIAS = re.compile(r"\s*:\s*\*[^\s,]+")


@dataclass(frozen=True)
class _Edit:
    """Characters *start* to *end* of a text, and what shall stand there."""

    start: int
    end: int
    text: str


def data_of(text: str) -> Any:
    """Return what *text* says, as plain data."""
    return YAML(typ="safe", pure=True).load(text)


def spliced(
    text: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    items: Sequence[Project | None],
    added: Sequence[Project],
) -> str:
    """Return *text* as it shall be.

    What cannot be edited this way (a file in one line, aliases for what changes) comes out wrong
    or unreadable: the caller compares what the result says with what it shall say.

    Args:
        text: The file, which says *before*, a mapping.
        before: What it says.
        after: What it shall say, ``projects`` apart where the file has that key.
        items: For each of its projects what shall stand there, None where it goes.
        added: The projects that come behind them.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    text = text if text.endswith("\n") else text + newline
    root = YAML(typ="safe", pure=True).compose(text)
    edits = list(_mapping(text, root, before, after))
    if pair := _pair(root, "projects"):
        # Where both insert at one place, what lies deeper comes first.
        edits = [*_projects(text, *pair, before["projects"] or [], items, added), *edits]
    # From the back, so that what is still to be edited stays where it was found.
    for _, edit in sorted(
        enumerate(edits), key=lambda e: (e[1].start, e[1].end, e[0]), reverse=True
    ):
        text = text[: edit.start] + edit.text.replace("\n", newline) + text[edit.end :]
    return text


def _mapping(
    text: str, node: MappingNode, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[_Edit]:
    """Yield the edits that turn a mapping which says *before* into one that says *after*."""
    if node.flow_style:
        value = to_yaml(after, flow=True).rstrip("\n")
        yield _Edit(node.start_mark.index, node.end_mark.index, value)
        return
    column = node.value[0][0].start_mark.column
    missing = {}
    for key, value in after.items():
        if key in before and before[key] == value:
            continue
        if (pair := _pair(node, key)) is None:
            missing[key] = value
        elif isinstance(value, dict) and isinstance(pair[1], MappingNode) and not _alias(*pair):
            yield from _mapping(text, pair[1], before[key], value)
        else:
            lines = _indented(to_yaml({key: value}), column)
            yield _Edit(pair[0].start_mark.index, _end(text, *pair), lines.strip())
    if missing:
        at = _next_line(text, _end(text, node))
        yield _Edit(at, at, _indented(to_yaml(missing), column))


def _projects(
    text: str,
    key: Node,
    node: Node,
    before: Sequence[Project],
    items: Sequence[Project | None],
    added: Sequence[Project],
) -> Iterator[_Edit]:
    """Yield the edits of the list of projects, of which *node* is the value of *key*."""
    column = key.start_mark.column + 2
    if isinstance(node, SequenceNode) and not node.flow_style:
        column = node.start_mark.column
        for item, old, new in zip(node.value, before, items, strict=True):
            if new is None:
                start = _dash(text, item.start_mark.index, column)
                yield _Edit(start, _next_line(text, _end(text, item)), "")
            elif new != old:
                yield from _mapping(text, item, old, new)
    elif not before and isinstance(node, SequenceNode):  # projects: []
        colon = len(text[: node.start_mark.index].rstrip())
        yield _Edit(colon, node.end_mark.index, "")
    if added:
        at = _next_line(text, _end(text, key, node))
        blocks = [_indented(to_yaml(project), column + 2) for project in added]
        dash = " " * column + "- "
        yield _Edit(at, at, "".join(dash + block[len(dash) :] for block in blocks))


def _pair(node: MappingNode, key: str) -> tuple[Node, Node] | None:
    return next((pair for pair in node.value if pair[0].value == key), None)


def _alias(key: Node, value: Node) -> bool:
    """Tell whether *value* stands elsewhere, above its *key*."""
    return bool(value.start_mark.index < key.start_mark.index)


def _end(text: str, *nodes: Node) -> int:
    """Return where the last of *nodes* ends, without the blanks and comments behind it."""
    ends = []
    for node in nodes:
        if isinstance(node, CollectionNode) and node.value and not node.flow_style:
            last = node.value[-1]
            ends.append(_end(text, *last) if isinstance(last, tuple) else _end(text, last))
        else:
            ends.append(len(text[: node.end_mark.index].rstrip()))
    if len(nodes) == 2 and _alias(*nodes):
        alias = _ALIAS.match(text, nodes[0].end_mark.index)
        return alias.end() if alias else ends[0]
    return max(ends)


def _next_line(text: str, at: int) -> int:
    return text.index("\n", at) + 1


def _dash(text: str, at: int, column: int) -> int:
    """Return the start of the line whose dash begins the item at *at*."""
    start = text.rfind("\n", 0, at) + 1
    while start and text[start : start + column + 1].strip() != "-":
        start = text.rfind("\n", 0, start - 1) + 1
    return start


def _indented(lines: str, column: int) -> str:
    return "".join(" " * column + line for line in lines.splitlines(keepends=True))
