"""Each example is a delivery file that works as it stands, and shows what it is named after."""

import json
import re
from pathlib import Path

import pytest

from keyless_ecs import synthesis
from keyless_ecs.config import load
from tests.conftest import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
OVERRIDE = ROOT / "examples/override/load_balancer_override.tf"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_taken_and_synthesized(path: Path) -> None:
    """Nothing is refused, and nothing that its resources name is missing."""
    file = load(path)

    for stack in synthesis.synthesize(file, file.stack_names(), processes=1):
        assert not stack.refused
        content = json.loads(stack.text)
        made = {f"{type_}.{name}" for type_, it in content["resource"].items() for name in it}
        named = re.findall(r"\$\{((?:aws|github)_\w+\.[\w-]+)", json.dumps(content["resource"]))
        assert set(named) <= made


def test_every_example_is_on_a_page() -> None:
    """An example that nobody is led to is not read."""
    pages = "".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))

    assert [path.name for path in EXAMPLES if f"examples/{path.name}" not in pages] == []


def test_the_override_names_what_there_is() -> None:
    """An override of an address that is gone would be refused by Terraform."""
    file = load(ROOT / "examples/production.yaml")
    (stack,) = synthesis.synthesize(file, ["papyrus-production"], processes=1)
    ((type_, name),) = re.findall(r'resource "(\w+)" "(\w+)"', OVERRIDE.read_text())

    assert name in json.loads(stack.text)["resource"][type_]
