"""What surrounds a command in a process of its own: streams, signals, and how it leaves."""

# What else is imported comes in the block that answers Ctrl-C.
import contextlib
import gc
import io
import os
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

from keyless_ecs.commands import REFUSED, interrupts

INTERRUPTED, NOBODY_READS = 130, 141
"""Exit statuses, as a shell gives them for SIGINT and SIGPIPE."""


def run() -> NoReturn:
    """Run the command line that this process was started with, and leave with its exit status."""
    gc.disable()  # a run is over before there is anything to collect
    # Its search for plugins reads the metadata of every package that is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        interrupts.listen()
        refusal = _open_streams()
        from keyless_ecs.commands.main import main

        status = main(sys.argv[1:], refusal)
    except BrokenPipeError:
        # Whoever read the output has seen enough, as in `main.py trust | head`.
        status = NOBODY_READS
    except BaseException as error:  # noqa: BLE001 -- it is the last to hear
        if interrupts.came or isinstance(error, KeyboardInterrupt):
            # A Node that jsii started was reached as well: jsii finds nobody to say goodbye to.
            sys.unraisablehook = lambda _: None
            status = INTERRUPTED
        else:  # what tells errors apart cannot be imported either
            with contextlib.suppress(OSError):
                print(f"the program cannot start: {error}", file=sys.stderr)
            status = REFUSED
    _leave(status)


def _open_streams() -> str | None:
    """Make the streams fit for whatever is written to them; return why they cannot be used."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Else the next file that is opened gets this number, and Node writes into it.
            os.open(os.devnull, os.O_RDWR)
    closed = sys.stdout is None
    sys.stdout = _Stream("standard output", sys.stdout)
    sys.stderr = _Stream("standard error", sys.stderr)
    return "standard output is closed; send it to a file or to /dev/null" if closed else None


class _Stream(io.TextIOWrapper):
    """A stream whose errors say its name, and that writes with escapes what it cannot encode."""

    def __init__(self, called: str, stream: Any) -> None:
        self._called = called
        stream = stream or open(os.devnull, "w")  # noqa: PTH123, SIM115
        super().__init__(
            stream.detach(),
            encoding=stream.encoding,
            errors="backslashreplace",
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )

    def write(self, text: str) -> int:
        with self._named():
            return super().write(text)

    def flush(self) -> None:
        with self._named():
            super().flush()

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            error.filename = self._called
            raise


def _leave(status: int) -> NoReturn:
    """End the process without taking its thousands of classes apart, a tenth of the run."""
    import atexit
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it leaves already
    atexit._run_exitfuncs()  # ends Node, which removes what it unpacked
    for stream in (sys.stdout, sys.stderr):
        # A command has told what it could not write. An interrupt may come while one is taken over.
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)
