"""What surrounds a command in a process of its own: streams, signals, and how it leaves."""

# What else is imported comes in the block that answers Ctrl-C.
import gc
import os
import sys
from typing import NoReturn

INTERRUPTED, NOBODY_READS = 130, 141
"""Exit statuses, as a shell gives them for SIGINT and SIGPIPE."""


def run() -> NoReturn:
    """Run the command line that this process was started with, and leave with its exit status."""
    gc.disable()  # a run is over before there is anything to collect
    # Its search for plugins reads the metadata of every package that is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    interrupts: list[int] = []
    try:
        _listen(interrupts)
        refusal = _open_streams()
        from keyless_ecs.commands.main import main

        status = main(sys.argv[1:], refusal)
    except BrokenPipeError:
        # Whoever read the output has seen enough, as in `main.py trust | head`.
        status = NOBODY_READS
    except BaseException as error:
        # Where an import is interrupted, another error may come out of it.
        if not interrupts and not isinstance(error, KeyboardInterrupt):
            raise
        # A Node that jsii started was reached as well: jsii finds nobody to say goodbye to.
        sys.unraisablehook = lambda _: None
        status = INTERRUPTED
    _leave(status)


def _listen(interrupts: list[int]) -> None:
    """Raise KeyboardInterrupt on Ctrl-C, and on what stops a job of CI; note that it came."""
    import signal

    def interrupt(number: int, _: object) -> NoReturn:
        interrupts.append(number)
        raise KeyboardInterrupt

    # Whoever starts it with Ctrl-C ignored, as nohup does, wants it so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)


def _open_streams() -> str | None:
    """Make the streams fit for whatever is written to them; return why they cannot be used."""
    closed = sys.stdout is None
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Else the next file that is opened gets this number, and Node writes into it.
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show is written with escapes.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    return "standard output is closed; send it to a file or to /dev/null" if closed else None


def _leave(status: int) -> NoReturn:
    """End the process without taking its thousands of classes apart, a tenth of the run."""
    import atexit
    import contextlib
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it leaves already
    atexit._run_exitfuncs()  # ends Node, which removes what it unpacked
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # a command has told what it could not write
            stream.flush()
    os._exit(status)
