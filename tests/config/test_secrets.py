"""Credentials: none is taken where others can read it, and none is ever shown."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keyless_ecs.config import DeliveryFile
from keyless_ecs.config.credentials import is_credential
from keyless_ecs.config.shown import shown
from tests.conftest import Content
from tests.support.config import changed, problems

ENVIRONMENT = "services.papyrus.environments.production"
LETTERS = "Ab3dEf7hIj1kLm5nOp9qRs2tUv6wXy0zAb4dEf8hIj2kLm6nOp0q"


def made_up(before: str, length: int, after: str = "") -> str:
    """Return what only looks like a credential, put together here so that no scanner finds it."""
    return before + (LETTERS * 3)[:length] + after


CREDENTIALS = {
    "AWS key id": "AKIA" + "IOSFODNN7QQQQQQQ",
    "AWS temporary key id": "ASIA" + "IOSFODNN7QQQQQQQ",
    "GitHub": made_up("ghp" + "_", 36),
    "GitHub app": made_up("ghs" + "_", 36),
    "GitHub fine-grained": made_up("github" + "_pat_", 60),
    "GitLab": made_up("glpat" + "-", 20),
    "Slack": "xoxb" + "-123456789012-123456789012-" + LETTERS[:24],
    "Stripe": made_up("sk" + "_live_", 24),
    "npm": made_up("npm" + "_", 36),
    "PyPI": made_up("pypi-" + "AgEIcHlwaS5vcmc", 80),
    "SendGrid": made_up("SG" + ".", 22, "." + (LETTERS * 2)[:43]),
    "PEM": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE",
    "JWT": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiJhIn0." + LETTERS[:43],
    "URL": "postgres://app:" + "hunter2@db.example/app",
}

PLACES: list[tuple[str, Callable[[str], object]]] = [
    ("services.papyrus.container.variables", lambda text: {"A": text}),
    ("services.papyrus.container.command", lambda text: ["serve", text]),
    ("services.papyrus.container.health_check", lambda text: {"command": ["CMD", text]}),
    ("services.papyrus.tags", lambda text: {"note": text}),
    ("accounts.main.tags", lambda text: {text: "x"}),
    (f"{ENVIRONMENT}.github.variables", lambda text: {"A": text}),
    ("github.owner", lambda text: text),
    ("services.papyrus.repository", lambda text: text),
    (f"{ENVIRONMENT}.cluster", lambda text: {"name": text}),
    ("services.papyrus.container.port", lambda text: text),
    ("unknown", lambda text: {text: text}),
]


@pytest.mark.parametrize("credential", CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_credential_is_refused_and_never_shown(
    tmp_path: Path, example: Content, credential: str
) -> None:
    """Wherever it stands: the file is read by many, and so are the logs of a build."""
    for path, value in PLACES:
        report = "\n".join(
            problems(tmp_path / "bad.yaml", changed(example, path, value(credential)))
        )
        assert "looks like a credential" in report, path
        assert credential not in report
        assert credential[:20] not in report
        assert "hunter2" not in report


def test_the_way_to_do_it_is_said(tmp_path: Path, example: Content) -> None:
    """Whoever has a secret needs a place for it."""
    token = CREDENTIALS["GitHub"]
    data = changed(example, "services.papyrus.container.variables", {"TOKEN": token})
    data = changed(data, f"{ENVIRONMENT}.github.variables", {"TOKEN": token})

    assert problems(tmp_path / "bad.yaml", data) == [
        "services.papyrus.container.variables.TOKEN: the value looks like a credential, and those "
        "never stand in this file; keep it in Secrets Manager or SSM and name its ARN in "
        "container.secrets",
        f"{ENVIRONMENT}.github.variables.TOKEN: the value looks like a credential, and those "
        "never stand in this file; write github: {secrets: {TOKEN: variable}}",
    ]


def test_an_aws_secret_key_is_known_by_its_name(tmp_path: Path, example: Content) -> None:
    """Its form is that of many things: where the name says nothing it may pass, never unhidden."""
    key = LETTERS[:20] + "/" + LETTERS[:19]
    data = changed(example, "services.papyrus.container.variables", {"AWS_SECRET_ACCESS_KEY": key})

    assert "looks like a credential" in str(problems(tmp_path / "bad.yaml", data))
    assert shown(key) == "the value"


@pytest.mark.parametrize(
    "text",
    [
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web@sha256:" + "0123456789abcdef" * 4,
        "0123456789abcdef0123456789abcdef01234567",
        "arn:aws:iam::123456789012:role/service-role/AmazonECSTaskExecutionRolePolicy2",
        "https://registry.example:8443/@scope/package",
        "e5f0c1b2-3d4e-5f60-7182-93a4b5c6d7e8",
        "APACHESTRUTS2",
        "https://sentry.example/42?environment=production-eu-west-1-blue",
    ],
)
def test_what_is_no_credential_passes(
    example: Content, loaded: Callable[[Content], DeliveryFile], text: str
) -> None:
    """Digests, commits, ARNs, ids and addresses look as random as a key, and are none."""
    loaded(changed(example, "services.papyrus.container.variables", {"A": text}))
    assert not is_credential(text)


def test_values_are_shown_short_and_on_one_line() -> None:
    """A message is a line, and stays what it looks like."""
    assert shown("x" * 1000) == f"'{'x' * 60}…'"
    assert shown("a\nb\u202ec") == "'a\\nb\\u202ec'"


def test_a_plain_file_pays_nothing_for_the_detectors(
    example: Content, loaded: Callable[[Content], DeliveryFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take a quarter of a second to import."""
    monkeypatch.setitem(sys.modules, "detect_secrets.plugins.aws", None)

    loaded(example)
