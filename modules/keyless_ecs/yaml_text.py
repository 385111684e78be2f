"""Data as the YAML that this program writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString


@dataclass(frozen=True)
class Noted:
    """A value of a mapping with a comment behind it."""

    value: str
    note: str


def to_yaml(value: Any, *, words_in_line: bool = False) -> str:
    """Return *value* in block style, text of several lines as it is.

    With *words_in_line* a list stands in one line where no mapping is in it.
    """
    writer = YAML()
    writer.width = 1000
    writer.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    writer.dump(_node(value, words_in_line=words_in_line), text)
    return text.getvalue()


def _node(value: Any, *, words_in_line: bool) -> Any:
    if isinstance(value, Mapping):
        node = CommentedMap()
        for key, item in value.items():
            if isinstance(item, Noted):
                node[key] = item.value
                node.yaml_add_eol_comment(item.note, key, column=0)
            else:
                node[key] = _node(item, words_in_line=words_in_line)
        return node
    if isinstance(value, list | tuple):
        items = CommentedSeq(_node(item, words_in_line=words_in_line) for item in value)
        if words_in_line and not any(isinstance(item, Mapping) for item in value):
            items.fa.set_flow_style()
        return items
    return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value
