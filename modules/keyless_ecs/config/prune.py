"""A delivery file without what is wrong in it, so that all else can still be looked at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from keyless_ecs.config import schema
from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.config.model import Model
from keyless_ecs.config.problems import Location

_NAMED = {"accounts", "services", "environments"}
"""Of these each entry is looked at for itself. Any other list or mapping goes as a whole."""

_ACCOUNT: Mapping[str, Any] = {"id": "000000000000", "region": "us-east-1"}
_DEPLOY_FROM = {"branches": ["stand-in"]}
_ENVIRONMENT = {"account": "stand-in", "deploy_from": _DEPLOY_FROM}
_SERVICE = {"repository": "stand-in", "environments": {"stand-in": _ENVIRONMENT}}
_STAND_INS: Mapping[str, Any] = {
    **_ACCOUNT,
    **_ENVIRONMENT,
    **_SERVICE,
    "version": 1,
    "github": {"owner": "stand-in"},
    "owner": "stand-in",
    "accounts": {"stand-in": _ACCOUNT},
    "services": {"stand-in": _SERVICE},
}
"""Valid values for what has no default. An environment of an unknown account is left alone."""

_LEFT_ALONE = {"account", "accounts", "environments", "github", "image_of", "services", "version"}


@dataclass
class Pruned:
    """*data* without what was wrong at the *bad* places, where a default or stand-in is now."""

    data: dict[str, Any]
    bad: set[Location] = field(default_factory=set)

    def forget_in(self, file: DeliveryFile) -> None:
        """Make what stands at the bad places of *file* unknown, so that nothing follows from it."""
        for location in self.bad:
            *above, last = location
            if last in _LEFT_ALONE or any(
                location[:end] in self.bad for end in range(1, len(above) + 1)
            ):
                continue
            part: Any = file
            for key in above:
                if isinstance(part, Mapping):
                    part = part.get(key)
                else:
                    # What is needed and unknown itself has nothing below it.
                    part = part.__dict__.get(part.field_of(key)) if part else None
            if isinstance(part, Model):
                part.forget(part.field_of(last))


def without(data: Mapping[str, Any], errors: Iterable[tuple[Location, str]]) -> Pruned:
    """Return *data* without the places of *errors*, each with pydantic's name for its kind.

    What is bad in a list, or in a model whose settings are checked against each other, takes the
    whole of it away: the rest would say what the file does not.
    """
    pruned = Pruned(_copy(data))
    for location, kind in errors:
        if kind == "extra_forbidden":
            _replace(pruned.data, location)
            continue
        cut, required = _place(location)
        _replace(pruned.data, cut, _STAND_INS[str(cut[-1])] if required else None)
        pruned.bad.add(cut)
        if cut[-1] in ("from", "image_of"):
            _leave_alone(pruned, cut)
    return pruned


def _place(location: Location) -> tuple[Location, bool]:
    """Return what to cut for a problem at *location*, and whether something must stand there."""
    part: Any = DeliveryFile
    required = False
    optional = location[:1]
    for at, key in enumerate(location):
        inside_model = schema.is_model(part)
        if inside_model and at and _is_checked_as_a_whole(part):
            return location[:at], required
        required = inside_model and schema.fields_of(part)[str(key)].is_required()
        if not required:
            optional = location[: at + 1]
        elif key not in _STAND_INS:
            return optional, False
        part = schema.below(part, str(key))
        if not schema.is_model(part) and key not in _NAMED:
            return location[: at + 1], required
    return location, required


def _is_checked_as_a_whole(model: type[Model]) -> bool:
    validators = model.__pydantic_decorators__.model_validators.values()
    return any(validator.info.mode == "after" for validator in validators)


def _leave_alone(pruned: Pruned, cut: Location) -> None:
    """Keep out of sight whose images these are: it is not known which registries there are."""
    level = cut[: cut.index("registry")] if "registry" in cut else cut[:-1]
    for service, settings in _items(pruned.data.get("services")):
        for key, _ in _items(settings, "environments"):
            environment = ("services", service, "environments", key)
            if level in (("defaults",), environment[:2], environment):
                _replace(pruned.data, (*environment, "account"), _STAND_INS["account"])
                pruned.bad.add((*environment, "account"))


def _items(data: Any, *keys: str) -> list[tuple[str, Any]]:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return list(data.items()) if isinstance(data, dict) else []


def _replace(data: Any, location: Location, stand_in: Any = None) -> None:
    """Put *stand_in*, or nothing, in the place of what stands at *location*."""
    cut = False
    for key in location[:-1]:
        if not isinstance(data, dict) or (key not in data and not cut):
            return
        if not isinstance(data.get(key), dict):  # a word, which stands for one of the keys below it
            cut, data[key] = True, {}
        data = data[key]
    if isinstance(data, dict):
        if stand_in is None:
            data.pop(location[-1], None)
        else:
            data[location[-1]] = stand_in


def _copy(data: Any) -> Any:
    """Copy mappings, so that what an alias repeats is cut in one place only."""
    return {key: _copy(value) for key, value in data.items()} if isinstance(data, Mapping) else data
