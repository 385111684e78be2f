"""Fixtures that every test shares: one warm Node process, and stacks read back as data."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from modules import bindings

bindings.load_lazily()

import json  # noqa: E402

from cdktf import TerraformStack, Testing  # noqa: E402

from modules.config import DeliveryFile, load  # noqa: E402
from modules.config.state import State  # noqa: E402
from modules.stacks.stack import Stack  # noqa: E402

ROOT = Path(__file__).parent.parent

Content = dict[str, Any]
Resources = Callable[[str], dict[str, Content]]


@pytest.fixture
def stack() -> TerraformStack:
    """Return an empty stack that gives addresses as the real ones do."""
    return Stack(Testing.app(), "test", state=State())


@pytest.fixture
def content(stack: TerraformStack) -> Callable[[], Content]:
    """Return what synthesizes *stack* and reads it back."""
    return lambda: Content(json.loads(Testing.synth(stack)))


@pytest.fixture
def resources(content: Callable[[], Content]) -> Resources:
    """Return what gives the resources of one type in *stack*, by name."""
    return lambda type_: content().get("resource", {}).get(type_, {})


@pytest.fixture
def example() -> Content:
    """Return the shipped delivery file as data, for a test to change."""
    return Content(YAML(typ="safe").load(ROOT / "delivery.yaml"))


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[[Content], DeliveryFile]:
    """Return what writes data as a delivery file and loads it."""

    def load_it(data: Content) -> DeliveryFile:
        path = tmp_path / "delivery.yaml"
        YAML(typ="safe").dump(data, path)
        return load(path)

    return load_it
