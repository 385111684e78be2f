"""A process that ends at a chosen call to the file system, without ending the test."""

import os
from collections.abc import Iterator
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
    made: list[str] = []
    cut = os.ftruncate

    def watched(name: str) -> Any:
        real = getattr(os, name)

        def call(*args: Any, **keywords: Any) -> Any:
            made.append(name)
            if len(made) >= number:
                if torn and name == "fsync" and (size := os.fstat(args[0]).st_size) < 4096:
                    cut(args[0], size // 2)
                raise KilledError
            return None if name == "fsync" else real(*args, **keywords)  # syncing takes its time

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, watched(name))
        yield made
