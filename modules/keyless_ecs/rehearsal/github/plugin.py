"""The plugin that Terraform starts, as :mod:`keyless_ecs.rehearsal.preloaded` runs it.

Terraform starts it twice for a plan, and to load it takes most of a second.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from tf import provider as protocol
from tf import runner

from keyless_ecs.rehearsal.github.provider import GitHubProvider, Servicer
from keyless_ecs.rehearsal.github.store import WORLD
from keyless_ecs.rehearsal.preloaded import Main


def load() -> Main:
    """Return what serves one Terraform until it says stop.

    Ctrl-C does not end it: Terraform ends what it has begun, and needs its plugins for that.
    """
    return _serve


def _serve(_: Sequence[str]) -> int:
    if path := os.environ.get(WORLD):
        # The framework keeps a certificate under the home folder, which may be read-only.
        os.environ["HOME"] = str(Path(path).parent)
    protocol.ProviderServicer = Servicer  # type: ignore[misc]  # it takes no other way
    runner.run_provider(GitHubProvider())
    return 0
