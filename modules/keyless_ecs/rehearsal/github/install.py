"""Puts the stand-in where Terraform looks for its GitHub provider."""

from itertools import product
from pathlib import Path

from keyless_ecs.rehearsal import preloaded
from keyless_ecs.versions import OLDEST

VERSION = OLDEST["cdktf"]["github"]
"""The release of integrations/github that it stands in for."""

_VERSIONS = sorted({versions["github"] for versions in OLDEST.values()})
"""Those that a delivery file may ask for."""

_PLATFORMS = ("darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64")


def install(folder: Path) -> None:
    """Put the stand-in into a Terraform filesystem mirror.

    The plugin is a script that calls this Python, so it is the same on every platform, and it
    serves as long as this process lives. Its hash is not that of the real provider: a lock file
    that knows the latter makes ``terraform init`` fail.

    Args:
        folder: Where the mirror files integrations/github, below the name of the registry.
    """
    script = preloaded.program("keyless_ecs.rehearsal.github.plugin")
    for version, platform in product(_VERSIONS, _PLATFORMS):
        place = folder / version / platform
        place.mkdir(parents=True, exist_ok=True)
        plugin = place / f"terraform-provider-github_v{version}"
        plugin.write_text(script)
        plugin.chmod(0o755)
