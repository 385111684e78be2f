"""What a killed run left among the temporary files goes with the next one."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from keyless_ecs.synthesis import temporary


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def ended() -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_a_killed_run_left_goes(place: Path) -> None:
    """With all that is in it."""
    left = place / f"keyless-ecs-{ended()}-x1_y"
    (left / "stacks").mkdir(parents=True)
    (left / "stacks/cdk.tf.json").write_text("{}")

    with temporary.folder() as name:
        assert list(place.iterdir()) == [Path(name)]
    assert list(place.iterdir()) == []


def test_what_is_in_use_stays(place: Path) -> None:
    """Be it by a process of another container, whose number means nothing here."""
    with temporary.folder() as first:
        elsewhere = place / f"keyless-ecs-{ended()}-x"
        Path(first).rename(elsewhere)
        with temporary.folder():
            assert elsewhere.exists()
        elsewhere.rename(first)
        with temporary.folder():
            assert Path(first).exists()


def test_what_is_not_ours_stays(place: Path) -> None:
    """Other folders, files, links, and those of other users."""
    dead = ended()
    names = ["keyless-ecs-rehearsal-1", f"keyless-ecs-{dead}", f"other-{dead}-x", f"{dead}-x"]
    for name in names:
        (place / name).mkdir()
    (place / "target").mkdir()
    (place / f"keyless-ecs-{dead}-link").symlink_to(place / "target")
    (place / f"keyless-ecs-{dead}-file").write_text("")
    if os.getuid() == 0:
        (place / f"keyless-ecs-{dead}-other").mkdir()
        os.chown(place / f"keyless-ecs-{dead}-other", 1234, -1)
    before = set(place.iterdir())

    with temporary.folder():
        pass
    assert set(place.iterdir()) == before
