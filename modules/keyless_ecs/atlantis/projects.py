"""``generated/atlantis.yaml``: every stack as a project."""

from pathlib import Path, PurePosixPath
from typing import Any

from keyless_ecs import yaml_text
from keyless_ecs.config import DeliveryFile
from keyless_ecs.config.file import account_stack
from keyless_ecs.header import CHANGE_THE_DELIVERY_FILE

PATH = Path("atlantis.yaml")
HEADER = f"""\
{CHANGE_THE_DELIVERY_FILE} Atlantis reads it at the root of its repository:
#   python main.py atlantis --into <repository>/atlantis.yaml
"""
HEADER_OF_A_MERGED_FILE = """\
# keyless-ecs keeps the projects of its stacks here: python main.py atlantis --into THIS_FILE
# Everything else is yours.
"""
# Atlantis's own list knows *.tf.json only since v0.46: written out, it holds on any server.
WHEN_MODIFIED = ("cdk.tf.json", ".terraform.lock.hcl")
_OPTIONAL = (
    "terraform_distribution",
    "terraform_version",
    "workflow",
    "plan_requirements",
    "apply_requirements",
    "import_requirements",
)

KEYS = ("name", "dir", "autoplan", "execution_order_group", "depends_on", *_OPTIONAL)
"""All that a project of ours may have."""

Project = dict[str, Any]


def document(file: DeliveryFile) -> dict[str, Any]:
    """Return the whole file as data.

    Stacks share no state, so all of a group run at once. What an account's stack creates the
    services' trust policies name: where an account fails, its services wait.
    https://www.runatlantis.io/docs/repo-level-atlantis-yaml
    """
    return {
        "version": 3,
        "parallel_plan": True,
        "parallel_apply": True,
        "abort_on_execution_order_fail": True,
        # One project that is named ends the discovery of all others, unless this is said.
        "autodiscover": {"mode": "enabled"},
        "projects": projects(file),
    }


def projects(file: DeliveryFile) -> list[Project]:
    """Return a project for every stack, accounts first.

    ``execution_order_group`` orders an apply of everything, ``depends_on`` refuses that of a
    single project whose account is still to be applied.
    """
    accounts = [_project(file, account_stack(key), group=0) for key in file.accounts]
    deliveries = [
        _project(file, delivery.stack, group=1, after=account_stack(delivery.account_key))
        for delivery in file.deliveries()
    ]
    return accounts + deliveries


def folder(file: DeliveryFile) -> PurePosixPath:
    """Return the folder that holds the stacks' folders, from the root of the repository."""
    return PurePosixPath(file.atlantis.root, "stacks")


def _project(file: DeliveryFile, stack: str, *, group: int, after: str | None = None) -> Project:
    settings = file.atlantis
    project: Project = {
        "name": settings.name_prefix + stack,
        "dir": str(folder(file) / stack),
        "autoplan": {"when_modified": list(WHEN_MODIFIED)},
        "execution_order_group": group,
    }
    if after:
        project["depends_on"] = [settings.name_prefix + after]
    for key in _OPTIONAL:
        value = getattr(settings, key)
        if value is not None:
            project[key] = list(value) if isinstance(value, tuple) else value
    return project


def text(file: DeliveryFile, *, header: str = HEADER) -> str:
    """Return the whole file as it is written."""
    return header + yaml_text.to_yaml(document(file), words_in_line=True)
