"""How a rehearsal finds and runs Terraform, and where it lets it find providers."""

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.rehearsal.github import plugin
from keyless_ecs.rehearsal.terraform import providers, running_provider
from keyless_ecs.rehearsal.terraform.providers import NoAwsProviderError, provide
from keyless_ecs.rehearsal.terraform.terraform import (
    Plan,
    Terraform,
    TerraformFailedError,
    TerraformMissingError,
)
from tests.conftest import Content
from tests.support.terraform import needs_terraform

REQUIRED = {
    "aws": {"source": "hashicorp/aws", "version": "6.25.0"},
    "github": {"source": "integrations/github", "version": "~> 6.9.1"},
}


GITHUB = {
    "Protocol": "grpc",
    "ProtocolVersion": 6,
    "Pid": os.getpid(),
    "Addr": {"Network": "unix", "String": "/nowhere"},
}
NEEDED: dict[str, Any] = {"required": REQUIRED, "github": GITHUB}
"""Of a delivery, and where a stand-in would run."""


def fake(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a script called terraform on PATH, before all else."""
    path = folder / "terraform"
    path.write_text(script if script.startswith("\x7f") else f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return path


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("""echo '{"terraform_version": "1.4.7"}'""", "is Terraform 1.4.7; the stacks need 1.5.0"),
        ("""echo '{"terraform_version": "0.15"}'""", "is Terraform 0.15; the stacks need 1.5.0"),
        ("echo Terraform v1.11.4", "does not answer as Terraform does"),
        ("echo '[]'", "does not answer as Terraform does"),
        ("echo '{}'", "does not answer as Terraform does"),
        ("""echo '{"terraform_version": null}'""", "does not answer as Terraform does"),
        ("""echo '{"terraform_version": "new"}'""", "does not answer as Terraform does"),
        ("exit 1", "does not answer as Terraform does"),
        ("\x7fELF", "does not answer as Terraform does"),
    ],
)
def test_a_terraform_that_will_not_do(
    script: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too old, or something else of that name."""
    path = fake(tmp_path, script, monkeypatch)

    with pytest.raises(TerraformMissingError, match=says) as missing:
        Terraform.find()
    assert str(path) in str(missing.value)


@pytest.mark.parametrize("version", ["1.5.0", "1.11.4", "1.15.0-beta1", "2.0.0"])
def test_a_terraform_that_will_do(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the oldest that the stacks ask for."""
    path = fake(tmp_path, f"""echo '{{"terraform_version": "{version}"}}'""", monkeypatch)

    assert Terraform.find() == Terraform(str(path), version)


def test_no_terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text says how to get one; another program can be named."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(
        TerraformMissingError, match=r"no terraform on PATH; install Terraform 1\.5"
    ):
        Terraform.find()
    (tmp_path / "tofu").write_text("""#!/bin/sh\necho '{"terraform_version": "1.9.0"}'\n""")
    (tmp_path / "tofu").chmod(0o755)
    assert Terraform.find("tofu").binary == str(tmp_path / "tofu")


def terraform(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Terraform:
    """Return a script in Terraform's place."""
    return Terraform(str(fake(folder, script, monkeypatch)), "1.11.4")


def test_a_failure_has_terraforms_own_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both streams, the errors first; some failures are expected."""
    found = terraform(tmp_path, "echo out; echo Error: no >&2; exit 3", monkeypatch)

    with pytest.raises(TerraformFailedError) as failed:
        found.run(tmp_path, "apply")
    assert str(failed.value) == "Error: no\nout"
    assert found.run(tmp_path, "apply", expect=(0, 3)) == "out\n"


def test_nothing_of_the_user_reaches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No account, no plugin cache that GitHub's stand-in could get into, no data folder."""
    for name in (
        *("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "GITHUB_TOKEN", "GH_TOKEN", "TF_CLI_ARGS_plan"),
        *("TF_CLI_CONFIG_FILE", "TF_DATA_DIR", "TF_LOG", "TF_PLUGIN_CACHE_DIR", "TF_WORKSPACE"),
        *("TF_VAR_x", "TF_REATTACH_PROVIDERS"),
    ):
        monkeypatch.setenv(name, "the user's")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    found = terraform(tmp_path, "env; read -r line || echo no input", monkeypatch)

    said = found.with_variables(A="1").with_variables(TF_VAR_x="2").run(tmp_path)

    assert "the user's" not in said
    # How it reaches a registry is the user's own affair.
    assert "HTTPS_PROXY=http://proxy\n" in said
    assert {"A=1", "TF_VAR_x=2", "CHECKPOINT_DISABLE=1", "no input"} <= {*said.splitlines()}
    assert found.variables == {}


def change(actions: list[str], before: Any = None, after: Any = None, **more: Any) -> Content:
    """Return a change as ``terraform show -json`` has it."""
    return {"actions": actions, "before": before, "after": after, **more}


def test_a_plan_tells_what_it_would_do() -> None:
    """Of each address the action; what is read or stays is none.

    https://developer.hashicorp.com/terraform/internals/json-format
    """
    changes = {
        "data.aws_vpc.v": ("data", change(["read"])),
        "aws_a.same": ("managed", change(["no-op"], {"x": 1}, {"x": 1})),
        "aws_a.made": ("managed", change(["create"], None, {"x": 1})),
        "aws_a.gone": ("managed", change(["delete"], {"x": 1}, None)),
        "aws_a.new": ("managed", change(["update"], {"x": 1, "y": 1, "z": 0}, {"x": 2, "y": 1})),
        "aws_a.first": (
            "managed",
            change(["create", "delete"], {"b": 1, "a": 1}, {"b": 2, "a": 2}),
        ),
        "aws_a.then": ("managed", change(["delete", "create"], {"x": 1}, {"x": 2})),
        "aws_a.taken": ("managed", change(["no-op"], {"x": 1}, {"x": 1}, importing={"id": "i"})),
        "aws_a.bent": ("managed", change(["update"], {"x": 1}, {"x": 2}, importing={"id": "j"})),
    }
    plan = Plan.of(
        {
            "resource_changes": [
                {"address": address, "mode": mode, "change": one}
                for address, (mode, one) in changes.items()
            ],
            "output_changes": {
                "kept": change(["no-op"], 1, 1),
                "put": change(["create"], None, 1),
            },
        }
    )

    assert str(plan).splitlines() == [
        "create aws_a.made",
        "delete aws_a.gone",
        "update aws_a.new for its x",
        "replace aws_a.first for its a, b",
        "replace aws_a.then for its x",
        "update aws_a.bent for its x",
        "import aws_a.taken",
        "import aws_a.bent",
        "output put",
    ]
    assert plan.imports == ("aws_a.taken", "aws_a.bent")
    assert plan.outputs == ("put",)
    assert plan


@pytest.mark.parametrize(
    ("shown", "something"),
    [
        ({}, False),
        ({"resource_changes": [], "output_changes": {}}, False),
        (
            {"resource_changes": [{"address": "a.b", "mode": "data", "change": change(["read"])}]},
            False,
        ),
        ({"output_changes": {"a": change(["delete"])}}, True),
        (
            {
                "resource_changes": [
                    {
                        "address": "a.b",
                        "mode": "managed",
                        "change": change(["no-op"], importing={"id": "i"}),
                    }
                ]
            },
            True,
        ),
    ],
)
def test_a_plan_may_have_nothing_to_do(shown: Content, something: bool) -> None:
    """An import or an output is something."""
    plan = Plan.of(shown)

    assert bool(plan) is something
    assert (str(plan) == "No changes") is not something


@needs_terraform
@pytest.mark.terraform
def test_real_plans_are_understood(tmp_path: Path) -> None:
    """Terraform's own resource, made, replaced, adopted and destroyed; and an output."""
    found = Terraform.find()

    def plan(content: Content) -> Plan:
        (tmp_path / "main.tf.json").write_text(json.dumps(content))
        return found.plan(tmp_path)

    def data(**arguments: Any) -> Content:
        return {"resource": {"terraform_data": {"it": arguments}}}

    (tmp_path / "main.tf.json").write_text("{}")
    found.init(tmp_path)
    assert str(plan(data(input=1))) == "create terraform_data.it"
    found.apply(tmp_path)
    assert not plan(data(input=1))
    assert str(plan(data(input=2))) == "update terraform_data.it for its input"
    replaced = plan(data(input=1, triggers_replace=[1]))
    assert replaced.actions == {"terraform_data.it": "replace"}
    assert str(plan({**data(input=1), "output": {"o": {"value": 1}}})) == "output o"
    assert str(plan({})) == "delete terraform_data.it"
    adopted = {
        "resource": {"terraform_data": {"it": {"input": 1}, "other": {}}},
        "import": [{"to": "terraform_data.other", "id": "by-hand"}],
    }
    assert str(plan(adopted)) == "import terraform_data.other"
    with pytest.raises(TerraformFailedError, match='No argument or block type is named "nonsense"'):
        plan(data(nonsense=1))


@needs_terraform
@pytest.mark.terraform
def test_the_registry_is_named() -> None:
    """By Terraform itself: OpenTofu has another."""
    host = providers.registry(Terraform.find())

    assert host.startswith("registry.")
    assert "/" not in host


def test_a_registry_that_is_not_named_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what was said instead."""
    found = terraform(tmp_path, "echo something else", monkeypatch)

    with pytest.raises(NoAwsProviderError, match="does not name hashicorp/aws:\nsomething else"):
        providers.registry(found)


@needs_terraform
@pytest.mark.terraform
@pytest.mark.parametrize("there", [True, False])
def test_a_mirror_that_lacks_what_is_needed(tmp_path: Path, there: bool) -> None:
    """Its name and Terraform's words; the registry is not asked instead."""
    mirror = tmp_path / "mirror"
    if there:
        mirror.mkdir()

    with pytest.raises(NoAwsProviderError) as missing:
        provide(Terraform.find(), tmp_path / "work", **NEEDED, mirror=mirror)

    assert str(missing.value).startswith(f"{mirror} does not hold what is needed: ")
    assert "hashicorp/aws" in str(missing.value)
    assert str(mirror) in (tmp_path / "work/terraform.rc").read_text()


@pytest.mark.parametrize(
    ("system", "machine", "named"),
    [
        ("linux", "aarch64", "linux_arm64"),
        ("darwin", "arm64", "darwin_arm64"),
        ("linux", "riscv64", "linux_riscv64"),
    ],
)
def test_no_registry_and_no_package_for_the_machine(
    system: str, machine: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says for which machine, what to do, and what Terraform said."""
    script = """
if [ "$1" = providers ]; then echo 'provider[registry.example/hashicorp/aws]'
else echo 'Error: could not connect' >&2; exit 1
fi"""
    found = terraform(tmp_path, script, monkeypatch)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)

    with pytest.raises(NoAwsProviderError) as missing:
        provide(found, tmp_path / "work", **NEEDED)

    said = str(missing.value)
    assert f"for {named} no package carries one" in said
    assert "--mirror DIR" in said
    assert said.endswith("Error: could not connect")


@pytest.mark.parametrize("reached", [True, False])
@pytest.mark.cdktf
def test_the_registry_goes_before_the_package(
    reached: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it can be reached the package's older provider is not looked at."""
    # Terraform has selected none where one runs already.
    selections = {"registry.example/hashicorp/aws": "6.25.0"} if reached else {}
    answer = json.dumps({"provider_selections": selections})
    script = f"""
case $1 in
providers) echo 'provider[registry.example/hashicorp/aws]' ;;
version) echo '{answer}' ;;
init) case $TF_REATTACH_PROVIDERS in
  *hashicorp/aws*) true ;;
  *) {"true" if reached else "exit 1"} ;;
  esac ;;
esac"""
    archive = tmp_path / "aws.zip"
    monkeypatch.setattr(providers, "_fallback", lambda: archive)
    monkeypatch.setattr(running_provider, "started", lambda it: {"started": it.name})
    work = tmp_path / "work"

    found = provide(terraform(tmp_path, script, monkeypatch), work, **NEEDED)

    running = json.loads(found.terraform.variables["TF_REATTACH_PROVIDERS"])
    # GitHub is never anything but the stand-in.
    assert running.pop("registry.example/integrations/github") == GITHUB
    assert (found.aws, found.older, running) == (
        ("6.25.0", False, {})
        if reached
        else ("3.39.0", True, {"registry.example/hashicorp/aws": {"started": "aws.zip"}})
    )
    # What is installed serves from now on.
    config = Path(found.terraform.variables["TF_CLI_CONFIG_FILE"]).read_text()
    assert str(work / "probe/.terraform/providers") in config


@needs_terraform
@pytest.mark.terraform
@pytest.mark.slow
def test_the_stand_in_is_installed_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another project would take it for GitHub's provider."""
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setenv("TF_PLUGIN_CACHE_DIR", str(cache))

    with plugin.serving(tmp_path / "github.json") as github:
        found = provide(Terraform.find(), tmp_path / "work", required=REQUIRED, github=github)
        schemas = found.schemas
    assert "github_repository_environment" in schemas["github"]["resource_schemas"]
    assert list(tmp_path.rglob("*integrations*")) == []
