"""Puts the stand-in where Terraform looks for its GitHub provider."""

import shlex
import sys
from pathlib import Path

VERSION = "6.9.0"
"""The release of integrations/github that the bindings were made from."""

_HOST = "registry.terraform.io"  # of a source without a host; it names a folder, nobody calls it
_PLATFORMS = ("darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64")
_ROOT = Path(__file__).resolve().parents[2]


def install(mirror: Path) -> None:
    """Add the stand-in to a Terraform filesystem mirror, as integrations/github.

    The plugin is a script that runs this Python, so it is the same on every platform. Its hash is
    not that of the real provider: a lock file that knows the latter makes ``terraform init`` fail.

    Args:
        mirror: The folder that ``provider_installation`` names in Terraform's configuration file.
    """
    script = (
        "#!/bin/sh\n"
        f"cd {shlex.quote(str(_ROOT))} && "
        f'exec {shlex.quote(sys.executable)} -m rehearsal.github "$@"\n'
    )
    for platform in _PLATFORMS:
        folder = mirror / _HOST / "integrations" / "github" / VERSION / platform
        folder.mkdir(parents=True, exist_ok=True)
        plugin = folder / f"terraform-provider-github_v{VERSION}"
        plugin.write_text(script)
        plugin.chmod(0o755)
