"""``ecr-push.yml`` and ``ecs-deploy.yml``: a repository has one pair for all its environments."""

from keyless_ecs.github.workflows.deploy import ecs_deploy
from keyless_ecs.github.workflows.file import DEPLOY, FILES, PUSH, Workflow, to_yaml
from keyless_ecs.github.workflows.push import ecr_push

__all__ = ["DEPLOY", "FILES", "PUSH", "Workflow", "ecr_push", "ecs_deploy", "to_yaml"]
