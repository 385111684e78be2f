"""Runs Terraform's own command line."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keyless_ecs.errors import UserError

OLDEST = (1, 5, 0)
"""The first with ``import`` blocks, and what the generated stacks ask for."""
CHANGES = 2
"""``plan -detailed-exitcode``: it succeeded, and there is something to do."""


class TerraformMissingError(UserError):
    """There is no Terraform that could run the stacks; the text says how to get one."""


class TerraformFailedError(Exception):
    """Terraform refused; the text is its own."""


@dataclass(frozen=True)
class Terraform:
    """A Terraform that was found.

    Args:
        binary: Its path.
        version: What it says of itself.
        variables: Environment variables for every run.
    """

    binary: str
    version: str
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def find(cls, name: str = "terraform") -> "Terraform":
        """Return the Terraform on PATH.

        Raises:
            TerraformMissingError: There is none, or it is too old.
        """
        binary = shutil.which(name)
        wanted = ".".join(map(str, OLDEST))
        if binary is None:
            raise TerraformMissingError(
                f"there is no {name} on PATH; install Terraform {wanted} or newer "
                "(https://developer.hashicorp.com/terraform/install) and run again"
            )
        try:
            said = subprocess.run([binary, "version", "-json"], capture_output=True, text=True)  # noqa: S603
            version = json.loads(said.stdout)["terraform_version"]
            numbers = tuple(int(part) for part in version.partition("-")[0].split("."))
        except (AttributeError, LookupError, OSError, TypeError, ValueError):
            raise TerraformMissingError(f"{binary} does not answer as Terraform does") from None
        if numbers < OLDEST:
            raise TerraformMissingError(
                f"{binary} is Terraform {version}; the stacks need {wanted} or newer "
                "(https://developer.hashicorp.com/terraform/install)"
            )
        return cls(binary, version)

    def with_variables(self, **variables: str) -> "Terraform":
        """Return the same Terraform with further environment *variables*."""
        return Terraform(self.binary, self.version, {**self.variables, **variables})

    def run(self, folder: Path, *arguments: str, expect: Sequence[int] = (0,)) -> str:
        """Run it in *folder* and return what it printed.

        Raises:
            TerraformFailedError: Its exit status is not among *expect*.
        """
        return self._finished(folder, arguments, expect).stdout

    def init(self, folder: Path, *options: str) -> None:
        """Install the providers of the stack in *folder*, and open its state."""
        self.run(folder, "init", "-input=false", "-no-color", *options)

    def plan(self, folder: Path, *options: str) -> "Plan":
        """Plan, and return what it would do.

        Where its exit status says "nothing" (imports and outputs count), no second run asks what.
        """
        arguments = ("plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=plan.tfplan")
        planned = self._finished(folder, (*arguments, *options), (0, CHANGES))
        if planned.returncode != CHANGES:
            return Plan.of({})
        return Plan.of(json.loads(self.run(folder, "show", "-json", "plan.tfplan")))

    def apply(self, folder: Path) -> None:
        """Apply what :meth:`plan` planned."""
        self.run(folder, "apply", "-input=false", "-no-color", "plan.tfplan")

    def _finished(
        self, folder: Path, arguments: Sequence[str], expect: Sequence[int]
    ) -> subprocess.CompletedProcess[str]:
        done = self._run(folder, arguments)
        if done.returncode not in expect:
            raise TerraformFailedError((done.stderr + done.stdout).strip())
        return done

    def _run(self, folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        # Nothing of the user's AWS or GitHub reaches a rehearsal, and nothing of a rehearsal the
        # user's plugin cache, data folder or workspace.
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "GITHUB_", "GH_", "TF_"))
        }
        return subprocess.run(  # noqa: S603
            [self.binary, *arguments],
            cwd=folder,
            env={
                **inherited,
                "CHECKPOINT_DISABLE": "1",
                # It and its providers are programs in Go that live for a second or two and hold one
                # schema: nothing is collected below this.
                "GOGC": "off",
                "GOMEMLIMIT": "1GiB",
                "TF_IN_AUTOMATION": "1",
                **self.variables,
            },
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )


@dataclass(frozen=True)
class Plan:
    """What a plan would do: the action on each address. ``replace`` is one of the actions.

    *arguments* are those that an update or a replacement is for, *outputs* the outputs that would
    change.
    """

    actions: Mapping[str, str]
    arguments: Mapping[str, Sequence[str]]
    imports: tuple[str, ...]
    outputs: tuple[str, ...]

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> "Plan":
        """Return the plan in what ``terraform show -json`` printed.

        https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
        """
        actions, arguments, imports = {}, {}, []
        for change in shown.get("resource_changes", []):
            steps = change["change"]["actions"]
            if change["mode"] == "managed" and steps not in (["no-op"], ["read"]):
                actions[change["address"]] = "replace" if len(steps) > 1 else steps[0]
                arguments[change["address"]] = _differing(change["change"])
            if "importing" in change["change"]:
                imports.append(change["address"])
        outputs = [
            name
            for name, change in shown.get("output_changes", {}).items()
            if change["actions"] != ["no-op"]
        ]
        return cls(actions, arguments, tuple(imports), tuple(outputs))

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.actions or self.imports or self.outputs)

    def __str__(self) -> str:
        """Return every change on a line of its own."""
        lines = [
            f"{action} {address}"
            + f" for its {', '.join(self.arguments[address])}" * bool(self.arguments[address])
            for address, action in self.actions.items()
        ]
        lines += [f"import {address}" for address in self.imports]
        lines += [f"output {name}" for name in self.outputs]
        return "\n".join(lines) or "No changes"


def _differing(change: Mapping[str, Any]) -> list[str]:
    """Return the arguments that differ before and after, and are known."""
    before, after = change["before"] or {}, change["after"] or {}
    return sorted(name for name in before if name in after and before[name] != after[name])
