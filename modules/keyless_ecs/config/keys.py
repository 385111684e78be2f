"""The keys under which accounts, services and environments stand, and those that they had."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from keyless_ecs.config.text import EachOnce, matching

ResourceName = Annotated[
    str,
    Field(max_length=100),
    matching(
        r"[a-z][a-z0-9]*(-[a-z0-9]+)*",
        "cannot name resources; use lower-case letters, digits and single hyphens, a letter first",
    ),
]
"""Two of them with what stands around them still name a file."""


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Was = Annotated[
    tuple[ResourceName, ...],
    EachOnce,
    BeforeValidator(_listed, json_schema_input_type=ResourceName | tuple[ResourceName, ...]),
]
"""The keys that an entry had before, the first one first.

What is named after a key keeps the name that the first one gave it: AWS renames nothing.
"""
