"""AWS on a loopback port of this process."""

import os
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto import settings
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from keyless_ecs.rehearsal.aws.clients import Clients
from keyless_ecs.rehearsal.aws.gate import Application, Gate


class LocalAws(Clients):
    """A running local AWS, with clients of it.

    Exposes its *endpoint*, and the *gate* through which every call goes.
    """

    def __init__(self, endpoint: str, moto: Application) -> None:
        super().__init__(endpoint)
        self.gate = Gate(moto, self)


class _Moto(DomainDispatcherApplication):
    """Moto, which else looks through its own folder and a hundred patterns at each request."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._found: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in self._found:
            self._found[host] = super().get_backend_for_host(host)
        return self._found[host]


class _Quiet(MotoRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing of each request; a failure reaches its caller."""


@contextmanager
def started() -> Iterator[LocalAws]:
    """Run an empty AWS on a free port of the loopback interface, for as long as the block lasts.

    It lives in this process: whatever ends the process ends it, and leaves nothing behind.
    """
    # boto3 looks for the profile before it looks at its credentials, and moto uses boto3 too.
    names = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"} & set(os.environ)
    profiles = {name: os.environ.pop(name) for name in names}
    # Roles attach AWS's own policies, which moto otherwise does not know.
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    # Certificates are issued by themselves; nobody validates anything here.
    settings.ACM_VALIDATION_WAIT = 0
    moto = _Moto()
    server = make_server("127.0.0.1", 0, moto, threaded=True, request_handler=_Quiet)
    # Only the server knows its port, which the gate's own clients need.
    aws = LocalAws(f"http://127.0.0.1:{server.server_port}", moto)
    server.app = aws.gate
    # Half a second, its default, is what the end of each block would wait for.
    beat = {"poll_interval": 0.02}
    thread = threading.Thread(target=server.serve_forever, kwargs=beat, daemon=True)
    thread.start()
    try:
        # What an earlier rehearsal of this process left in moto.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        direct.open(f"{aws.endpoint}/moto-api/reset", data=b"").close()
        yield aws
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        os.environ.update(profiles)
