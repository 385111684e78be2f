"""Starts jsii's kernel before jsii is imported, and in one Node process instead of two.

CDKTF's constructs live in Node, in the kernel of jsii, which Python talks to. Left to itself, jsii
starts it when Python has imported most of jsii and cdktf, and waits while it loads each package;
and a second Node process stands between the two and hands on what they say. Importing takes as long
as loading does, so :class:`Kernel` starts the same program, from jsii's own files, at once, on
a socket that Python holds, and asks for every package beforehand. That is a sixth of a run.

What the process between them does:
https://github.com/aws/jsii/blob/main/packages/%40jsii/runtime/bin/jsii-runtime.ts
"""

import atexit
import contextlib
import importlib.util
import json
import os
import re
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keyless_ecs.errors import UserError

if TYPE_CHECKING:
    from jsii._kernel.providers import ProcessProvider

_PROGRAM = Path("_embedded", "jsii", "lib__program.js")
_OPTIONS = ("--max-old-space-size=4069", "--preserve-symlinks")
"""What jsii starts it with."""
_LOAD = re.compile(r'JSIIAssembly\.load\(\s*"([^"]+)",\s*"([^"]+)",[^"]+"([^"]+)"')
"""How a package of bindings loads its assembly when it is imported: name, version, file."""
_LARGEST = "/provider-aws"
"""The end of the name of the package whose index takes a fifteenth of a run to read."""


class KernelError(UserError):
    """The kernel ended while it was needed; on stderr is what it said."""


class Kernel:
    """A kernel that is starting, in the shape in which jsii expects a process."""

    def __init__(self, node: str, program: Path) -> None:
        """Let *node* run *program*.

        Raises:
            OSError: *node* is no program.
        """
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._pid = os.posix_spawnp(
                node,
                [node, *_OPTIONS, str(program)],
                os.environ | {"JSII_AGENT": f"Python/{sys.version.split()[0]}"},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    # What a construct prints is for people: stdout is for results.
                    (os.POSIX_SPAWN_DUP2, 2, 1),
                    # Where the program reads requests, and writes replies.
                    (os.POSIX_SPAWN_DUP2, theirs.fileno(), 3),
                ],
                # Ctrl-C is for Python, which then tells the kernel to clear up.
                setpgroup=0,
            )
            self.stdin, self.stdout = ours.makefile("wb"), ours.makefile("rb")
        atexit.register(self.end)
        self._node = node
        self._asked: list[tuple[str, str]] = []

    @classmethod
    def start(cls, packages: Iterable[str]) -> "Kernel | None":
        """Start a kernel, and let it load what importing *packages* will ask for, in their order.

        Returns:
            None where jsii is to start its own: it is imported already, its files are not where
            they are expected, or JSII_RUNTIME names another program.

        Raises:
            KernelError: It has ended already.
        """
        program = _folder("jsii") / _PROGRAM
        if "jsii" in sys.modules or "JSII_RUNTIME" in os.environ or not program.is_file():
            return None
        kernel = cls(os.environ["JSII_NODE"], program)
        for package in packages:
            kernel._ask_for(package)
        for name in kernel._largest():
            provider = f"{name}.provider.AwsProvider"
            kernel._send({"api": "sget", "fqn": provider, "property": "tfResourceType"})
        return kernel

    def _ask_for(self, package: str) -> None:
        """Send the request that importing *package* leads to; jsii sends what is not found here."""
        folder = _folder(package) / "_jsii"
        if call := _LOAD.search((folder / "__init__.py").read_text()):
            name, version, file = call.groups()
            request = {"api": "load", "name": name, "version": version}
            request["tarball"] = str(folder / file)
            self._send(request)
            self._asked.append((name, version))

    def _largest(self) -> list[str]:
        """Return whose index it is to read now: it needs it for the first thing that it makes."""
        return [name for name, _ in self._asked if name.endswith(_LARGEST)]

    def _send(self, request: Mapping[str, str]) -> None:
        with self._alive():
            self.stdin.write(json.dumps(request).encode() + b"\n")
            self.stdin.flush()

    def provider(self) -> "ProcessProvider":
        """Return what makes jsii, which may be imported by now, talk to this kernel.

        Raises:
            KernelError: It has ended already.
        """
        from jsii._kernel.providers import ProcessProvider
        from jsii._kernel.providers.process import _NodeProcess

        kernel: Any = self

        class Process(_NodeProcess):
            """What jsii takes for the process that it started."""

            def start(self) -> None:
                self._process = kernel
                with kernel._alive():
                    self.handshake()

            def send(self, request: Any, response_type: Any) -> Any:
                with kernel._alive():
                    return super().send(request, response_type)

            def stop(self) -> None:
                kernel.end()

        class Provider(ProcessProvider):
            """What jsii asks for its process."""

            _process = Process()  # type: ignore[no-untyped-call]

        Provider._process.start()
        return Provider()

    def loaded(self) -> list[tuple[str, str]]:
        """Wait until what was asked for is loaded; return the name and version of each.

        Raises:
            JSIIError: It cannot be loaded.
            KernelError: The kernel ended before it had answered.
        """
        from jsii.errors import JSIIError

        for _ in self._asked:
            with self._alive():
                reply = json.loads(self.stdout.readline())
            if "error" in reply:
                raise JSIIError(reply["error"])
        for _ in self._largest():
            with self._alive():
                json.loads(self.stdout.readline())  # whatever it is
        return self._asked

    @contextlib.contextmanager
    def _alive(self) -> Iterator[None]:
        """Turn what happens to those who talk to a kernel that has ended into a KernelError."""
        try:
            yield
        except (ConnectionError, json.JSONDecodeError) as error:
            raise KernelError(
                f"{self._node} ended early; what it said, if anything, is above"
            ) from error

    def end(self) -> None:
        """Tell it to end, and wait until it has removed what it unpacked."""
        if self.stdin.closed:
            return
        # Until it is gone, it may have replies to write.
        with contextlib.suppress(ConnectionError), self.stdout:
            with self.stdin:
                self.stdin.write(b'{"exit":0}\n')
            os.waitpid(self._pid, 0)


def _folder(package: str) -> Path:
    """Return where *package* is installed. It is not imported for it."""
    spec = importlib.util.find_spec(package)
    return Path(*((spec and spec.submodule_search_locations) or ())[:1])
