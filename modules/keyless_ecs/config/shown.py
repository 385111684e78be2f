"""Values of a file as messages show them."""

from collections.abc import Mapping

from keyless_ecs.config.credentials import may_be_credential

MAX_LENGTH = 60


def shown(value: object) -> str:
    """Return *value* for a message: short, on one line, and never what may be a credential."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        # repr escapes what does not print, and what turns the direction of text.
        return "the value" if may_be_credential(value) else repr(_short(value))
    text = getattr(value, "text", None)
    return _short(text if isinstance(text, str) else str(value).lower())


def as_name(part: str | int) -> str:
    """Return a key for a place in a message, in the same way and without quotes."""
    text = str(part)
    if may_be_credential(text):
        return "…"
    return _short(text) if text.isprintable() else repr(_short(text))[1:-1]


def _short(text: str) -> str:
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"
