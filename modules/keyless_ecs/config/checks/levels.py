"""Levels: what must be said at one of them, and what not above an environment."""

from collections.abc import Iterator

from keyless_ecs.config.checks.rule import Contradiction, Whole, of_delivery, of_file, where_set
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.problems import MISSING, Location
from keyless_ecs.config.setting import Setting
from keyless_ecs.config.settings import Settings


@of_delivery
def needed(delivery: Delivery) -> Iterator[Contradiction]:
    """What has no default is said by one of the levels."""
    for location in delivery.environment.lacking():
        yield where_set(delivery, *location), MISSING


@of_file
def names_of_one_thing(whole: Whole) -> Iterator[Contradiction]:
    """A name for all would be owned by the first of them and refused to the others."""
    yield from _names(("defaults",), whole.file.defaults)
    for key, service in whole.file.services.items():
        yield from _names(("services", key), service)


def _names(here: Location, level: Settings) -> Iterator[Contradiction]:
    for part, setting in level:
        if isinstance(setting, Setting):
            for name in sorted(setting.own & setting.model_fields_set):
                yield (*here, part, name), "names one thing, so it stands in an environment alone"
