"""A workflow as data and as the file in the repository."""

from collections.abc import Mapping
from typing import Any

from keyless_ecs import yaml_text
from keyless_ecs.github.actions import Action
from keyless_ecs.header import CHANGE_THE_DELIVERY_FILE
from keyless_ecs.yaml_text import Noted

Workflow = dict[str, Any]

DEPLOY = "ecs-deploy.yml"
PUSH = "ecr-push.yml"
FILES = (PUSH, DEPLOY)

_PURPOSE = {
    "ecr-push": """\
#
# A push builds the image of its commit, once, and deploys it. What builds needs no approval: it
# has a role of its own, which may push images and nothing else.
""",
    "ecs-deploy": """\
#
# Deploys an image, and waits until ECS has replaced every task. ecr-push.yml calls it; started by
# hand it deploys any image at once, an earlier one to roll back. What was deployed last is read
# from the tags of the revision that runs. Automatic deployments of an environment run one after the
# other; one by hand, or one that may wait for an approval, holds up no other.
""",
}


_TEXTS: dict[str, str] = {}
"""What was written: repositories that deploy alike have the same ecs-deploy.yml."""


def to_yaml(workflow: Workflow) -> str:
    """Return *workflow* as it stands in the repository, under a header that says what made it."""
    key = repr(workflow)
    if key not in _TEXTS:
        header = f"{CHANGE_THE_DELIVERY_FILE}\n{_PURPOSE[workflow['name']]}"
        _TEXTS[key] = header + yaml_text.to_yaml(_noted(workflow))
    return _TEXTS[key]


def _noted(value: Any) -> Any:
    """Return *value* with each action at its commit, and its tag behind it."""
    if isinstance(value, Mapping):
        return {key: _noted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_noted(item) for item in value]
    if isinstance(value, Action):
        return Noted(f"{value.repository}@{value.commit}", value.tag)
    return value
