"""What a key takes, in words."""

from typing import Any

from pydantic import TypeAdapter

from keyless_ecs.reference.keys import Key

MOST_LISTED = 12
"""Of more values than these, as of AWS's regions, none is listed."""


def values(key: Key) -> str:
    """Return what *key* takes as a sentence in Markdown; nothing where its words must say it."""
    said = "" if key.section else _said(TypeAdapter(key.annotation).json_schema())
    return f"{said[0].upper()}{said[1:]}." if said else ""


def _said(schema: dict[str, Any]) -> str:
    match schema:
        case {"anyOf": [*either]}:
            return " or ".join(filter(None, map(_said, either)))
        case {"enum": [*known]} if len(known) <= MOST_LISTED:
            return f"one of {', '.join(f'`{word}`' for word in known)}"
        case {"const": word}:
            return f"the word `{word}`"
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"{least:,} to {most:,}"
        case {"type": "array", "items": items}:
            return f"a list, each {of}" if (of := _said(items)) else "a list"
        case {"type": "object", "additionalProperties": inner}:
            return f"by name, each {of}" if (of := _said(inner)) else "by name"
        case _:
            return ""
