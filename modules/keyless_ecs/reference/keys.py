"""Every key that a delivery file may have."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML

from keyless_ecs.config import Delivery, schema
from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.config.setting import Setting
from keyless_ecs.reference.words import Words, words_of
from keyless_ecs.versions import OLDEST

ANY = "*"
"""Stands for a name that the file chooses, as those of services are."""


@dataclass(frozen=True)
class Key:
    """A key of the delivery file: where it stands, and what is said of it."""

    location: tuple[str, ...]
    model: type[BaseModel]
    """That it is a key of."""
    field: FieldInfo
    words: Words
    section: type[BaseModel] | None
    """The model of the keys below it, if any."""
    named: bool
    """Whether names of the file's choice stand between it and those."""

    @property
    def name(self) -> str:
        """The key itself."""
        return self.location[-1]

    @property
    def inside(self) -> tuple[str, ...]:
        """Where the keys below it stand."""
        return (*self.location, ANY) if self.named else self.location

    @property
    def path(self) -> str:
        """The key with all that it stands below: ``services.*.registry.from``."""
        return ".".join(self.location)

    @property
    def annotation(self) -> Any:
        """The type of its value, with every rule."""
        return self.field.rebuild_annotation()

    def is_at(self, place: tuple[str, ...]) -> bool:
        """Tell whether *place* is that of this key, with any names where the file chooses them."""
        return any(
            len(place) == len(location)
            and all(part in (ANY, said) for part, said in zip(location, place, strict=True))
            for location in (self.location, self.inside)
        )

    @property
    def required(self) -> bool:
        """Whether it must be said, be it at one of several levels."""
        needed = self.model.needed if issubclass(self.model, Setting) else ()
        return self.field.is_required() or self.name in needed

    @property
    def default(self) -> str:
        """What holds without it, in Markdown; nothing where it is that of the keys below."""
        if self.required:
            return "*required*"
        if self.words.default is not None:
            return _resolved(self.words.default)
        default = self.field.get_default()
        if isinstance(default, BaseModel):
            return ""
        if default is None or default == "" or default == () or default == {}:
            return "none"
        return f"`{default if isinstance(default, str) else json.dumps(default)}`"

    @property
    def example(self) -> str:
        """A value that it may have, as YAML; nothing where none is known."""
        if self.words.example is not None:
            return self.words.example
        values = _values(self.field.annotation)
        other = [value for value in values if value != self.field.get_default()]
        return json.dumps(other[0]).strip('"') if other else ""

    @property
    def example_value(self) -> Any:
        """The example as data."""
        return YAML(typ="safe").load(self.example)


@cache
def keys() -> tuple[Key, ...]:
    """Return every key, each section after the keys beside it."""
    return tuple(_keys_of(DeliveryFile, ()))


def keys_of(model: type[BaseModel], location: tuple[str, ...] = ()) -> list[Key]:
    """Return the keys of *model* itself, which stands at *location*."""
    return [
        _key(model, name, field, (*location, name))
        for name, field in schema.fields_of(model).items()
    ]


def _key(model: type[BaseModel], name: str, field: FieldInfo, location: tuple[str, ...]) -> Key:
    part = schema.below(model, name)
    if named := schema.is_map(part):
        part = schema.below(part, ANY)
    field_name = next(key for key, value in model.model_fields.items() if value is field)
    words = words_of(model).get(field_name, Words())
    return Key(location, model, field, words, part if schema.is_model(part) else None, named)


def _keys_of(model: type[BaseModel], location: tuple[str, ...]) -> Iterator[Key]:
    found = keys_of(model, location)
    yield from found
    for key in found:
        if key.section:
            yield from _keys_of(key.section, key.inside)


def _values(annotation: Any) -> tuple[Any, ...]:
    """Return the few values that *annotation* admits; none where it admits more."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if annotation is bool or bool in get_args(annotation):
        return (False, True)
    inner = [_values(each) for each in get_args(annotation) if each is not type(None)]
    return inner[0] if len(inner) == 1 else ()


def _resolved(default: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: f"`{_stand_in_for(match[1])}`", default)


def _stand_in_for(name: str) -> str:
    if name.endswith("_provider"):
        return f"~> {OLDEST['cdktf'][name.removesuffix('_provider')]}"
    return str(getattr(_delivery(), name))


@cache
def _delivery() -> Delivery:
    """Return the delivery of a service and an environment that are called so."""
    environment = {"account": "account", "deploy_from": {"branches": ["main"]}}
    file = DeliveryFile.model_validate(
        {
            "version": 1,
            "github": {"owner": "owner"},
            "accounts": {"account": {"id": "123456789012", "region": "us-east-1"}},
            "services": {"service": {"repository": "r", "environments": {"any": environment}}},
        }
    )
    (delivery,) = file.deliveries()
    return replace(delivery, service_key="<service>", environment_key="<environment>")
