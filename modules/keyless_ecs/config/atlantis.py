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
    """What ``generated/atlantis.yaml`` says of the stacks. See docs/atlantis.md.

    An Atlantis server refuses ``workflow`` and the requirements unless its ``allowed_overrides``
    name them, so they are written only where they are set here.
    """

    root: Folder = "generated"
    """Where ``generated/`` lies, from the root of the repository that Atlantis watches; ``.`` for
    the root itself.

    Example: infra/generated
    """
    name_prefix: NamePrefix = ""
    """What every project's name begins with: for a repository that holds the stacks of two delivery
    files, or has projects of the same names.

    Example: shop-
    """
    terraform_distribution: Literal["terraform", "opentofu"] | None = None
    """Whose Terraform Atlantis runs: its servers fetch that of the version.

    Default: the server's
    """
    terraform_version: TerraformVersion | None = None
    """Terraform's version, with all three numbers.

    Default: the server's
    Example: 1.11.4
    """
    workflow: WorkflowName | None = None
    """A workflow of the server, by name.

    Default: the server's
    Example: delivery
    """
    plan_requirements: Requirements | None = None
    """What a pull request must be before a plan; an empty list lifts what the server asks for.

    Default: the server's
    Example: [undiverged]
    """
    apply_requirements: Requirements | None = None
    """What a pull request must be before an apply; an empty list lifts what the server asks for.

    Default: the server's
    Example: [approved, mergeable]
    """
    import_requirements: Requirements | None = None
    """What a pull request must be before an import; an empty list lifts what the server asks for.

    Default: the server's
    Example: [approved]
    """
