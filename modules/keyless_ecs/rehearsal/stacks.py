"""The generated stacks in Terraform's hands."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keyless_ecs.config import Delivery
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.report.recorder import Recorder
from keyless_ecs.rehearsal.scene import named
from keyless_ecs.rehearsal.terraform import workspace
from keyless_ecs.rehearsal.terraform.older_provider import Difference
from keyless_ecs.rehearsal.terraform.terraform import Plan, Terraform, TerraformFailedError
from keyless_ecs.rehearsal.terraform.workspace import Workspace
from keyless_ecs.synthesis.stack import SynthesizedStack


class UnexpectedPlanError(Exception):
    """Terraform plans what it should not, or does not plan what it should."""


@dataclass
class Stacks:
    """Works on the stacks one by one, in the order in which they were written.

    Args:
        aws: The local AWS.
        terraform: Finds the providers.
        workspace: Where the stacks stand.
        recorder: Takes note of each step.
        places: Account and region of each stack.
        ids: Ids that AWS chose, by those in the delivery file, for each stack.
    """

    aws: LocalAws
    terraform: Terraform
    workspace: Workspace
    recorder: Recorder
    places: Mapping[str, tuple[str, str]]
    ids: Mapping[str, Mapping[str, str]]
    differences: dict[str, list[Difference]] = field(default_factory=dict)
    """What each working copy has otherwise than the generated stack."""
    folders: dict[str, Path] = field(default_factory=dict)
    """Where each working copy stands."""
    _adopted: dict[str, set[str]] = field(default_factory=dict)

    def write(self, stack: SynthesizedStack) -> None:
        """Write or rewrite the working copy of *stack*."""
        content = named.renamed(json.loads(stack.text), self.ids.get(stack.name, {}))
        credentials = self.aws.administrator(*self.places[stack.name])
        folder, differences = self.workspace.write(stack.name, content, credentials)
        self.folders[stack.name], self.differences[stack.name] = folder, differences
        self._adopted[stack.name] = {block["to"] for block in content.get("import", [])}

    def set_up(self, name: str) -> None:
        """Initialize, validate, plan and apply a stack, and see that a second plan is empty.

        The first must import what the stack adopts, and destroy nothing.
        """
        folder, terraform = self._of(name)
        adopted = self._adopted[name]
        with self.recorder.of(name):
            with self.recorder.step("init"):
                terraform.init(folder, *workspace.init_options(folder))
            with self.recorder.step("validate"):
                terraform.run(folder, "validate", "-no-color")
            with self.recorder.step("plan") as details:
                plan = terraform.plan(folder)
                details.append(_summary(plan))
                destroys = {"delete", "replace"} & set(plan.actions.values())
                if destroys or set(plan.imports) != adopted:
                    raise UnexpectedPlanError(
                        f"it should import {', '.join(adopted) or 'nothing'} and destroy nothing; "
                        f"it plans:\n{plan}"
                    )
            with self.recorder.step("apply"):
                terraform.apply(folder)
        self.settled(name)

    def settled(self, name: str) -> None:
        """See that a plan has nothing to do."""
        folder, terraform = self._of(name)
        with self.recorder.of(name), self.recorder.step("plan again") as details:
            plan = terraform.plan(folder)
            if plan:
                raise UnexpectedPlanError(f"the plan should be empty; it plans:\n{plan}")
            details.append("No changes")

    def refused(self, name: str, why: str) -> None:
        """See that a plan is refused, and says *why*."""
        folder, terraform = self._of(name)
        with self.recorder.of(name), self.recorder.step("see a plan refused") as details:
            try:
                terraform.plan(folder)
            except TerraformFailedError as error:
                if why not in " ".join(str(error).split()):
                    raise
                details.append(why)
            else:
                raise UnexpectedPlanError("the plan should be refused; it is not")

    def change(self, name: str, expected: str, *, alone: bool = True) -> None:
        """Plan and apply a changed stack, which must replace *expected*, and where *alone* no more.

        What refers to it may be updated otherwise.
        """
        folder, terraform = self._of(name)
        with self.recorder.of(name):
            with self.recorder.step("plan the change") as details:
                plan = terraform.plan(folder)
                details.append(_summary(plan))
                more = plan.imports or (alone and set(plan.actions) != {expected})
                if plan.actions.get(expected) != "replace" or more:
                    only = "only " * alone
                    raise UnexpectedPlanError(
                        f"{only}{expected} should be replaced; it plans:\n{plan}"
                    )
            with self.recorder.step("apply the change"):
                terraform.apply(folder)
        self.settled(name)

    def update(self, name: str) -> None:
        """Plan and apply a stack, whatever that comes to."""
        folder, terraform = self._of(name)
        terraform.plan(folder)
        terraform.apply(folder)

    def destroy(self, name: str) -> None:
        """Destroy all that a stack has."""
        folder, terraform = self._of(name)
        with self.recorder.of(name), self.recorder.step("destroy"):
            workspace.unprotect(folder)
            terraform.run(folder, "destroy", "-auto-approve", "-input=false", "-no-color")

    def _of(self, name: str) -> tuple[Path, Terraform]:
        account, region = self.places[name]
        credentials = self.aws.administrator(account, region)
        return self.folders[name], self.terraform.with_variables(**credentials.variables)


def secret_variables(deliveries: Sequence[Delivery]) -> dict[str, str]:
    """Return a value for each secret that Terraform takes from a variable; the user's where set."""
    names = {
        name
        for delivery in deliveries
        for name, secret in delivery.environment.github.secrets.items()
        if secret.sealed is None
    }
    variables = (f"TF_VAR_secret_{name.upper()}" for name in sorted(names))
    return {name: os.environ.get(name, "rehearsed") for name in variables}


def _summary(plan: Plan) -> str:
    """Return how many resources a plan creates, changes and so on."""
    counts: dict[str, int] = {}
    for action in plan.actions.values():
        counts[action] = counts.get(action, 0) + 1
    if plan.imports:
        counts["import"] = len(plan.imports)
    return ", ".join(f"{count} to {action}" for action, count in counts.items()) or "No changes"
