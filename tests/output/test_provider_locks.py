"""Lock files for every platform, from real Terraform and a mirror in place of the registry."""

import json
from pathlib import Path

import pytest

from keyless_ecs.output import provider_locks
from keyless_ecs.output.provider_locks import LockError
from tests.support.terraform import needs_terraform


def write(folder: Path, *names: str, version: str) -> list[Path]:
    """Write stacks that require a provider in this version; return their lock files to be."""
    aws = {"source": "example.com/acme/aws", "version": version}
    for name in names:
        stack = folder / "stacks" / name / "cdk.tf.json"
        stack.parent.mkdir(parents=True)
        stack.write_text(json.dumps({"terraform": {"required_providers": {"aws": aws}}}))
    return [folder / "stacks" / name / provider_locks.LOCK for name in names]


@needs_terraform
@pytest.mark.terraform
def test_every_stack_is_locked_for_every_platform(
    tmp_path: Path,
    mirror: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """One download serves all stacks that are alike."""
    monkeypatch.setenv("TF_CLI_ARGS_providers_lock", f"-fs-mirror={mirror}")
    first, second = write(tmp_path, "a", "b", version="~> 6.25")
    (other,) = write(tmp_path, "c", version="6.25.0")

    platforms = [path.name for path in mirror.glob("*/*/*/*/*")]
    assert provider_locks.lock(tmp_path, platforms) == 3
    said = capfd.readouterr().out
    for platform in platforms:
        assert said.count(f"Retrieved example.com/acme/aws 6.25.0 for {platform}") == 2
    assert first.read_text() == second.read_text()
    assert first.read_text().count('"h1:') == len(platforms)
    assert 'constraints = "6.25.0"' in other.read_text()


@needs_terraform
@pytest.mark.terraform
def test_a_failure_stops_and_names_the_stack(
    tmp_path: Path, mirror: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What Terraform says stands before it; no lock file is written."""
    monkeypatch.setenv("TF_CLI_ARGS_providers_lock", f"-fs-mirror={mirror}")
    locks = write(tmp_path, "a", "b", version="7.0.0")

    with pytest.raises(LockError) as refused:
        provider_locks.lock(tmp_path, ["darwin_arm64"])
    assert "Could not retrieve providers for locking" in capfd.readouterr().err
    assert str(refused.value) == (
        f"{tmp_path}/stacks/a could not be locked; the stacks like it are as they were"
    )
    assert not any(lock.exists() for lock in locks)


def test_what_is_missing_is_named(
    tmp_path: Path, generated_example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No stacks, no Terraform, or a file in the middle of a merge."""
    monkeypatch.setenv("TERRAFORM", "no-such-terraform")
    for folder, said in (
        (tmp_path, f"{tmp_path} has no stacks; run make synth first"),
        (
            generated_example,
            "there is no no-such-terraform on PATH; install Terraform "
            "(https://developer.hashicorp.com/terraform/install) or name yours in TERRAFORM",
        ),
    ):
        with pytest.raises(LockError) as refused:
            provider_locks.lock(folder, ["linux_amd64"])
        assert str(refused.value) == said

    monkeypatch.setenv("TERRAFORM", "true")
    write(tmp_path, "a", version="1")
    file = tmp_path / "stacks/a/cdk.tf.json"
    file.write_text("<<<<<<<")
    with pytest.raises(LockError) as refused:
        provider_locks.lock(tmp_path, ["linux_amd64"])
    assert str(refused.value) == f"{file} cannot be read; run make synth first"
