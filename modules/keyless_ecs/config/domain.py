"""The names under which a service is reached."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, StrictInt

from keyless_ecs.config.setting import Setting
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import EachOnce, matching

NONE = "none"

DomainName = Annotated[
    str,
    Field(max_length=128),
    matching(
        r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
        "is not a domain; use a name of two labels or more in lower case, such as "
        'papyrus.example.com, or "*.example.com" for all of one label more',
    ),
]
"""A host of at most 128 characters.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""
PathPattern = Annotated[
    str,
    matching(
        r"/[A-Za-z0-9_.$/~\"'@:+&*?-]{0,127}",
        "is not a path pattern; begin with / and use at most 128 letters, digits and any of "
        "_ - . $ / ~ \" ' @ : + & with * and ? for any characters: /api/*",
    ),
]
"""The same page, path conditions. A pattern is compared with the path alone, never the query."""
Certificate = Annotated[
    str,
    matching(
        r"none|arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[a-f0-9-]{36}",
        "is not a certificate; use the ARN of one of ACM, or none for plain HTTP",
    ),
]

_ZONE = re.compile(r"none|Z[A-Z0-9]{5,31}|([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z][a-z0-9-]*")


def _zone(value: Any) -> Any:
    """Take the name or id of a zone, or one for each of the names."""
    zones = value if isinstance(value, Mapping) else {None: value}
    for zone in zones.values():
        if not isinstance(zone, str) or not _ZONE.fullmatch(zone):
            raise ValueError(
                f"{shown(zone)} is not a hosted zone; use its name (example.com), its id (Z…), "
                "none where DNS is elsewhere, or {<name>: <zone>}"
            )
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | int | float) else value


class Domain(Setting):
    """Names under which a service is reached; the only setting of its kind that makes anything."""

    main_key: ClassVar = "names"
    none_is_meant: ClassVar = {"certificate", "zone"}

    names: Annotated[tuple[DomainName, ...], BeforeValidator(_listed), EachOnce] = ()
    """Names of hosts, each with a certificate and a record of its own. The first one is the
    service's URL.

    Default: *required*, but with `certificate: none`, or with `paths` on a listener of others
    Example: [papyrus.example.com, www.example.com]
    """
    paths: Annotated[tuple[PathPattern, ...], BeforeValidator(_listed), EachOnce] = ()
    """Path patterns, for several services behind one name.

    Default: all paths
    Example: [/api/*]
    """
    zone: Annotated[str | Mapping[str, str] | None, BeforeValidator(_zone)] = None
    """The public hosted zone of Route 53, by name or id: one for all names, or one for each.
    ``none`` where DNS is elsewhere: then nothing makes records, and ``certificate`` is needed.

    Default: the name without its first label; a name of two labels itself
    Example: example.com
    """
    certificate: Certificate | None = None
    """ARN of an ACM certificate of others, or ``none`` for plain HTTP.

    Default: one is requested for each name, and validated in its zone
    Example: arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef
    """
    rule_priority: Annotated[StrictInt, Field(ge=1, le=50_000)] | None = None
    """The rule's place among those of its listener; the lowest that matches is taken.

    Default: follows from the names and paths: paths before bare names, names before wildcards
    Example: 120
    """

    def zone_of(self, name: str) -> str | None:
        """Return the zone that holds *name*, by name or id; None where DNS is elsewhere."""
        zone = self.zone.get(name) if isinstance(self.zone, Mapping) else self.zone
        if zone == NONE:
            return None
        host = name.removeprefix("*.")
        return zone or (host if name != host or host.count(".") < 2 else host.partition(".")[2])

    @property
    def is_secure(self) -> bool:
        """Whether it is served over HTTPS."""
        return self.certificate != NONE
