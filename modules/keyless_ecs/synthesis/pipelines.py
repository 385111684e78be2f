"""The workflows of each repository that is delivered."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from keyless_ecs.config import Delivery
from keyless_ecs.github import code_owners, workflows


@dataclass(frozen=True)
class Pipeline:
    """The two workflows of a repository, and them and their owners as files."""

    push: workflows.Workflow
    deploy: workflows.Workflow
    files: Mapping[Path, str]


def pipelines(deliveries: Sequence[Delivery], wanted: Set[str]) -> dict[str, Pipeline]:
    """Return the pipeline of the repository that each of the *wanted* stacks delivers."""
    repositories: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        repositories.setdefault(delivery.service.repository, []).append(delivery)
    found = dict[str, Pipeline]()
    for repository, of_repository in repositories.items():
        present = [delivery for delivery in of_repository if delivery.stack in wanted]
        if not present:
            continue
        push, deploy = workflows.ecr_push(of_repository), workflows.ecs_deploy(of_repository)
        folder = Path("workflows", repository)
        files = {
            folder / ".github" / "workflows" / workflows.PUSH: workflows.to_yaml(push),
            folder / ".github" / "workflows" / workflows.DEPLOY: workflows.to_yaml(deploy),
        }
        if owners := present[0].github.code_owners:
            files[folder / code_owners.FILE] = code_owners.of_service(owners)
        pipeline = Pipeline(push, deploy, files)
        found |= {delivery.stack: pipeline for delivery in present}
    return found
