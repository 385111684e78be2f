"""Real Terraform, for the tests that run it."""

import shutil
import subprocess
from pathlib import Path

import pytest

needs_terraform = pytest.mark.skipif(
    not shutil.which("terraform"), reason="there is no terraform on PATH"
)


def terraform(folder: Path, *arguments: str) -> str:
    """Run Terraform in *folder* and return what it printed."""
    command = ["terraform", f"-chdir={folder}", *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout
