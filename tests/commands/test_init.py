"""``init``: the first delivery file."""

import io
import json
import sys
from pathlib import Path

import pytest

from keyless_ecs.config import load
from keyless_ecs.start.file import service_name
from tests.support.command_line import Run

SAID = ["--owner", "acme", "--repository", "Web.App", "--account-id", "123456789012"]


@pytest.fixture(autouse=True)
def _nothing_is_known(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:  # noqa: ARG001
    """Begin in the folder of *run*, without a delivery file, a remote or a profile."""
    Path("delivery.yaml").unlink()
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)


def test_flags_make_a_valid_file(run: Run) -> None:
    """Small: what has a default is not in it, but the choice of the state, as a comment."""
    result = run("init", *SAID, "--region", "eu-west-1", "--port", "8080")

    assert result.returncode == 0
    assert result.stdout == (
        "wrote delivery.yaml\n"
        "wrote delivery.schema.json, by which an editor completes and checks it\n"
    )
    assert result.stderr == "next: python main.py synth\n"
    (delivery,) = load(Path("delivery.yaml")).deliveries()
    assert delivery.name == "web-app-production"
    assert delivery.container.port == 8080
    text = Path("delivery.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=delivery.schema.json\n")
    assert json.loads(Path("delivery.schema.json").read_text())["properties"]["services"]
    assert "# state:\n#   s3: {" in text


def test_the_choices_that_matter_are_there(run: Run) -> None:
    """An existing network, where the state is, Atlantis."""
    choices = ["--subnets", "subnet-0123456789abcdef0, subnet-0123456789abcdef1"]
    choices += ["--state-bucket", "state-of-acme", "--atlantis-root", "infra/generated"]
    choices += ["--environment", "live", "--branch", "trunk", "--service", "shop"]

    assert run("init", *SAID, *choices, AWS_REGION="eu-central-1").returncode == 0
    file = load(Path("delivery.yaml"))
    (delivery,) = file.deliveries()
    assert delivery.name == "shop-live"
    assert len(delivery.environment.network.subnets) == 2
    assert file.state.s3
    assert (file.state.s3.bucket, file.state.s3.region) == ("state-of-acme", "eu-central-1")
    assert file.atlantis.root == "infra/generated"
    assert delivery.refs == ["refs/heads/trunk"]


def test_https_takes_one_answer(run: Run) -> None:
    """And the port, which the Dockerfile says."""
    Path("Dockerfile").write_text("FROM nginx\nEXPOSE 3000/tcp\n")

    assert run("init", *SAID, "--region", "eu-west-1", "--domain", "web.acme.com").returncode == 0
    (delivery,) = load(Path("delivery.yaml")).deliveries()
    assert delivery.container.port == 3000
    assert "domain: web.acme.com" in Path("delivery.yaml").read_text()


def test_what_comes_next_names_the_places(run: Run) -> None:
    """A file in another folder has what it yields beside it."""
    Path("infra").mkdir()
    places = ["--config", "infra/delivery.yaml", "--region", "eu-west-1"]

    said = run("init", *SAID, *places).stderr
    assert said == "next: python main.py synth --config infra/delivery.yaml --out infra/generated\n"


def test_a_file_that_is_there_stays(run: Run) -> None:
    """Whoever wrote it would not find it again."""
    Path("delivery.yaml").write_text("mine")

    result = run("init", *SAID, "--region", "eu-west-1")
    assert (result.returncode, result.stdout) == (2, "")
    assert "delivery.yaml is there already" in result.stderr
    assert Path("delivery.yaml").read_text() == "mine"


def test_all_that_is_missing_or_wrong_is_said_at_once(run: Run) -> None:
    """By the rules of the keys themselves; nothing is written."""
    result = run("init", "--owner", "acme", "--account-id", "12", "--port", "x")

    assert (result.returncode, result.stdout) == (2, "")
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [
        "--repository is missing",
        "--account-id",
        "--region is missing",
        "--service is missing",
        "--port",
    ]
    assert not Path("delivery.yaml").exists()


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        """Say that it is a terminal."""
        return True


def test_on_a_terminal_it_asks_until_it_has_an_answer(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in brackets is taken with Enter, and a wrong answer is asked for again.

    What is wrong with it says how the file has it, in quotes: typed so it is the same.
    """
    typed = ["acme", "web", "12", '"123456789012"', "eu-west-1", *[""] * 7]
    monkeypatch.setattr(sys, "stdin", Terminal("\n".join([*typed, ""])))

    result = run("init")
    assert result.returncode == 0, result.stderr
    assert "name of the service, part of what is made [web]: " in result.stderr
    assert "  '12' is not an account id" in result.stderr
    assert [each.name for each in load(Path("delivery.yaml")).deliveries()] == ["web-production"]


def test_who_stops_answering_gets_no_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-D is no answer."""
    monkeypatch.setattr(sys, "stdin", Terminal("acme\n"))

    assert run("init").returncode == 2
    assert not Path("delivery.yaml").exists()


@pytest.mark.parametrize(
    ("repository", "name"),
    [("Papyrus", "papyrus"), ("my_App.js", "my-app-js"), ("2048", "web"), ("--x--", "x")],
)
def test_a_service_is_named_after_its_repository(repository: str, name: str) -> None:
    """In the letters that a name may have."""
    assert service_name(repository) == name
