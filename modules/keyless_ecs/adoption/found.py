"""What ``aws … describe-…`` and ``aws … get-…`` printed into files."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keyless_ecs.errors import UserError

Thing = Mapping[str, Any]
"""One thing as AWS describes it."""


class UnknownOutputError(UserError):
    """A file is not the output of one of the commands; the text names it and them."""


@dataclass
class Found:
    """The things that the files describe."""

    clusters: list[Thing] = field(default_factory=list)
    services: list[Thing] = field(default_factory=list)
    task_definitions: list[Thing] = field(default_factory=list)
    roles: list[Thing] = field(default_factory=list)
    providers: list[Thing] = field(default_factory=list)


def read(paths: Iterable[Path]) -> Found:
    """Return what is in *paths*, each the JSON output of one of the five commands.

    Raises:
        UnknownOutputError: One of them is something else; names them all.
    """
    found, problems = Found(), []
    for path in paths:
        try:
            if not _sorted(json.loads(path.read_text(encoding="utf-8-sig")), found):
                problems.append(f"{path}: {_UNKNOWN}")
        except OSError as error:
            problems.append(f"{path}: cannot be read: {error.strerror}")
        except (ValueError, RecursionError):
            problems.append(f"{path}: is not JSON; {_UNKNOWN}, with --output json")
    if problems:
        raise UnknownOutputError("\n".join(problems))
    return found


_UNKNOWN = (
    "give the output of aws ecs describe-clusters, aws ecs describe-services, aws ecs "
    "describe-task-definition, aws iam get-role or aws iam get-open-id-connect-provider "
    "(python main.py adopt prints the commands)"
)


def _sorted(output: Any, found: Found) -> bool:
    """Put what *output* describes where it belongs; tell whether it is known."""
    match output:
        case {"clusters": [*clusters]} if all(isinstance(it, dict) for it in clusters):
            found.clusters += clusters
        case {"services": [*services]} if all(isinstance(it, dict) for it in services):
            found.services += services
        case {"taskDefinition": {"family": _} as definition}:
            # With --include TAGS they stand beside it.
            found.task_definitions.append({"tags": output.get("tags", []), **definition})
        case {"Role": {"RoleName": _} as role}:
            found.roles.append(role)
        case {"Url": str(), "ClientIDList": [*_]}:
            found.providers.append(output)
        case _:
            return False
    return True
