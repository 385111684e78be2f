"""A newer version of this program, run on what an older one wrote."""

import json
from pathlib import Path

from keyless_ecs import plans, synthesis
from keyless_ecs.config import load
from keyless_ecs.plans import StackJson
from tests.conftest import EXAMPLE, ROOT


def test_nothing_of_the_first_release_is_destroyed() -> None:
    """The example's stacks as version 0.1.0 wrote them: whoever applied them upgrades unasked.

    An address that moved has its ``moved`` block, and no name that AWS cannot change is another.
    """
    released = json.loads((ROOT / "tests/data/first_release.json").read_text())
    file = load(EXAMPLE)
    stacks = synthesis.synthesize(file, file.stack_names())

    old = {name: StackJson(content) for name, content in released.items()}
    new = {stack.name: StackJson(json.loads(stack.text)) for stack in stacks}
    assert old.keys() == new.keys()
    assert list(plans.stops(Path("stacks"), old, new)) == []
