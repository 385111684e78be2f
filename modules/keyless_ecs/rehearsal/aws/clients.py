"""Clients of the local AWS, for whoever signs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from keyless_ecs.config.regions import partition_of


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


class Clients:
    """Clients of the AWS at an *endpoint*; those of administrators are kept."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._administrators: dict[str, Credentials] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}

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

    def session(self, credentials: Credentials, region: str) -> Session:
        """Return what makes clients that sign with *credentials*."""
        return Session(self.endpoint, credentials, region)

    def client(self, service: str, account: str, region: str) -> Any:
        """Return a client of *service* for the administrator of *account*."""
        key = (service, account, region)
        if key not in self._clients:
            session = self.session(self.administrator(account, region), region)
            self._clients[key] = session.client(service)
        return self._clients[key]
