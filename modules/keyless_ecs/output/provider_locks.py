"""Writes the lock file of every stack, for every platform in use.

Terraform is asked, which asks the registry. Stacks that require the same providers get the same
lock file: Terraform downloads each provider once for them all, and all of them use one version.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from keyless_ecs.errors import UserError

LOCK = ".terraform.lock.hcl"


class LockError(UserError):
    """The stacks could not be locked, or not all of them."""


def lock(folder: Path, platforms: Sequence[str]) -> int:
    """Lock the stacks below *folder* for *platforms*, and return how many they are.

    Raises:
        LockError: There is no stack, no Terraform, or Terraform could not lock one.
    """
    stacks = sorted(folder.glob("stacks/*/cdk.tf.json"))
    terraform = os.environ.get("TERRAFORM") or "terraform"
    if not stacks:
        raise LockError(f"{folder} has no stacks; run make synth first")
    if not shutil.which(terraform):
        raise LockError(
            f"there is no {terraform} on PATH; install Terraform "
            "(https://developer.hashicorp.com/terraform/install) or name yours in TERRAFORM"
        )
    alike: dict[str, list[Path]] = {}
    for stack in stacks:
        try:
            content = json.loads(stack.read_text(encoding="utf-8"))
            required = content["terraform"]["required_providers"]
        except (ValueError, KeyError, TypeError):
            raise LockError(f"{stack} cannot be read; run make synth first") from None
        alike.setdefault(json.dumps(required, sort_keys=True), []).append(stack.parent)
    for first, *others in alike.values():
        command = [terraform, f"-chdir={first}", "providers", "lock"]
        command += [f"-platform={platform}" for platform in platforms]
        if subprocess.run(command).returncode:  # noqa: S603
            raise LockError(f"{first} could not be locked; the stacks like it are as they were")
        for other in others:
            shutil.copyfile(first / LOCK, other / LOCK)
    return len(stacks)
