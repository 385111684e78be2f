"""What others import: the constructs by name, without knowing what makes them start fast."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import keyless_ecs.aws
import keyless_ecs.github

USED_BY_OTHERS = """
import json, sys
import keyless_ecs.aws, keyless_ecs.github
cost_nothing = not {"cdktf", "jsii", "pydantic"} & set(sys.modules)
from keyless_ecs.aws import Registry
from cdktf import App, TerraformStack
app = App(outdir=sys.argv[1], skip_validation=True)
stack = TerraformStack(app, "theirs")
Registry(stack, "registry", name="papyrus")
app.synth()
bindings = [name for name in sys.modules if name.startswith("cdktf_cdktf_provider_aws.")]
print(json.dumps([cost_nothing, len(bindings)]))
"""


@pytest.mark.slow
def test_a_construct_serves_in_a_stack_of_anybody(tmp_path: Path) -> None:
    """One import gives the construct, and of 2,200 bindings loads only those that it uses."""
    program = [sys.executable, "-c", USED_BY_OTHERS, str(tmp_path)]
    environment = {**os.environ, "NODE_OPTIONS": ""}

    said = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)

    cost_nothing, bindings = json.loads(said.stdout)
    assert cost_nothing
    assert bindings < 50
    made = json.loads((tmp_path / "stacks/theirs/cdk.tf.json").read_text())["resource"]
    (repository,) = made["aws_ecr_repository"].values()
    assert repository["name"] == "papyrus"


@pytest.mark.parametrize("package", [keyless_ecs.aws, keyless_ecs.github])
def test_every_public_name_is_there(package: ModuleType) -> None:
    """What a package lists it has, and of what it does not list it says so."""
    assert all(isinstance(getattr(package, name), type) for name in package.__all__)
    with pytest.raises(AttributeError, match=f"'{package.__name__}' has no attribute 'Bucket'"):
        _ = package.Bucket
