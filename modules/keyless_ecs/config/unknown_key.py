"""What is said of a key that no part of the delivery file has."""

import difflib
import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from keyless_ecs.config import schema
from keyless_ecs.config.environment import Environment
from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.config.service import Service
from keyless_ecs.config.settings import Settings
from keyless_ecs.config.shown import as_name
from keyless_ecs.config.text import use_one_of
from keyless_ecs.config.words import HERE, INSTEAD

_NEAR = 0.75
"""How alike two keys are of which one may be the other, misspelt: of ``profile`` and ``lock_file``,
which are not, it is 0.62."""
_FEW = 3


def mend(part: Any, key: str, value: Any) -> str:
    """Say what to do about *key*, which *part* of the file does not have.

    A key is guessed only where it would take this *value*: what is spelled alike may mean another
    thing.
    """
    if key in part.credentials:
        return (
            "a credential never stands in this file; "
            f"leave it out and set {part.credentials[key]} where Terraform runs"
        )
    if _is_above_environments(part) and key in Environment.model_fields:
        return "unknown key here; it stands in an environment alone"
    fields = schema.fields_of(part)
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|-", "_", key).lower()
    if word != key and word in fields:
        return f'unknown key; did you mean "{as_name(word)}"?'
    taking = [name for name, field in fields.items() if _takes(field, value)]
    near = difflib.get_close_matches(key[:100], taking, n=1, cutoff=_NEAR)
    path, instead = _own(HERE, part, word), _own(INSTEAD, part, word)
    if not path and not instead:
        path, instead = HERE.get(word), INSTEAD.get(word)
    # What is known of the word is better than a guess, unless that differs by an s alone.
    if near and (near[0] == f"{key}s" or not (path or instead)):
        return f'unknown key; did you mean "{as_name(near[0])}"?'
    if f"{word}s" in fields and not path:
        return f'unknown key; use "{word}s"'
    if path:
        above, _, name = path.rpartition(".")
        if name in fields and (not above or part in _parts(above)):
            return f'unknown key; use "{name}"'
        return f"unknown key; here it is {_written(path)}"
    if instead:
        return f"unknown key, not offered; {instead}"
    if part is DeliveryFile and word in schema.fields_of(Settings):
        return f"unknown key here; it stands in defaults: {{{word}: …}}, or below services"
    places = [*_paths(part, word)] or [*_paths(Settings, word)]
    if part is not DeliveryFile and 0 < len(places) <= _FEW:
        return f"unknown key here; it stands in {' or '.join(map(_written, places))}"
    return f"unknown key; {use_one_of(fields)}"


def _is_above_environments(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, Settings) and part is not Environment


def _paths(part: type[BaseModel], key: str, above: str = "") -> Iterator[str]:
    """Yield the paths below *part* that end with *key*."""
    for name in schema.fields_of(part):
        path = f"{above}{name}"
        if name == key:
            yield path
        below = schema.below(part, name)
        if schema.is_model(below) and not issubclass(below, Environment):
            yield from _paths(below, key, f"{path}.")


def _own(words: Mapping[str, str], part: Any, word: str) -> str | None:
    """Return what *words* have for *word* in this *part* of the file alone."""
    for path, said in words.items():
        above, _, last = path.rpartition(".")
        if above and last == word and part in _parts(above):
            return said
    return None


def exists(path: str) -> bool:
    """Say whether the delivery file has *path*, from its root, in a service or an environment."""
    return bool(_parts(path))


def _parts(path: str) -> list[Any]:
    """Return what describes the values at *path*, from each of these roots that has it."""
    parts: list[Any] = [DeliveryFile, Service, Environment]
    for key in path.split("."):
        parts = [
            schema.below(part, key)
            for part in parts
            if schema.is_map(part) or (schema.is_model(part) and key in schema.fields_of(part))
        ]
    return parts


def _written(path: str) -> str:
    """Return *path* as it would stand in the file: ``network: {subnets: …}``."""
    named = path.replace("accounts.*", "accounts.<account>").replace(
        "services.*", "services.<service>"
    )
    first, *below = named.split(".")
    text = "…"
    for key in reversed(below):
        text = f"{{{key}: {text}}}"
    return f"{first}: {text}"


def _takes(field: FieldInfo, value: Any) -> bool:
    """Say whether *field* is for such a value: text as it is, anything else by its kind."""
    if value is None:
        return True
    if isinstance(value, str):
        return _validates(field, value)
    type_ = _without_none(field.annotation)
    is_list = get_origin(type_) is tuple
    is_mapping = schema.is_model(type_) or schema.is_map(type_)
    if isinstance(value, Mapping):
        of_mappings = schema.is_map(type_) and schema.is_model(get_args(type_)[-1])
        return is_mapping and (
            not of_mappings or all(isinstance(each, Mapping) for each in value.values())
        )
    if isinstance(value, list):
        return is_list or bool(getattr(type_, "main_key", None))
    return not is_list and not is_mapping


def _without_none(annotation: Any) -> Any:
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
    return annotation


def _validates(field: FieldInfo, value: str) -> bool:
    try:
        TypeAdapter(field.rebuild_annotation()).validate_python(value)
    except ValidationError:
        return False
    return True
