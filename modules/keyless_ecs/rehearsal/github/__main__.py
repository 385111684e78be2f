"""The plugin that Terraform starts: ``python -m keyless_ecs.rehearsal.github``."""

import os
import signal
import threading
import time
from pathlib import Path

from tf import provider as protocol
from tf import runner

from keyless_ecs.rehearsal.github.provider import GitHubProvider, Servicer
from keyless_ecs.rehearsal.github.store import WORLD


def _end_with(parent: int) -> None:
    """End when Terraform does: one that was killed asks no plugin to stop."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def main() -> None:
    """Serve until Terraform says stop."""
    # On Ctrl-C Terraform ends what it has begun, and needs its plugins for that.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    if path := os.environ.get(WORLD):
        # The framework keeps a certificate under the home folder, which may be read-only.
        os.environ["HOME"] = str(Path(path).parent)
    protocol.ProviderServicer = Servicer  # type: ignore[misc]  # it takes no other way
    runner.run_provider(GitHubProvider())


if __name__ == "__main__":
    main()
