"""Reads a delivery file, or says everything that is wrong with it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from keyless_ecs.config import prune, schema, unknown_key
from keyless_ecs.config.checks import Contradiction, contradictions, demands, warnings
from keyless_ecs.config.credentials import is_credential, may_be_credential
from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.config.problems import MISSING, BadDeliveryFileError, Location, Problem
from keyless_ecs.config.shown import as_name, shown
from keyless_ecs.config.text import reserved
from keyless_ecs.config.yaml_file import YamlFile

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
    "string_too_short": ("too short", "at least {min_length} characters"),
    "string_too_long": ("too long", "at most {max_length} characters"),
}


def load(
    path: Path, *, warn: Callable[[str], None] = lambda _: None, lenient: bool = False
) -> DeliveryFile:
    """Read and check the delivery file at *path*.

    Args:
        path: The delivery file.
        warn: Called with each line on what is allowed and yet worth a second look.
        lenient: Whether it need not say yet what is needed before it is applied, because somebody
            is about to find it out.

    Raises:
        BadDeliveryFileError: With every problem, each with its line, path, value and mend.
    """
    yaml_file = YamlFile(path)
    data = yaml_file.data
    found = list(_unfit_texts(data))
    unfit = {location for location, _ in found}
    # The models see the file twice at most: as it is, and without what they refused in it, so that
    # one typing error does not hide a contradiction elsewhere.
    file, errors = _validated(data)
    bad: set[Location] = set()
    for detail in errors:
        location = _location(detail)
        if location not in unfit:
            found.append((location, complaint(detail, location)))
    if errors:
        pruned = prune.without(data, [(_location(each), each["type"]) for each in errors])
        bad = pruned.bad
        file, _ = _validated(pruned.data)
        if file is not None:
            pruned.forget_in(file)
    if file is not None:
        found += [
            (location, message)
            for location, message in (
                *contradictions(file, data),
                *(() if lenient else demands(file, data)),
            )
            if not any(location[:end] in bad for end in range(len(location) + 1))
        ]
    hide = _hiding(data)
    problems = [
        Problem(yaml_file.line(location), location, hide(message))
        for location, message in dict.fromkeys(
            (_as_written(location, data), message) for location, message in found
        )
    ]
    if problems or file is None:
        raise BadDeliveryFileError(path, problems)
    file = file.in_order()
    warned = list(dict.fromkeys(warnings(file)))
    head = f"{path}: warning\n" if len(warned) == 1 else f"{path}: {len(warned)} warnings\n"
    for found_at, message in warned:
        location = _as_written(found_at, data)
        warn(f"{head}{Problem(yaml_file.line(location), location, hide(message))}")
        head = ""
    return file


def located(path: Path, found: Iterable[Contradiction]) -> BadDeliveryFileError:
    """Return the report on what was *found* wrong with the delivery file at *path* after loading.

    What several environments share, and therefore each was found wrong for, is told once.
    """
    yaml_file = YamlFile(path)
    hide = _hiding(yaml_file.data)
    written = [(_as_written(location, yaml_file.data), message) for location, message in found]
    return BadDeliveryFileError(
        path,
        [
            Problem(yaml_file.line(location), location, hide(message))
            for location, message in dict.fromkeys(written)
        ],
    )


def _validated(data: Any) -> tuple[DeliveryFile | None, list[ErrorDetails]]:
    try:
        return DeliveryFile.model_validate(data), []
    except ValidationError as error:
        return None, error.errors()


def _location(detail: ErrorDetails) -> Location:
    """Return the place of a problem in the file: pydantic marks a bad key with ``[key]``."""
    return tuple(part for part in detail["loc"] if part != "[key]")


def _as_written(location: Location, data: Any) -> Location:
    """Return *location* without the keys for which the file has a word alone, or a list."""
    written: list[str | int] = []
    for part in location:
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part] if part < len(data) else None
        elif data is not None:
            continue
        written.append(part)
    return tuple(written)


def _texts(data: Any, location: Location = ()) -> Iterator[tuple[Location, str]]:
    """Yield each text of the file, keys and values, with its place."""
    if isinstance(data, str):
        yield location, data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield (*location, key), key
            yield from _texts(value, (*location, key))
    elif isinstance(data, list):
        for position, value in enumerate(data):
            yield from _texts(value, (*location, position))


def _unfit_texts(data: Any) -> Iterator[tuple[Location, str]]:
    """Yield where text stands that no setting may hold: credentials, and marks of CDKTF."""
    for location, text in _texts(data):
        if why := reserved(text):
            yield location, why
        elif "secrets" not in location and is_credential(text, str(location[-1])):
            yield location, _no_credential(location)


def _no_credential(location: Location) -> str:
    begin = "the value looks like a credential, and those never stand in this file"
    if "container" in location:
        return f"{begin}; keep it in Secrets Manager or SSM and name its ARN in container.secrets"
    if location[-3:-1] == ("github", "variables"):
        return f"{begin}; write github: {{secrets: {{{location[-1]}: variable}}}}"
    return f"{begin}; take it out, and have it replaced if others could read the file"


def _hiding(data: Any) -> Callable[[str], str]:
    """Return what takes the file's credentials out of a message, whichever way they came in."""
    # Made when the first message is there: most files give none.
    secret: list[str] | None = None

    def hide(message: str) -> str:
        nonlocal secret
        if secret is None:
            secret = [text for _, text in _texts(data) if may_be_credential(text)]
            secret.sort(key=len, reverse=True)
        for text in secret:
            message = message.replace(text, "…")
        return message

    return hide


def complaint(detail: ErrorDetails, location: Location) -> str:
    """Return what is wrong at *location*, and the mend."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return MISSING
    if kind == "extra_forbidden":
        part = schema.part_at(location[:-1], DeliveryFile)
        return unknown_key.mend(part, str(location[-1]), value)
    if kind == "value_error":
        return str(context["error"])
    said = "the value" if "secrets" in location else shown(value)
    if kind == "literal_error":
        return f"{said} is not known; use {context['expected']}"
    if kind == "int_type" and isinstance(value, str) and value.isascii() and value.isdigit():
        return f"{said} is text; remove the quotes"
    if kind == "string_type" and isinstance(value, bool | int | float):
        return f"{said} is not text to YAML; put it in quotes"
    if kind == "too_long":
        return f"{len(value):,} entries are too many; use at most {context['max_length']}"
    if kind in _EXPECTED and value is None:
        return f"nothing stands here; write {_EXPECTED[kind]}"
    if kind == "tuple_type" and isinstance(value, str):
        return f'{said} is one, and several may stand here; write a list: ["{as_name(value)}"]'
    if kind in _EXPECTED:
        return f"{said} is not what stands here; use {_EXPECTED[kind]}"
    if kind in _BOUNDS:
        what, mend = _BOUNDS[kind]
        return f"{said} is {what}; use {mend.format(**context)}"
    return f"{said}: {detail['msg']}"
