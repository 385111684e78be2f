"""What the article's delivery file yields."""

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def generated() -> Path:
    """Write it once for every process of tests, and return the folder."""
    folder = tempfile.mkdtemp(prefix="keyless-ecs-example-")
    atexit.register(shutil.rmtree, folder)
    command = [sys.executable, ROOT / "main.py", "--out", folder]
    command += ["--config", ROOT / "tests/data/papyrus.yaml"]
    subprocess.run(command, check=True, capture_output=True)
    return Path(folder)
