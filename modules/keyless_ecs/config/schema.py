"""What the models say about a place in a document."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from keyless_ecs.config.problems import Location


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of *model* by the keys that a document has for them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def below(part: Any, key: str) -> Any:
    """Return what describes the value of *key* in *part*: a model, a mapping or a scalar type."""
    part = get_args(part)[-1] if is_map(part) else fields_of(part)[key].annotation
    while get_origin(part) is not None and not is_map(part):
        part = next(arg for arg in get_args(part) if arg is not type(None))
    return part


def part_at(location: Location, model: type[BaseModel]) -> Any:
    """Return what describes the part of a document of *model* at *location*."""
    part: Any = model
    for key in location:
        if isinstance(key, str):  # a list was entered with its key
            part = below(part, key)
    return part


def is_map(part: Any) -> bool:
    """Tell whether *part* describes a mapping of any keys."""
    origin = get_origin(part)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def is_model(part: Any) -> bool:
    """Tell whether *part* describes a mapping of certain keys."""
    return isinstance(part, type) and issubclass(part, BaseModel)
