"""Where in the delivery file a value of the finished JSON came from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from keyless_ecs.config.model import Model
from keyless_ecs.config.problems import Location


class Origin:
    """The parts of the delivery file that one stack is made from, the nearest first.

    Args:
        base: The place of the stack's own part, where a value is said to be that is found nowhere.
        parts: Each part with its place.
    """

    def __init__(self, base: Location, parts: Sequence[tuple[Location, Model]]) -> None:
        self._base = base
        self._parts = parts

    def of(self, values: Sequence[str]) -> Location:
        """Return where one of *values* stands, as it is or as a part; else the stack's own part."""
        for fits in (str.__eq__, str.__contains__):
            for value in values:
                for place, part in self._parts:
                    for location, text in _texts(part, place):
                        is_key = location[-1] == text
                        if text and fits(value, text) and (is_key or location[-1] not in _DULL):
                            return location
        return self._base


_DULL = {"account", "region", "id", "owner", "repository"}
"""What stands inside many derived values, and is seldom what is wrong with them."""


def _texts(value: Any, place: Location) -> Iterator[tuple[Location, str]]:
    """Yield the texts below *value*, keys of maps among them, each with its place."""
    if isinstance(value, Model):
        fields = type(value).model_fields
        set_here = {
            fields[name].alias or name: getattr(value, name)
            for name in fields
            if name in value.model_fields_set and name != "environments"
        }
        for key, below in set_here.items():
            yield from _texts(below, (*place, key))
    elif isinstance(value, Mapping):
        for key, below in value.items():
            yield (*place, key), key
            yield from _texts(below, (*place, key))
    elif isinstance(value, tuple | list):
        for position, below in enumerate(value):
            yield from _texts(below, (*place, position))
    elif isinstance(value, str):
        yield place, value
