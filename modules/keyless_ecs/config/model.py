"""The base of every part of the delivery file."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict


class UnknownSettingError(AttributeError):
    """What a setting says is not known: it is wrong in the file, and reported for that."""


class Model(BaseModel):
    """A frozen part of the delivery file that refuses keys it does not know."""

    # Built with the file that it is a part of: to build each of fifty parts alone as well takes a
    # fifth of a run.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    credentials: ClassVar[Mapping[str, str]] = {}
    """Keys that would carry a credential, each with the variable that carries it instead."""

    @classmethod
    def field_of(cls, key: str | int) -> str:
        """Return the name of the field that stands under *key* in the file."""
        fields = cls.model_fields
        return next((name for name, field in fields.items() if field.alias == key), str(key))

    def forget(self, field: str) -> None:
        """Make *field* unknown, so that nothing is concluded from what stands in for it."""
        self.__dict__.pop(field, None)
        self.__pydantic_fields_set__.add(field)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in type(self).model_fields:
                raise UnknownSettingError(name)
            return super().__getattr__(name)
