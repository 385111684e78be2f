"""A headless Chromium, spoken to over a pipe in its own protocol.

https://chromedevtools.github.io/devtools-protocol/
"""

import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
SECONDS = 120
"""How long it may take to answer."""


def installed() -> str | None:
    """Return the browser on PATH."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """A running browser with one page, and everything that it told of that page."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._unread, self._sent, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come before it are kept."""
        self._sent += 1
        command: dict[str, Any] = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self._read()
            if message.get("id") != self._sent:
                self.events.append(message)
            elif "error" in message:
                raise RuntimeError(f"{method}: {message['error']['message']}")
            else:
                return dict(message["result"])

    def show(self, path: Path, *, width: int, dark: bool = False, medium: str = "screen") -> None:
        """Load a file into a page *width* pixels wide and wait until it is there."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=medium, features=[scheme])
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def screenshot(self, path: Path) -> None:
        """Write a picture of the whole page, for a person to look at."""
        answer = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(b64decode(answer["data"]))

    def _read(self) -> dict[str, Any]:
        until = time.monotonic() + SECONDS
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._answers], [], [], max(0, until - time.monotonic()))
            part = os.read(self._answers, 1 << 16) if ready else b""
            if not part:
                raise TimeoutError("the browser ended" if ready else "the browser says nothing")
            self._unread += part
        message, _, self._unread = self._unread.partition(b"\0")
        return dict(json.loads(message))


@contextmanager
def running(executable: str) -> Iterator[Browser]:
    """Start a browser with an empty profile; end it and all that it started."""
    with tempfile.TemporaryDirectory(
        prefix="keyless-ecs-browser-", ignore_cleanup_errors=True
    ) as profile:
        ours = [_out_of_the_way(end) for end in (*os.pipe(), *os.pipe())]
        reads, commands, answers, writes = ours
        null = os.open(os.devnull, os.O_RDWR)
        process = os.posix_spawn(
            executable,
            [executable, *FLAGS, f"--user-data-dir={profile}"],
            os.environ,
            setpgroup=0,
            file_actions=[
                # It reads commands from 3 and writes answers to 4.
                (os.POSIX_SPAWN_DUP2, reads, 3),
                (os.POSIX_SPAWN_DUP2, writes, 4),
                *((os.POSIX_SPAWN_DUP2, null, standard) for standard in (0, 1, 2)),
            ],
        )
        for end in (reads, writes, null):
            os.close(end)
        try:
            yield Browser(commands, answers)
        finally:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(commands)
            os.close(answers)


def _out_of_the_way(descriptor: int) -> int:
    """Move a descriptor past 3 and 4, into which others are copied."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved
