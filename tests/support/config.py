"""Delivery files that a test changes, and what is said of bad ones."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.config import BadDeliveryFileError, load
from tests.conftest import Content


def changed(data: Content, path: str, value: Any) -> Content:
    """Return *data* with *value* at the dotted *path*."""
    data = copy.deepcopy(data)
    *above, last = path.split(".")
    node = data
    for key in above:
        node = node.setdefault(key, {})
    node[last] = value
    return data


def problems(path: Path, data: Content) -> list[str]:
    """Return the lines of the report on *data*, written to *path*, without their line numbers."""
    path.write_text(json.dumps(data, indent=2))
    with pytest.raises(BadDeliveryFileError) as refused:
        load(path)
    title, *lines = str(refused.value).splitlines()
    assert title.startswith(str(path))
    return [line.split("  ", 2)[-1] for line in lines]


def of_services(example: Content, count: int) -> Content:
    """Return the example with *count* services in place of its one."""
    papyrus = example["services"]["papyrus"]
    services = {f"s{number}": {**papyrus, "repository": f"r{number}"} for number in range(count)}
    return {**example, "services": services}


def backwards(data: Any) -> Any:
    """Return *data* with the keys of every mapping in the other order."""
    if isinstance(data, dict):
        return {key: backwards(data[key]) for key in reversed(data)}
    return data


def with_runners(example: Content) -> Content:
    """Return the example with runners of its own, which an Enterprise Server needs."""
    data = changed(example, "services.papyrus.build.runs_on", ["self-hosted"])
    return changed(data, "services.papyrus.deployment.runs_on", ["self-hosted"])
