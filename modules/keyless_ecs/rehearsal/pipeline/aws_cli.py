"""AWS's own command line, as :mod:`keyless_ecs.rehearsal.preloaded` runs it."""

import os
from contextlib import redirect_stderr
from pathlib import Path

from keyless_ecs.rehearsal.preloaded import Main

_FIRST = (("ecr", "describe-repositories"), ("ecs", "list-clusters"))
"""A call of each service that the scripts call: it fails, and what it read stays in memory."""


def load() -> Main:
    """Return what runs ``aws`` with the arguments that it gets."""
    from awscli.clidriver import create_clidriver

    driver = create_clidriver()
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        for call in _FIRST:
            driver.main(call)
    main: Main = driver.main
    return main
