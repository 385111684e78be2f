"""The base of every part of the delivery file."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict


class UnknownSettingError(AttributeError):
    """What a setting says is not known: it is wrong in the file, and reported for that."""


class Model(BaseModel):
    """A frozen part of the delivery file that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    credentials: ClassVar[Mapping[str, str]] = {}
    """Keys that would carry a credential, each with the variable that carries it instead."""

    def forget(self, field: str) -> None:
        """Make *field* unknown, so that nothing is concluded from what stands in for it."""
        self.__dict__.pop(field, None)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in type(self).model_fields:
                raise UnknownSettingError(name)
            return super().__getattr__(name)

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
