"""What Atlantis is told of the stacks, where a team plans and applies with it."""

from typing import Annotated, Literal

from keyless_ecs.config.model import Model
from keyless_ecs.config.text import EachOnce, Text, matching

# Atlantis refuses every ".." in a folder, and takes * ? [ for a pattern.
Folder = Annotated[
    str,
    matching(
        r"\.|(?!.*\.\.)(?!(.*/)?\.(/|$))[\w.@+-]+(/[\w.@+-]+)*",
        "is not a folder below the repository's root; use names with slashes between them, "
        '"infra/ecs", or "." for the root itself',
    ),
]
NamePrefix = Annotated[
    str,
    matching(
        r"[A-Za-z0-9_.~/-]*",
        "cannot begin a project's name; use letters, digits and any of - _ . ~ /",
    ),
]
TerraformVersion = Annotated[
    Text,
    matching(
        r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?",
        'is not a Terraform version; use all three numbers: "1.11.4"',
    ),
]
WorkflowName = Annotated[
    Text, matching(r".+", "names no workflow; leave it out for the server's own")
]
Requirements = Annotated[
    tuple[Literal["approved", "mergeable", "undiverged"], ...],
    EachOnce,
]


class Atlantis(Model):
    """Where ``generated/`` lies in the repository that Atlantis watches, and what projects add.

    A server that was not told otherwise refuses ``workflow`` and the requirements: they are
    written only where they are set.
    """

    root: Folder = "generated"
    name_prefix: NamePrefix = ""
    terraform_version: TerraformVersion | None = None
    workflow: WorkflowName | None = None
    plan_requirements: Requirements | None = None
    apply_requirements: Requirements | None = None
    import_requirements: Requirements | None = None
