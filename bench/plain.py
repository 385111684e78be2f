"""``main.py`` with the bindings imported as their packages are, for comparison.

Takes the same arguments. Only what :mod:`keyless_ecs.engine.bindings` does for speed is left out;
with ``PLAIN=github`` Python imports the one package as it is, and Node both.
"""

import os
import sys
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "modules"))

from keyless_ecs.commands.process import run
from keyless_ecs.engine import bindings

PLAIN = os.environ.get("PLAIN", "aws github").split()
lazily = bindings._make_lazy


def nothing(_: object = None) -> None:
    """Leave Node's options as they are; let jsii start Node."""


def make_lazy(package: str) -> None:
    """Leave a package as it is."""
    if package.rpartition("_")[2] not in PLAIN:
        lazily(package)


vars(bindings).update(
    _make_lazy=make_lazy,
    _extend_node_options=nothing,
    Kernel=types.SimpleNamespace(start=nothing),
)

run()
