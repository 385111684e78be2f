"""One setting of something that there is, and what becomes of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from keyless_ecs.config.credentials import is_credential, may_be_credential
from keyless_ecs.config.delivery import Delivery

Lines = Mapping[str, Any]
"""Lines of the delivery file, as data from its first level on."""


@dataclass(frozen=True)
class Difference:
    """*setting* is *now*, and would become *then*.

    *lines* of the delivery file keep it; where there are none, *note* says what to do instead.
    """

    setting: str
    now: str
    then: str
    lines: Lines = field(default_factory=dict)
    note: str = ""


def setting(name: str, now: Any, then: Any, lines: Lines, note: str = "") -> Iterator[Difference]:
    """Yield the difference between what a setting is *now* and *then*, if there is one."""
    if now != then:
        yield Difference(name, told(now), told(then), lines, note)


def told(value: Any) -> str:
    """Return a value on one line, and never one that may be a secret."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(told, sorted(value, key=str))) or "none"
    if isinstance(value, str):
        return "…" if may_be_credential(value) else ascii(value)[1:-1] or '""'
    return "none" if value is None else str(value)


def of_environment(delivery: Delivery, **settings: Any) -> Lines:
    """Return lines of the environment."""
    environments = {delivery.environment_key: settings}
    return {"services": {delivery.service_key: {"environments": environments}}}


def of_service(delivery: Delivery, **settings: Any) -> Lines:
    """Return lines of the service."""
    return {"services": {delivery.service_key: settings}}


def of_account(key: str, **settings: Any) -> Lines:
    """Return lines of an account."""
    return {"accounts": {key: settings}}


def tags(things: list[Mapping[str, str]], key: str, value: str) -> dict[str, str]:
    """Return the tags that AWS lists, without those that it keeps itself."""
    named = {it[key]: it[value] for it in things}
    return {name: text for name, text in named.items() if not name.startswith("aws:")}


def lost_tags(
    there: Mapping[str, str], written: Mapping[str, str], delivery: Delivery
) -> Iterator[Difference]:
    """Yield the tags that go, or get another value."""
    for name, value in sorted(there.items()):
        if written.get(name) != value:
            keeps = {} if is_credential(value, name) else of_service(delivery, tags={name: value})
            built_in = name in delivery.tags and name not in delivery.service.tags
            yield Difference(
                f"tag {told(name)}",
                told(value),
                told(written.get(name)),
                {} if built_in else keeps,
                "the program's own; accounts.*.tag_keys names it otherwise" if built_in else "",
            )
