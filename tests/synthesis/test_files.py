"""What stands beside the stacks."""

import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("name", "ignored"),
    [
        ("terraform.tfstate", True),
        ("terraform.tfstate.backup", True),
        (".terraform/providers/aws", True),
        ("plan", True),
        ("cdk.tf.json", False),
        (".terraform.lock.hcl", False),
        ("removed.tf.json", False),
    ],
)
def test_no_commit_holds_a_state(
    tmp_path: Path, generated_example: Path, name: str, ignored: bool
) -> None:
    """A state holds what secrets hold; in a foreign monorepo nothing else may ignore it."""
    shutil.copy(generated_example / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)

    asked = ["git", "check-ignore", "--quiet", f"stacks/web-production/{name}"]

    assert (subprocess.run(asked, cwd=tmp_path, check=False).returncode == 0) is ignored
