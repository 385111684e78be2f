"""The base of every part of the delivery file."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen part of the delivery file that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    credentials: ClassVar[Mapping[str, str]] = {}
    """Keys that would carry a credential, each with the variable that carries it instead."""

    def overridden_by(self, other: Self | None) -> Self:
        """Return a copy in which the settings that *other* names replace these.

        Maps (variables, secrets, tags) are merged key by key; anything else is replaced.
        """
        if other is None:
            return self
        changes = {}
        for name in other.model_fields_set:
            mine, theirs = getattr(self, name), getattr(other, name)
            both_maps = isinstance(mine, Mapping) and isinstance(theirs, Mapping)
            changes[name] = {**mine, **theirs} if both_maps else theirs
        return self.model_copy(update=changes)
