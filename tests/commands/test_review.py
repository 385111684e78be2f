"""``review`` as a command: its exit status, and what it refuses."""

from pathlib import Path

import pytest

from tests.support.command_line import Run
from tests.support.plans import allow, change, policy, shown

POLICY = "aws_iam_role_policy.deploy_role_policy"


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ((), 0),
        (("--fail-on", "access"), 1),
        (("--fail-on", "loss", "--fail-on", "access"), 1),
        (("--fail-on", "cost"), 0),
        (("--fail-on", "nothing"), 0),
    ],
)
def test_the_exit_status_is_for_a_policy(
    run: Run, tmp_path: Path, flags: tuple[str, ...], status: int
) -> None:
    """In CI, and in a custom step of Atlantis."""
    path = tmp_path / "plan.json"
    path.write_text(shown(change(POLICY, None, policy(allow("ecr:PutImage")))))

    result = run("review", path, *flags)
    assert (result.returncode, result.stderr) == (status, "")
    assert result.stdout.startswith("**1 to create**\n")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format_version": "1", "resource_changes": 1}'])
def test_what_is_no_plan_is_refused(run: Run, tmp_path: Path, text: str) -> None:
    """With the command that makes one."""
    path = tmp_path / "plan.json"
    path.write_text(text)

    result = run("review", path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "is not a plan in JSON; make one with: terraform plan" in result.stderr


def test_a_plan_as_terraform_keeps_it_is_named(run: Run, tmp_path: Path) -> None:
    """It is a zip file, and easily taken for the other."""
    path = tmp_path / "plan.tfplan"
    path.write_bytes(b"PK\x03\x04\xff\xfe")

    result = run("review", path)
    assert result.returncode == 2
    assert f"terraform show -json {path} >plan.json" in result.stderr
