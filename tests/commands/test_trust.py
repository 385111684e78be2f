"""``main.py trust``: who gets in."""

import re
from pathlib import Path

from tests.conftest import EXAMPLE
from tests.support.command_line import Run


def test_trust_shows_who_gets_in(run: Run) -> None:
    """For every role: whom it trusts, the tokens tried, and that all fared as they should."""
    result = run("trust")

    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert [line for line in lines if line.startswith("papyrus-production-")] == [
        "papyrus-production-build",
        "papyrus-production-deploy",
    ]
    assert {"  environment  production", "  environment  production-build"} <= set(lines)
    assert any(line.startswith("denied    both       fork") for line in lines)
    assert re.fullmatch(r"\d{3} tokens tried, all as expected", lines[-1])


def test_trust_tells_one_role_from_others(run: Run) -> None:
    """``--only`` takes a stack's name; one that names no role is refused."""
    assert run("trust", "--only", "papyrus-*").returncode == 0

    result = run("trust", "--only", "account-*")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "--only account-*: no such stack has a role of the pipeline\n"


def test_trust_expects_nothing_of_a_role_that_iam_refuses(run: Run, tmp_path: Path) -> None:
    """N3. A policy takes no letter beyond U+00FF, and "all as expected" said nothing of it.

    hashicorp/terraform-provider-aws#32010
    """
    config = tmp_path / "delivery.yaml"
    text = EXAMPLE.read_text().replace(
        "        account: main\n", "        account: main\n        github: {name: 本番}\n"
    )
    config.write_text(text)

    result = run("trust", "--config", str(config))

    assert (result.returncode, result.stdout) == (2, "")
    assert (
        "the role papyrus-production-deploy.assume_role_policy: '本' stands there" in result.stderr
    )
