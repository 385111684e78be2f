"""What is made of a file that is taken, in front of Terraform."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given

from keyless_ecs import synthesis
from keyless_ecs.config import load
from keyless_ecs.rehearsal.github import plugin
from keyless_ecs.rehearsal.terraform import providers
from keyless_ecs.rehearsal.terraform.terraform import Terraform
from keyless_ecs.rehearsal.terraform.workspace import Workspace
from tests.conftest import EXAMPLE, FEW, Content
from tests.support.deliveries import files
from tests.support.terraform import needs_terraform

pytestmark = [needs_terraform, pytest.mark.rehearsal]

STACKS = {"account-main": "account", "papyrus-production": "service"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Terraform, Workspace]]:
    """Return a Terraform with providers, and where each kind of stack is initialized already."""
    folder = tmp_path_factory.mktemp("valid")
    stacks = synthesis.synthesize(load(EXAMPLE), list(STACKS))
    contents = {STACKS[stack.name]: json.loads(stack.text) for stack in stacks}
    required = contents["service"]["terraform"]["required_providers"]
    with plugin.serving(folder / "github.json") as github:
        found = providers.provide(
            Terraform.find(), folder / "providers", required=required, github=github
        )
        made = Workspace(folder / "stacks", endpoint="http://localhost:1", providers=found)
        for kind, content in contents.items():
            found.terraform.init(made.write(kind, content)[0])
        yield found.terraform, made


@FEW
@given(data=files)
def test_what_is_made_of_a_valid_file_is_valid_to_terraform(
    workspace: tuple[Terraform, Workspace], tmp_path_factory: pytest.TempPathFactory, data: Content
) -> None:
    """``terraform validate`` reads it with the providers' schemas: types, names, conflicts."""
    terraform, made = workspace
    path = tmp_path_factory.mktemp("file") / "delivery.yaml"
    path.write_text(json.dumps(data))
    file = load(path)

    for stack in synthesis.synthesize(file, file.stack_names()):
        kind = "account" if stack.name.startswith("account-") else "service"
        folder, _ = made.write(kind, json.loads(stack.text))
        terraform.run(folder, "validate", "-no-color")
