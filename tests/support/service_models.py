"""What botocore's models of AWS's services say of the members that the table of limits names.

``python -m tests.support.service_models`` writes it down where the program finds it, which has no
botocore: ``make limits``.
"""

import json
import re
from typing import Any

import botocore.loaders

from keyless_ecs.stacks.limits.limit import MODELS
from keyless_ecs.stacks.limits.table import LIMITS

_LOADER = botocore.loaders.Loader()


def members() -> dict[str, dict[str, Any]]:
    """Return least, most and pattern of each member, as the models have them."""
    named = sorted({limit.source for limit in LIMITS if "://" not in limit.source})
    return {member: _limits_of(member) for member in named}


def text() -> str:
    """Return the file that the program reads."""
    return json.dumps(members(), indent=2) + "\n"


def _limits_of(member: str) -> dict[str, Any]:
    service, operation, *path = member.split(".")
    model = _LOADER.load_service_model(service, "service-2")
    shape = model["shapes"][model["operations"][operation]["input"]["shape"]]
    for name in path:
        shape = model["shapes"][shape["members"][name]["shape"]]
    found = {key: shape[key] for key in ("min", "max", "pattern") if key in shape}
    if "pattern" in found:
        re.compile(found["pattern"])  # Python reads it as the service does
    return found


if __name__ == "__main__":
    MODELS.write_text(text(), encoding="utf-8")
