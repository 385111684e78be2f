"""``main.py lock``: its flags; what it does with them is tested in ``tests/output``."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from keyless_ecs.commands.lock import PLATFORMS
from keyless_ecs.output import provider_locks
from tests.support.command_line import Run


@pytest.mark.parametrize(
    ("flags", "platforms"),
    [
        ((), PLATFORMS),
        (
            ("--platform", "linux_arm64", "--platform", "windows_amd64"),
            ["linux_arm64", "windows_amd64"],
        ),
    ],
)
def test_stacks_are_locked_for_the_platforms_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...], platforms: list[str]
) -> None:
    """Else for those that most people and machines run Terraform on."""
    asked: list[tuple[Path, Sequence[str]]] = []

    def lock(folder: Path, platforms: Sequence[str]) -> int:
        asked.append((folder, platforms))
        return 3

    monkeypatch.setattr(provider_locks, "lock", lock)

    result = run("lock", "--out", "elsewhere", *flags)
    assert (result.returncode, result.stderr) == (0, "")
    assert asked == [(Path("elsewhere"), platforms)]
    said = f"locked 3 stacks for {', '.join(platforms)}: commit their .terraform.lock.hcl\n"
    assert result.stdout == said


def test_nothing_to_lock_is_bad_input(run: Run) -> None:
    """Exit 2: 1 says that a check found something."""
    result = run("lock", "--out", "nowhere")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "nowhere has no stacks; run make synth first\n"
