"""Settings that stand at several levels of the file: ``defaults``, a service, an environment."""

from collections.abc import Iterator, Mapping, Set
from typing import Any, ClassVar, Self

from pydantic import (
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from keyless_ecs.config.model import Model
from keyless_ecs.config.problems import Location

NONE = "none"
"""The word that puts a key back to its default."""


class Setting(Model):
    """A mapping of settings, each of which a more specific level may say anew.

    The levels are merged key by key, see :meth:`inheriting`. The word ``none``, where it is no
    value of a key itself, puts the key back to its default, so that nothing of it is inherited.
    """

    main_key: ClassVar[str | None] = None
    """The key that is meant where a word, a number or a list stands in place of the mapping."""

    needed: ClassVar[Set[str]] = frozenset()
    """Keys without a default, which one of the levels must say. Until then they are unknown."""

    alternatives: ClassVar[tuple[Set[str], ...]] = ()
    """Groups of keys of which one is meant: a level that says one does not inherit the others."""

    own: ClassVar[Set[str]] = frozenset()
    """Keys that name one thing, which no level inherits."""

    none_is_meant: ClassVar[Set[str]] = frozenset()
    """Keys of which ``none`` is a value. Elsewhere it is none, also where a name may stand."""

    _put_back: set[str] = PrivateAttr(default_factory=set)
    """Fields of which ``none`` is said: they inherit nothing, and say nothing either."""

    @model_validator(mode="wrap")
    @classmethod
    def _nothing_said(cls, value: Any, validated: ModelWrapValidatorHandler[Self]) -> Self:
        setting = validated(value)
        if isinstance(value, Mapping):
            nones = {cls.field_of(key) for key, said in value.items() if said == NONE}
            setting._put_back |= {name for name in nones if setting.__dict__.get(name) != NONE}
            setting.__pydantic_fields_set__.difference_update(setting._put_back)
        return setting

    @model_validator(mode="before")
    @classmethod
    def _word(cls, value: Any) -> Any:
        is_word = isinstance(value, str | int | float | list | tuple) and value != NONE
        if cls.main_key and is_word:
            return {cls.main_key: value}
        return value

    @field_validator("*", mode="wrap")
    @classmethod
    def _none(
        cls, value: Any, validated: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        field = cls.model_fields[str(info.field_name)]
        inevitable = field.is_required() or info.field_name in cls.needed | cls.none_is_meant
        if value != NONE or inevitable:
            return validated(value)
        return _anew(field.get_default(call_default_factory=True))

    def model_post_init(self, _: Any, /) -> None:
        """Make unknown what is needed and not said."""
        for name in self.needed - self.model_fields_set:
            self.__dict__.pop(name, None)

    def inheriting(self, lower: "Setting") -> Self:
        """Return these settings, and for what they leave unsaid those of the *lower* level.

        Mappings, of settings or of names that the user chose, are merged key by key; anything else
        is replaced. What is unknown at the level that says it stays unknown.
        """
        result = self.model_copy()
        result._put_back = set(self._put_back)
        shared = lower._named & type(self).model_fields.keys()
        for name in shared - self.own - self._instead():
            mine = self.__dict__.get(name)
            merged = isinstance(mine, Setting | Mapping) and not isinstance(mine, _Anew)
            if name in self._put_back or (not merged and name in self.model_fields_set):
                continue
            if name in lower._put_back:
                result._put_back.add(name)
            else:
                result.forget(name)
            if name in lower.__dict__:
                theirs = lower.__dict__[name]
                result.__dict__[name] = _over(mine, theirs) if merged else theirs
        return result

    def says(self, *keys: str | int) -> bool:
        """Tell whether this level says a value for *keys*, which lead to it as in the file."""
        part: Any = self
        for key in keys:
            if isinstance(part, Setting):
                name = part.field_of(key)
                if name not in part._named:
                    return False
                part = part.__dict__.get(name)
            elif isinstance(part, Mapping) and key in part:
                part = part[key]
            else:
                return isinstance(part, tuple) and isinstance(key, int) and key < len(part)
        return True

    def lacking(self) -> Iterator[Location]:
        """Yield the keys that lead to what is needed and that no level says."""
        for name in sorted(self.needed - self.model_fields_set):
            yield (name,)
        for name, part in self.__dict__.items():
            key = type(self).model_fields[name].alias or name
            for below, setting in _settings(part):
                for location in setting.lacking():
                    yield (key, *below, *location)

    @property
    def _named(self) -> Set[str]:
        """The fields that stand at this level, with a value or with ``none``."""
        return self.model_fields_set | self._put_back

    def _instead(self) -> Set[str]:
        """Return the keys of which this level says an alternative."""
        said = {name for name in self._named if self.__dict__.get(name, name) is not None}
        unsaid = [group for group in self.alternatives if not group & said]
        one_is_said = len(unsaid) < len(self.alternatives)
        return frozenset[str]().union(*unsaid) if one_is_said else frozenset()


def _anew(default: Any) -> Any:
    """Return *default* as something that says nothing, and inherits nothing."""
    if isinstance(default, Setting):
        fields = type(default).model_fields
        anew = type(default).model_construct(
            set(), **{name: _anew(field.get_default()) for name, field in fields.items()}
        )
        anew._put_back = set(fields)
        return anew
    return _Anew(default) if isinstance(default, Mapping) else default


class _Anew(dict[str, Any]):
    """A mapping that inherits nothing."""


def _over(mine: Any, lower: Any) -> Any:
    """Return *mine* where it says something, else *lower*."""
    if isinstance(mine, Setting) and isinstance(lower, Setting):
        return mine.inheriting(lower)
    if isinstance(mine, _Anew) or not (isinstance(mine, Mapping) and isinstance(lower, Mapping)):
        return mine
    merged = {key: _over(mine[key], value) for key, value in lower.items() if key in mine}
    return {**lower, **mine, **merged}


def _settings(part: Any) -> Iterator[tuple[Location, Setting]]:
    if isinstance(part, Setting):
        yield (), part
    elif isinstance(part, Mapping):
        for key, value in part.items():
            if isinstance(value, Setting):
                yield (key,), value
