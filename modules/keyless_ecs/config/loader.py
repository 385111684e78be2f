"""Reads a delivery file, or says everything that is wrong with it."""

import copy
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from keyless_ecs.config.checks import findings, warnings
from keyless_ecs.config.document import Document
from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.config.problems import BadDeliveryFileError, Location, Problem
from keyless_ecs.config.text import did_you_mean

_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a mapping of keys to values",
    "mapping_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "string_type": "text",
    "tuple_type": "a list",
}
_BOUNDS = {
    "greater_than_equal": ("too small", "{ge} or more"),
    "less_than_equal": ("too large", "{le} or less"),
    "too_short": ("too few", "at least {min_length}"),
    "too_long": ("too many", "at most {max_length}"),
    "string_too_short": ("too short", "at least {min_length} characters"),
    "string_too_long": ("too long", "at most {max_length} characters"),
}
_SERIAL = itertools.count()
_STAND_INS: dict[str | int, Callable[[int], object]] = {
    "version": lambda _: 1,
    "owner": lambda _: "stand-in",
    "id": lambda serial: f"{serial:012d}",
    "region": lambda _: "us-east-1",
    "repository": lambda serial: f"stand-in-{serial}",
    "deploy_from": lambda serial: {"branches": [f"stand-in-{serial}"]},
}
"""Valid values for what has no default, each unlike any other."""


def load(path: Path, *, warn: Callable[[str], None] = lambda _: None) -> DeliveryFile:
    """Read and check the delivery file at *path*.

    Args:
        path: The delivery file.
        warn: Called with each line on what is allowed and yet worth a second look.

    Raises:
        BadDeliveryFileError: With every problem, each with its line, path, value and mend.
    """
    document = Document(path)
    problems: list[Problem] = []
    bad: set[Location] = set()
    file, data = None, copy.deepcopy(document.data)
    # What is wrong is cut out and the rest looked at again, so that one typing error does not
    # hide a contradiction elsewhere. Each round cuts something, so this ends.
    while file is None and data:
        try:
            file = DeliveryFile.model_validate(data)
        except ValidationError as error:
            # A list is cut as a whole, but what is wrong with each of its entries is said.
            cut_before = set(bad)
            for detail in error.errors():
                location = _location(detail)
                emptied = not detail["input"] and any(
                    _inside(cut, {location}) for cut in cut_before
                )
                if not problems or not (emptied or _inside(location, cut_before)):
                    message = message_of(detail, location, DeliveryFile)
                    problems.append(Problem(document.line(location), location, message))
                cut = _cut(data, location, missing=detail["type"] == "missing")
                if detail["type"] != "extra_forbidden":
                    bad.add(cut)
    if file is not None:
        for location, message in findings(file, document.data):
            if not _inside(location, bad) and not _beside(location, bad):
                problem = Problem(document.line(location), location, message)
                if problem not in problems:
                    problems.append(problem)
    if problems or file is None:
        raise BadDeliveryFileError(path, problems)
    for location, message in warnings(file):
        warn(f"{path}: warning\n{Problem(document.line(location), location, message)}")
    return file


def _location(detail: ErrorDetails) -> Location:
    """Return the place of a problem in the file: pydantic marks a bad key with ``[key]``."""
    return tuple(part for part in detail["loc"] if part != "[key]")


def _inside(location: Location, bad: set[Location]) -> bool:
    return any(location[: len(cut)] == cut for cut in bad)


def _beside(location: Location, bad: set[Location]) -> bool:
    """Tell whether *location* is half of a pair whose other half was cut: a default is there."""
    other = {"memory": "cpu", "cpu": "memory"}.get(str(location[-1]))
    return (*location[:-1], other) in bad


def _cut(data: Any, location: Location, *, missing: bool) -> Location:
    """Remove the value at *location* from *data*, or what lacks it; return what was removed.

    A required scalar gets a stand-in instead, so that all around it is still looked at.
    """
    in_list = next((i for i, part in enumerate(location) if isinstance(part, int)), None)
    location = location[:in_list]
    if missing and location[-1] not in _STAND_INS:
        location = location[:-1]
    *above, last = location or ("",)
    for part in above:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return location
    if not location:
        data.clear()
    elif last in _STAND_INS and isinstance(data, dict):
        data[last] = _STAND_INS[last](next(_SERIAL))
    elif isinstance(data, Mapping) and last in data:
        del data[last]  # type: ignore[attr-defined]
    return location


def message_of(detail: ErrorDetails, location: Location, model: type[BaseModel]) -> str:
    """Return what is wrong at *location* of a document that *model* describes, and the mend."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return "missing; it has no default"
    if kind == "extra_forbidden":
        part, key = _part_at(location[:-1], model), str(location[-1])
        credentials = getattr(part, "credentials", {})
        if key in credentials:
            return (
                "a credential never stands in this file; "
                f"leave it out and set {credentials[key]} where Terraform runs"
            )
        return f"unknown key; {did_you_mean(key, _keys_of(part))}"
    if kind == "value_error":
        return str(context["error"])
    shown = "the value" if "secrets" in location else _shown(value)
    if kind == "literal_error":
        return f"{shown} is not known; use {context['expected']}"
    if kind in _EXPECTED:
        return f"{shown} is not what stands here; use {_EXPECTED[kind]}"
    if kind in _BOUNDS:
        what, mend = _BOUNDS[kind]
        return f"{shown} is {what}; use {mend.format(**context)}"
    return f"{shown}: {detail['msg']}"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return repr(value) if isinstance(value, str) else str(value).lower()


def _part_at(location: Location, model: type[BaseModel]) -> type[BaseModel]:
    """Return what describes the part of the document at *location*."""
    part: Any = model
    for key in location:
        if isinstance(key, int):
            continue  # a list was entered with its key
        if get_origin(part) is not None:
            part = get_args(part)[-1]
        else:
            fields = {field.alias or name: field for name, field in part.model_fields.items()}
            part = fields[str(key)].annotation
        while get_origin(part) is not None and not _is_map(part):
            part = next(arg for arg in get_args(part) if arg is not type(None))
    described: type[BaseModel] = part
    return described


def _keys_of(part: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in part.model_fields.items()]


def _is_map(part: Any) -> bool:
    origin = get_origin(part)
    return isinstance(origin, type) and issubclass(origin, Mapping)
