"""Who sorts the delivery file changes nothing of what is made of it."""

from collections.abc import Callable

import pytest
from ruamel.yaml import YAML

from keyless_ecs import synthesis
from keyless_ecs.atlantis import projects
from keyless_ecs.config import DeliveryFile
from tests.conftest import ROOT, Content
from tests.support.config import backwards


@pytest.mark.slow
def test_the_order_of_keys_reaches_no_file(loaded: Callable[[Content], DeliveryFile]) -> None:
    """No stack, workflow or ``atlantis.yaml``: a file with every setting, sorted the other way."""
    large = YAML(typ="safe").load((ROOT / "tests/data/large.yaml").read_text())
    one, other = loaded(large), loaded(backwards(large))

    names = one.stack_names()
    assert names == other.stack_names()
    assert projects.text(one) == projects.text(other)
    assert synthesis.synthesize(one, names) == synthesis.synthesize(other, names)
