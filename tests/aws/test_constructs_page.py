"""The examples of docs/constructs.md, as a reader would copy them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs/constructs.md").read_text()
PROGRAMS = [text for text in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "App()" in text]


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS, ids=["registry", "account", "shared"])
def test_an_example_synthesizes(program: str, tmp_path: Path) -> None:
    """It runs as it stands, and makes what the text below it names."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "modules"),
        "CDKTF_OUTDIR": str(tmp_path / "out"),
    }
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)

    (file,) = tmp_path.glob("out/stacks/*/cdk.tf.json")
    resources = json.loads(file.read_text())["resource"]
    below = PAGE.partition(program)[2].partition("## ")[0]
    for of_type, name in re.findall(r"`(aws_\w+)\.(\w+)`", below):
        assert name in resources[of_type]


def test_every_construct_is_on_the_page() -> None:
    """What is public is shown."""
    import keyless_ecs.aws
    import keyless_ecs.github

    for name in (*keyless_ecs.aws.__all__, *keyless_ecs.github.__all__):
        assert re.search(rf"\b{name}\b", PAGE), name
