"""What git and the AWS configuration know."""

import subprocess
from pathlib import Path

import pytest

from keyless_ecs.start.found import found


@pytest.fixture(autouse=True)
def _nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


def git(folder: Path, *arguments: str) -> None:
    """Run git in *folder*."""
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize(
    "remote",
    [
        "git@github.com:Nickelth/Papyrus.git",
        "git@github.com:Nickelth/Papyrus",
        "ssh://git@github.com/Nickelth/Papyrus.git",
        "ssh://git@ssh.github.com:443/Nickelth/Papyrus.git",
        "https://github.com/Nickelth/Papyrus",
        "https://github.com/Nickelth/Papyrus.git/",
        "https://name@github.example.com/Nickelth/Papyrus.git",
        "org-1234@github.com:Nickelth/Papyrus.git",
    ],
)
def test_the_remote_names_owner_and_repository(tmp_path: Path, remote: str) -> None:
    """In each form in which GitHub offers it; capitals stay."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", remote)

    assert found(tmp_path) == {"owner": "Nickelth", "repository": "Papyrus"}


@pytest.mark.parametrize(
    ("dockerfile", "known"),
    [
        ("FROM a\nexpose 8080/tcp\n", {"port": "8080"}),
        ("EXPOSE 80\nFROM b\nEXPOSE 80\n", {"port": "80"}),
        ("EXPOSE 80\nEXPOSE 9090\n", {}),
        ("EXPOSE $PORT\n", {}),
        ("EXPOSE 53/udp\n", {}),
    ],
)
def test_the_dockerfile_names_the_port(
    tmp_path: Path, dockerfile: str, known: dict[str, str]
) -> None:
    """Where it is one: https://docs.docker.com/reference/dockerfile/#expose."""
    (tmp_path / "Dockerfile").write_text(dockerfile)

    assert found(tmp_path) == known


@pytest.mark.parametrize("remote", ["/srv/git/web.git", "https://github.com/acme", "file:///x/y/z"])
def test_another_remote_names_nothing(tmp_path: Path, remote: str) -> None:
    """A path or a page is no repository of GitHub's."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", remote)

    assert found(tmp_path) == {}


def test_the_branch_is_the_remotes_own(tmp_path: Path) -> None:
    """What the default branch is called, git learnt when it cloned."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", "git@github.com:acme/web.git")
    git(tmp_path, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")

    assert found(tmp_path)["branch"] == "trunk"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (None, {"region": "eu-west-1"}),
        ("sso", {"region": "eu-central-1", "account_id": "210987654321"}),
        ("role", {"account_id": "123456789012"}),
        ("nowhere", {}),
    ],
)
def test_the_profile_names_region_and_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str | None, expected: dict[str, str]
) -> None:
    """As AWS's tools read it: the default, or that of AWS_PROFILE."""
    (tmp_path / "config").write_text(
        "[default]\nregion = eu-west-1\n"
        "[profile sso]\nregion = eu-central-1\nsso_account_id = 210987654321\n"
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/terraform\n"
    )
    if profile:
        monkeypatch.setenv("AWS_PROFILE", profile)

    assert found(tmp_path) == expected


def test_a_variable_wins_and_a_broken_file_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever set AWS_REGION meant it; who cannot read the file can still answer."""
    (tmp_path / "config").write_bytes(b"[default\n\xff")
    monkeypatch.setenv("AWS_REGION", "us-east-2")

    assert found(tmp_path) == {"region": "us-east-2"}
