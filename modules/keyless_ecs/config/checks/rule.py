"""How a rule is written down: a function of its own, marked with what it is asked about.

A rule holds between parts of the delivery file, since no single setting shows what it finds. One
that needs a setting which the file does not know, because it is wrong, finds nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ParamSpec, TypeVar

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.config.model import UnknownSettingError
from keyless_ecs.config.problems import Location

Contradiction = tuple[Location, str]
"""Where it is in the file; what is wrong there and the mend."""

Asked = ParamSpec("Asked")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Whole:
    """The delivery file, and *data* as it was read.

    The keys of *data* tell an unknown account or environment from one that was left out because
    of a problem of its own.
    """

    file: DeliveryFile
    data: Mapping[str, Any]

    @cached_property
    def deliveries(self) -> list[Delivery]:
        """The environments whose accounts are known."""
        return list(known(self.file.deliveries))

    def keys(self, *location: str | int) -> Set[str]:
        """Return the keys that a mapping of the file has, none where there is no mapping."""
        found: Any = self.data
        for key in location:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found.keys() if isinstance(found, Mapping) else set()


OfFile = Callable[[Whole], Iterable[Contradiction]]
OfDelivery = Callable[[Delivery], Iterable[Contradiction]]

RULES: list[OfFile] = []
DEMANDS: list[OfFile] = []
WARNINGS: list[OfFile] = []


def of_file(rule: OfFile) -> OfFile:
    """Have *rule* asked about the file as a whole."""
    RULES.append(rule)
    return rule


def of_delivery(rule: OfDelivery) -> OfDelivery:
    """Have *rule* asked about each environment of each service."""
    RULES.append(_of_each(rule))
    return rule


def demand(rule: OfDelivery) -> OfDelivery:
    """Have *rule* asked about each environment, but by who is about to find out what to say."""
    DEMANDS.append(_of_each(rule))
    return rule


def warning(rule: OfDelivery) -> OfDelivery:
    """Have *rule* say of each environment what is allowed and yet worth a second look."""

    def each(whole: Whole) -> Iterator[Contradiction]:
        for delivery in whole.deliveries:
            yield from rule(delivery)

    WARNINGS.append(each)
    return rule


def warning_of_file(rule: OfFile) -> OfFile:
    """Have *rule* say of the whole file what is allowed and yet worth a second look."""
    WARNINGS.append(rule)
    return rule


def _of_each(rule: OfDelivery) -> OfFile:
    """Return what asks *rule* about each environment."""

    def each(whole: Whole) -> Iterator[Contradiction]:
        for delivery in whole.deliveries:
            yield from known(rule, delivery)

    return each


def known(
    rule: Callable[Asked, Iterable[Found]], *of: Asked.args, **by: Asked.kwargs
) -> Iterator[Found]:
    """Yield what *rule* finds until it needs a setting that is not known."""
    with suppress(UnknownSettingError):
        yield from rule(*of, **by)


def at(delivery: Delivery, *keys: str | int) -> Location:
    """Return the place of *keys* in the environment."""
    return ("services", delivery.service_key, "environments", delivery.environment_key, *keys)


def where_set(delivery: Delivery, *keys: str | int) -> Location:
    """Return where the environment's value of *keys* was set: in it, its service or defaults.

    Where none says it, that is the nearest level that says something of what it is part of.
    """
    for end in range(len(keys), 0, -1):
        for location, level in delivery.levels:
            if level.says(*keys[:end]):
                return (*location, *keys)
    return at(delivery, *keys)


def of_elsewhere(delivery: Delivery, arn: str, what_stands: str, mend: str) -> str | None:
    """Say that *arn* is of another region or account than the environment, None where it is not.

    Args:
        delivery: The environment.
        arn: Of a thing that has both.
        what_stands: What needs it here, and its verb: ``the tasks run``.
        mend: What to name in its place: ``a listener``.
    """
    region, account = arn.split(":")[3:5]
    if (region, account) == (delivery.region, delivery.account.id):
        return None
    return (
        f"is of {region} in {account}, and {what_stands} in {delivery.region} in "
        f"{delivery.account.id}; name {mend} of there"
    )
