"""Terraform's command line, as it is told to the user."""

import shlex
from pathlib import Path


def terraform_in(folder: Path) -> str:
    """Return how a command of Terraform's begins that works on the stack in *folder*."""
    return f"terraform -chdir={shlex.quote(str(folder))}"
