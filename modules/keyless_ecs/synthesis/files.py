"""What is written: the stacks, what stands beside them, and the manifest that names them."""

import json
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from keyless_ecs.atlantis import projects
from keyless_ecs.config import DeliveryFile
from keyless_ecs.engine import libraries
from keyless_ecs.github import code_owners
from keyless_ecs.header import FROM_DELIVERY_FILE
from keyless_ecs.output import contents
from keyless_ecs.review.overview import overview
from keyless_ecs.review.page import pages
from keyless_ecs.synthesis.stack import SynthesizedStack

# A state holds what secrets hold, and a plan of cdktf diff too; lock files are committed.
_IGNORED = f"""\
{FROM_DELIVERY_FILE}
*.tfstate
*.tfstate.*
.terraform/
/stacks/*/plan
"""


def files(file: DeliveryFile, stacks: Sequence[SynthesizedStack]) -> dict[Path, str]:
    """Return every file that *stacks* need, and what stands beside them all."""
    beside = {
        projects.PATH: projects.text(file),
        Path(contents.PAGE): overview(file),
        contents.IGNORED: _IGNORED,
    }
    if owners := file.github.code_owners:
        beside[Path(code_owners.FILE)] = code_owners.of_terraform(owners, file.atlantis.root)
    of_stacks = pages(file, {stack.name: json.loads(stack.text) for stack in stacks})
    for stack in stacks:
        beside[stack.path.with_name(contents.PAGE)] = of_stacks[stack.name]
    return {path: text for stack in stacks for path, text in stack.files.items()} | beside


def manifest(stacks: Sequence[SynthesizedStack]) -> dict[str, Any]:
    """Return CDKTF's manifest of *stacks*, through which its command line finds them."""
    entries = {stack.name: stack.manifest for stack in stacks}
    return {"stacks": entries, "version": metadata.version(libraries.installed().core)}
