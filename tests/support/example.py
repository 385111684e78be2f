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
    config = ROOT / "tests/data/papyrus.yaml"
    command: list[str | Path] = [sys.executable, ROOT / "main.py", "--config", config]
    subprocess.run([*command, "--out", folder], check=True, capture_output=True)
    return Path(folder)
