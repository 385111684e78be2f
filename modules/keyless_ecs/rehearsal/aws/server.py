"""AWS on a loopback port of this process."""

import os
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from keyless_ecs.config.aws import partition_of
from keyless_ecs.rehearsal.aws.gate import Gate


@dataclass(frozen=True)
class Credentials:
    """What signs a call; the key tells moto the account, and the gate who is calling."""

    access_key_id: str
    secret_access_key: str
    session_token: str

    @classmethod
    def of(cls, answer: dict[str, Any]) -> "Credentials":
        """Return those in an answer of STS."""
        found = answer["Credentials"]
        return cls(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    @classmethod
    def in_variables(cls, variables: Mapping[str, str]) -> "Credentials | None":
        """Return those in environment variables."""
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        return cls(*(variables[name] for name in names)) if names[0] in variables else None

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that hold them."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.session_token,
        }


NOBODY = Credentials("nobody", "nobody", "nobody")
"""Signs what needs no credentials, and what hands out the first ones."""


class LocalAws:
    """A running local AWS.

    Exposes its *endpoint*, and the *gate* through which every call goes.
    """

    def __init__(self, endpoint: str, gate: Gate) -> None:
        self.endpoint = endpoint
        self.gate = gate
        self._administrators: dict[str, Credentials] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}
        gate.aws = self

    def administrator(self, account: str, region: str) -> Credentials:
        """Return credentials that may do everything in *account*: a person's, or Terraform's."""
        if account not in self._administrators:
            answer = (
                self.session(NOBODY, region)
                .client("sts")
                .assume_role(
                    RoleArn=f"arn:{partition_of(region)}:iam::{account}:role/administrator",
                    RoleSessionName="administrator",
                )
            )
            self._administrators[account] = Credentials.of(answer)
        return self._administrators[account]

    def session(self, credentials: Credentials, region: str) -> "Session":
        """Return what makes clients that sign with *credentials*."""
        return Session(self.endpoint, credentials, region)

    def client(self, service: str, account: str, region: str) -> Any:
        """Return a client of *service* for the administrator of *account*."""
        key = (service, account, region)
        if key not in self._clients:
            session = self.session(self.administrator(account, region), region)
            self._clients[key] = session.client(service)
        return self._clients[key]


@dataclass(frozen=True)
class Session:
    """Makes clients for the local AWS."""

    endpoint: str
    credentials: Credentials
    region: str

    def client(self, service: str) -> Any:
        """Return a boto3 client of *service*."""
        return boto3.client(
            service,
            region_name=self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.credentials.access_key_id,
            aws_secret_access_key=self.credentials.secret_access_key,
            aws_session_token=self.credentials.session_token,
            # Nothing here is worth a second try, and no proxy knows the way.
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
        )


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
    gate = Gate(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        # What an earlier rehearsal of this process left in moto.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        direct.open(f"{endpoint}/moto-api/reset", data=b"").close()
        yield LocalAws(endpoint, gate)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        os.environ.update(profiles)
