"""``main.py trust``: who gets in."""

import re

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
