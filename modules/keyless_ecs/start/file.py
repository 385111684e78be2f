"""The text of a first delivery file: small, with a comment where a choice is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keyless_ecs.yaml_text import Noted, to_yaml

_HEAD = """\
# yaml-language-server: $schema={schema}
# What is delivered, from where to where: keyless-ecs writes Terraform and workflows from it.
# What a key means, and which there are: {program} explain
"""
_WITHOUT_STATE = """
# Until this is set, the state of each stack is a file in its folder, which git ignores. For a team:
# state:
#   s3: {bucket: <a bucket that is there>, region: REGION}
"""


@dataclass(frozen=True)
class Answers:
    """What a first delivery file says; what is None or empty is left to its default."""

    owner: str
    repository: str
    account_id: str
    region: str
    service: str
    environment: str = "production"
    branch: str = "main"
    port: int | None = None
    domain: str | None = None
    subnets: Sequence[str] = ()
    state_bucket: str | None = None
    atlantis_root: str | None = None


def text(answers: Answers, *, schema: str, program: str) -> str:
    """Return the delivery file.

    Args:
        answers: What it says.
        schema: Where an editor finds the JSON schema: its path from the file's folder.
        program: How the reader starts this program.
    """
    end = "" if answers.state_bucket else _WITHOUT_STATE.replace("REGION", answers.region)
    body = to_yaml(_content(answers), words_in_line=True)
    return f"{_HEAD.format(schema=schema, program=program)}{body}{end}"


def service_name(repository: str) -> str:
    """Return a name for the service of *repository*, of the letters that a name may have."""
    words = re.findall(r"[a-z0-9]+", repository.lower())
    return re.sub(r"^[^a-z]+", "", "-".join(words)) or "web"


def _content(answers: Answers) -> Mapping[str, Any]:
    environment: dict[str, Any] = {
        "account": "main",
        "deploy_from": {"branches": [answers.branch]},
    }
    if answers.domain:
        environment["domain"] = answers.domain
    if answers.subnets:
        environment["network"] = {"subnets": list(answers.subnets)}
    service: dict[str, Any] = {"repository": answers.repository}
    if answers.port is not None:
        service["container"] = {"port": answers.port}
    content: dict[str, Any] = {
        "version": 1,
        "github": {"owner": Noted(answers.owner, "as GitHub spells it")},
        "accounts": {"main": {"id": answers.account_id, "region": answers.region}},
    }
    if answers.state_bucket:
        content["state"] = {"s3": {"bucket": answers.state_bucket, "region": answers.region}}
    if answers.atlantis_root:
        content["atlantis"] = {"root": answers.atlantis_root}
    service["environments"] = {answers.environment: environment}
    return {**content, "services": {answers.service: service}}
