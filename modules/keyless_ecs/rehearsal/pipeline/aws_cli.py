"""AWS's own command line, loaded once: to load it anew takes most of the time of each call.

A process of its own has it in memory and forks for each call. It ends with the one that started it,
whatever ends that.
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
from contextlib import redirect_stderr
from functools import cache
from pathlib import Path

_CLIENT = """
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect(sys.argv[1])
call = json.dumps([sys.argv[2:], dict(os.environ), os.getcwd()]).encode()
socket.send_fds(server, [len(call).to_bytes(4, "big")], [0, 1, 2])
server.sendall(call)
sys.exit(int(server.recv(4) or b"255"))
"""
_FIRST = (("ecr", "describe-repositories"), ("ecs", "list-clusters"))
"""A call of each service that the scripts call: it fails, and what it read stays in memory."""


@cache
def program() -> str:
    """Start the process, and return the text of a program that does what ``aws`` does."""
    folder = Path(tempfile.mkdtemp(prefix="keyless-ecs-aws-"))
    process = subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", __name__, str(folder)],
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
        raise RuntimeError("AWS's command line does not start; make rehearse installs it")
    client = folder / "client.py"
    client.write_text(_CLIENT)
    words = shlex.join([sys.executable, "-IS", str(client), str(folder / "socket")])
    return f'#!/bin/sh\nexec {words} "$@"\n'


def _serve(folder: Path) -> None:
    """Answer calls until stdin ends, which it does with the process at its other end."""
    from awscli.clidriver import create_clidriver

    driver = create_clidriver()
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        for call in _FIRST:
            driver.main(call)
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
                code = 255
                try:
                    code = driver.main(_taken_over(connection))
                finally:
                    sys.stdout.flush()
                    sys.stderr.flush()
                    connection.sendall(str(code).encode())
                    os._exit(0)
            connection.close()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def _taken_over(connection: socket.socket) -> list[str]:
    """Become the process that asks: its streams, folder, variables. Return its arguments."""
    size, streams, _, _ = socket.recv_fds(connection, 4, 3)
    call = b""
    while len(call) < int.from_bytes(size, "big"):
        call += connection.recv(65536)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    arguments, variables, folder = json.loads(call)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    return list(arguments)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
