"""A Python program that is loaded once: to load it anew takes most of the time of each call.

A process of its own has it in memory and forks for each call. It ends with the one that started it,
whatever ends that, and so does a call with its caller.
"""

import atexit
import json
import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

Main = Callable[[Sequence[str]], int]

_CLIENT = """
import json, os, select, signal, socket, sys
# What it calls decides what Ctrl-C means.
signal.signal(signal.SIGINT, signal.SIG_IGN)
server, caller = socket.socket(socket.AF_UNIX), os.getppid()
server.connect(sys.argv[1])
call = json.dumps([sys.argv[2:], dict(os.environ), os.getcwd()]).encode()
socket.send_fds(server, [len(call).to_bytes(4, "big")], [0, 1, 2])
server.sendall(call)
while not select.select([server], [], [], 0.5)[0]:
    if os.getppid() != caller:
        sys.exit(255)
sys.exit(int(server.recv(4) or b"255"))
"""


@cache
def program(module: str) -> str:
    """Start the process, and return the text of a program that calls it.

    Args:
        module: The module whose ``load()`` returns what a call runs: it gets the arguments, in the
            caller's folder, with its variables and streams, and returns the exit status.

    Raises:
        RuntimeError: What the module needs is not installed.
    """
    folder = Path(tempfile.mkdtemp(prefix="keyless-ecs-preloaded-"))
    process = subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", __name__, module, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Nothing that the user has configured reaches a rehearsal.
        env={
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "HOME": str(folder),
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONUTF8": "1",
        },
    )
    atexit.register(process.communicate)
    if process.stdout is None or not process.stdout.readline():
        raise RuntimeError(f"{module} does not start; make rehearse installs what it needs")
    client = folder / "client.py"
    client.write_text(_CLIENT)
    words = shlex.join([sys.executable, "-IS", str(client), str(folder / "socket")])
    return f'#!/bin/sh\nexec {words} "$@"\n'


def _serve(main: Main, folder: Path) -> None:
    """Answer calls until stdin ends, which it does with the process at its other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket"))
        server.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin not in select.select([server, sys.stdin], [], [])[0]:
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                _answer(main, connection)
            connection.close()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def _answer(main: Main, connection: socket.socket) -> None:
    """Do what the caller asks, and end with it."""
    code = 255
    try:
        arguments = _taken_over(connection)
        threading.Thread(target=_end_with, args=[connection], daemon=True).start()
        code = main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.sendall(str(code).encode())
        os._exit(0)


def _taken_over(connection: socket.socket) -> list[str]:
    """Become the process that asks: its streams, folder, variables. Return its arguments."""
    size, streams, _, _ = socket.recv_fds(connection, 4, 3)
    call = b""
    while len(call) < int.from_bytes(size, "big"):
        call += connection.recv(65536)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    arguments, variables, folder = json.loads(call)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    return list(arguments)


def _end_with(connection: socket.socket) -> None:
    """End with the caller, who says nothing more: what is read is its end."""
    connection.recv(1)
    os._exit(1)


if __name__ == "__main__":
    _serve(import_module(sys.argv[1]).load(), Path(sys.argv[2]))
