"""``main.py`` with the bindings imported as their packages are, for comparison.

Takes the same arguments. Only what :mod:`keyless_ecs.engine.bindings` does for speed is left out.
"""

import sys
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "modules"))

from keyless_ecs.commands.process import run
from keyless_ecs.engine import bindings


def nothing(_: object = None) -> None:
    """Leave a package, Node's options and its compiled code as they are; let jsii start Node."""


vars(bindings).update(
    _make_lazy=nothing,
    _extend_node_options=nothing,
    _keep_compiled=nothing,
    Kernel=types.SimpleNamespace(start=nothing),
)

run()
