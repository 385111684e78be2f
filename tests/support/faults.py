"""Calls to the file system that fail, or that end the process, without ending the test."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CALLS = ("open", "replace", "rename", "unlink", "mkdir", "rmdir", "fsync", "fchmod", "ftruncate")
"""What changes a file system, and what says that it is changed for good."""


class KilledError(BaseException):
    """The process is dead: nobody is to catch this."""


@contextmanager
def killed_at(number: int, *, torn: bool = False) -> Iterator[list[str]]:
    """End "the process" at the *number*-th call and each after it; yield the calls made.

    Args:
        number: From 1.
        torn: Whether a file that was not synced yet is cut in half by it.

    Raises:
        KilledError: It has ended.
    """
    cut = os.ftruncate

    def end(call: int, name: str, first: Any) -> None:
        if call >= number:
            if torn and name == "fsync" and (size := os.fstat(first).st_size) < 4096:
                cut(first, size // 2)
            raise KilledError

    with _watched(end) as made:
        yield made


@contextmanager
def failing_at(number: int, why: int) -> Iterator[list[str]]:
    """Let the *number*-th call, from 1, fail with the errno *why*; yield the calls made."""

    def fail(call: int, _: str, first: Any) -> None:
        if call == number:
            raise OSError(why, os.strerror(why), None if isinstance(first, int) else str(first))

    with _watched(fail) as made:
        yield made


@contextmanager
def _watched(before: Callable[[int, str, Any], None]) -> Iterator[list[str]]:
    """Call *before* each call with its number, its name and its first argument."""
    made: list[str] = []

    def watched(name: str) -> Any:
        real = getattr(os, name)

        def call(*args: Any, **keywords: Any) -> Any:
            made.append(name)
            before(len(made), name, args[0])
            return None if name == "fsync" else real(*args, **keywords)  # syncing takes its time

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, watched(name))
        yield made
