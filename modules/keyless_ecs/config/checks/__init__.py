"""What no single setting shows: rules between parts of the delivery file, one file a topic.

Whoever adds a rule writes a function in the file of its topic and marks it; see
:mod:`keyless_ecs.config.checks.rule`.
"""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from keyless_ecs.config.checks.rule import DEMANDS, RULES, WARNINGS, Contradiction, Whole, known
from keyless_ecs.config.file import DeliveryFile

__all__ = ["Contradiction", "contradictions", "demands", "warnings"]

for topic in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{topic.name}")


def contradictions(file: DeliveryFile, data: Mapping[str, Any]) -> Iterator[Contradiction]:
    """Yield where *file* contradicts itself or what AWS and GitHub allow.

    *data* is the file as it was read.
    """
    whole = Whole(file, data)
    for rule in RULES:
        yield from known(rule, whole)


def demands(file: DeliveryFile, data: Mapping[str, Any]) -> Iterator[Contradiction]:
    """Yield what *file* must say before it is applied, and need not say to be looked at.

    *data* is the file as it was read.
    """
    whole = Whole(file, data)
    for rule in DEMANDS:
        yield from known(rule, whole)


def warnings(file: DeliveryFile) -> Iterator[Contradiction]:
    """Yield what is allowed and yet worth a second look."""
    whole = Whole(file, {})
    for rule in WARNINGS:
        yield from rule(whole)
