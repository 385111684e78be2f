"""Names that a package offers and imports only when somebody asks for one."""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package of constructs (PEP 562).

    The first construct that is asked for prepares the lazy bindings, so that a program that uses
    these constructs and knows nothing of :mod:`keyless_ecs.engine` starts as fast.

    Args:
        package: The package's name.
        homes: Each name that it offers, and the module and name that stand behind it:
            ``registry.Registry``.
    """

    def __getattr__(name: str) -> Any:  # noqa: N807 -- the package's own
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if "cdktf" not in sys.modules:
            from keyless_ecs.engine.bindings import load_lazily

            load_lazily()
        module, _, of_module = homes[name].partition(".")
        return getattr(importlib.import_module(f"{package}.{module}"), of_module)

    return __getattr__
