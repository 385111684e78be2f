"""Ctrl-C, and what stops a job of CI."""

from typing import NoReturn

came: list[int] = []
"""The signals that came. Another error may come out of what they interrupt, as of an import."""


def listen() -> None:
    """Raise KeyboardInterrupt on Ctrl-C, and on what stops a job of CI; note that it came."""
    import signal

    def interrupt(number: int, _: object) -> NoReturn:
        came.append(number)
        raise KeyboardInterrupt

    # Whoever starts it with Ctrl-C ignored, as nohup does, wants it so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
