"""Python scripts in processes of their own, for what happens when a process starts."""

import os
import subprocess
import sys

from tests.conftest import EXAMPLE, ROOT

SET_BY_US = (
    "JSII_NODE",
    "JSII_RUNTIME_PACKAGE_CACHE",
    "JSII_RUNTIME_PACKAGE_CACHE_ROOT",
    "NODE_COMPILE_CACHE",
    "NODE_OPTIONS",
)
A_RUN = (
    "import sys; from keyless_ecs.commands import main; "
    f"sys.exit(main.main(['adopt', '--config', {str(EXAMPLE)!r}]))"
)
"""A script that loads the bindings and writes nothing."""


def run(script: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a Python *script* in a process of its own, with *env* added to the environment."""
    environment = {key: value for key, value in os.environ.items() if key not in SET_BY_US} | env
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
