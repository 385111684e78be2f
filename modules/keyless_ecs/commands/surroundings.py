"""What Node needs of its surroundings, and would miss with pages of its own."""

import errno
import os
import tempfile

from keyless_ecs.errors import UserError

OPEN_FILES = 24
ADDRESS_SPACE = 1_500_000_000
"""With less than this the Node that comes with the program never starts (measured)."""


def check() -> None:
    """Find out before Node starts whether it can.

    Raises:
        UserError: The folder for temporary files cannot be written, a limit is too low, or HCL is
            wanted.
    """
    _json()
    _temporary_folder()
    _limits()


def _json() -> None:
    """``cdktf synth --hcl`` says so in the environment, and would find no file that it wants."""
    if os.environ.get("SYNTH_HCL_OUTPUT", "").lower() == "true":
        raise UserError(
            "cdktf synth --hcl: what is written here is Terraform's JSON, whose stacks are "
            "compared and moved as such; run it without --hcl (docs/leaving.md says how to go on "
            "in HCL)"
        )


def _temporary_folder() -> None:
    # As Node looks for it: https://nodejs.org/api/os.html#ostmpdir
    given = next((name for name in ("TMPDIR", "TMP", "TEMP") if os.environ.get(name)), None)
    folder = os.environ[given] if given else "/tmp"  # noqa: S108
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(100_000))  # about what an example takes
    except OSError as error:
        place = f"{given}={folder}" if given else folder
        mend = "name a folder with room for temporary files in TMPDIR"
        if error.errno == errno.EFBIG:
            mend = "raise the limit of a file's size: ulimit -f unlimited"
        raise UserError(f"{place}: {error.strerror}; {mend}") from error


def _limits() -> None:
    import resource

    for limit, least, what, mend in (
        (resource.RLIMIT_NOFILE, OPEN_FILES, "open files", "ulimit -n 1024"),
        (resource.RLIMIT_AS, ADDRESS_SPACE, "bytes of memory", "ulimit -v unlimited"),
    ):
        allowed, _ = resource.getrlimit(limit)
        if allowed != resource.RLIM_INFINITY and allowed < least:
            raise UserError(
                f"this shell allows {allowed} {what} and it takes more; raise the limit: {mend}"
            )
