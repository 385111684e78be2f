"""``main.py`` with the bindings imported as their packages are, for comparison.

Takes the same arguments. Only the two cures of :mod:`modules.bindings` are left out.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import main
from modules import bindings


def nothing(_: str) -> None:
    """Leave a package, and Node's options, as they are."""


vars(bindings).update(_make_lazy=nothing, _extend_node_options=nothing)

main._leave(main.main(sys.argv[1:]))
