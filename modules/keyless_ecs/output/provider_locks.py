"""Writes the lock file of every stack, for every platform in use.

``python -m keyless_ecs.output.provider_locks FOLDER PLATFORM…`` (``make providers-lock``) asks
Terraform, which asks the registry. Stacks that require the same providers get the same lock file:
Terraform downloads each provider once for them all, and all of them use one version.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LOCK = ".terraform.lock.hcl"


def main(arguments: Sequence[str]) -> int:
    """Lock the stacks below the folder, and return the exit status."""
    folder, *platforms = arguments
    stacks = sorted(Path(folder).glob("stacks/*/cdk.tf.json"))
    terraform = os.environ.get("TERRAFORM") or "terraform"
    if not stacks:
        return _stop(f"{folder} has no stacks; run make synth first")
    if not shutil.which(terraform):
        return _stop(
            f"there is no {terraform} on PATH; install Terraform "
            "(https://developer.hashicorp.com/terraform/install) or name yours in TERRAFORM"
        )
    alike: dict[str, list[Path]] = {}
    for stack in stacks:
        try:
            content = json.loads(stack.read_text(encoding="utf-8"))
            required = content["terraform"]["required_providers"]
        except (ValueError, KeyError, TypeError):
            return _stop(f"{stack} cannot be read; run make synth first")
        alike.setdefault(json.dumps(required, sort_keys=True), []).append(stack.parent)
    for first, *others in alike.values():
        command = [terraform, f"-chdir={first}", "providers", "lock"]
        command += [f"-platform={platform}" for platform in platforms]
        if subprocess.run(command).returncode:  # noqa: S603
            return _stop(f"{first} could not be locked; the stacks like it are as they were")
        for other in others:
            shutil.copyfile(first / LOCK, other / LOCK)
    print(f"locked {len(stacks)} stacks for {', '.join(platforms)}: commit their {LOCK}")
    return 0


def _stop(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
