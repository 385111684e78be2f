"""What the stacks' Terraform says of GitHub and AWS, with its references resolved.

Only what decides how a delivery runs: environments and variables, roles and their policies,
registries, services and task definitions.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from keyless_ecs.github.patterns import fnmatch_covers

Content = Mapping[str, Any]
_REFERENCE = re.compile(r"\$\{([^{}]*)\}")


@dataclass
class Environment:
    """A GitHub environment: who it asks, which refs it takes, what its jobs see."""

    name: str
    reviewers: bool = False
    wait: int = 0
    """The wait timer, in minutes."""
    branches: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    def takes(self, ref: str) -> bool:
        """Say whether a job of *ref* may use it."""
        return any(
            ref.startswith(prefix)
            and any(fnmatch_covers(p, ref.removeprefix(prefix)) for p in patterns)
            for prefix, patterns in (("refs/heads/", self.branches), ("refs/tags/", self.tags))
        )


@dataclass
class Role:
    """An IAM role."""

    arn: str
    trust: Content
    session: int
    """The longest session, in seconds."""
    policies: list[Content] = field(default_factory=list)


@dataclass
class Registry:
    """An ECR repository: its tags, its rules, and whom of other accounts it lets in."""

    account: str
    region: str
    name: str
    mutability: str
    mutable_tags: list[str]
    """Patterns of tags that move although the others do not."""
    rules: list[Content] = field(default_factory=list)
    policy: Content | None = None


@dataclass
class Family:
    """A task definition that Terraform registers."""

    account: str
    region: str
    name: str
    definition: dict[str, Any]
    changes: bool
    """Whether Terraform registers it again when its description changes."""


@dataclass
class Service:
    """An ECS service, and the family or revision that Terraform starts it with."""

    account: str
    region: str
    cluster: str
    name: str
    starts_with: str
    rolls_back: bool


@dataclass
class Terraform:
    """Everything that the stacks of one delivery file make."""

    environments: dict[str, Environment] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    """The repository's."""
    roles: dict[str, Role] = field(default_factory=dict)
    registries: list[Registry] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)

    @classmethod
    def read(cls, stacks: Iterable[Content]) -> "Terraform":
        """Read the stacks, each the content of a ``cdk.tf.json``."""
        made = cls()
        for stack in stacks:
            _Stack(stack).into(made)
        return made


@dataclass
class _Stack:
    content: Content

    @property
    def account(self) -> str:
        return str(self.content["provider"]["aws"][0]["allowed_account_ids"][0])

    @property
    def region(self) -> str:
        return str(self.content["provider"]["aws"][0]["region"])

    def into(self, made: Terraform) -> None:
        for one in self._all("github_repository_environment"):
            made.environments[one["environment"].lower()] = Environment(
                one["environment"], bool(one.get("reviewers")), int(one.get("wait_timer") or 0)
            )
        for one in self._all("github_repository_environment_deployment_policy"):
            environment = made.environments[one["environment"].lower()]
            if "branch_pattern" in one:
                environment.branches.append(one["branch_pattern"])
            else:
                environment.tags.append(one["tag_pattern"])
        for one in self._all("github_actions_environment_variable"):
            variables = made.environments[one["environment"].lower()].variables
            variables[one["variable_name"]] = one["value"]
        for one in self._all("github_actions_variable"):
            made.variables[one["variable_name"]] = one["value"]
        self._roles(made)
        self._registries(made)
        for one in self._all("aws_ecs_task_definition"):
            containers = json.loads(one["container_definitions"])
            definition = {
                "family": one["family"],
                "containerDefinitions": [
                    {k: container[k] for k in ("name", "image", "essential") if k in container}
                    for container in containers
                ],
                "executionRoleArn": one["execution_role_arn"],
                **({"taskRoleArn": one["task_role_arn"]} if one.get("task_role_arn") else {}),
            }
            kept = one.get("lifecycle", {}).get("ignore_changes")
            made.families.append(
                Family(self.account, self.region, one["family"], definition, kept != "all")
            )
        for one in self._all("aws_ecs_service"):
            cluster = str(one["cluster"]).rpartition("/")[2]
            breaker = one.get("deployment_circuit_breaker", {})
            made.services.append(
                Service(
                    *(self.account, self.region, cluster, one["name"]),
                    starts_with=str(one["task_definition"]).rpartition("/")[2],
                    rolls_back=bool(breaker.get("rollback")),
                )
            )

    def _roles(self, made: Terraform) -> None:
        by_name = {}
        for key, one in self.content.get("resource", {}).get("aws_iam_role", {}).items():
            role = Role(
                self._attribute("aws_iam_role", key, "arn"),
                json.loads(self._resolved(one["assume_role_policy"])),
                int(one.get("max_session_duration") or 3600),
            )
            made.roles[role.arn] = by_name[self._resolved(one["name"])] = role
        for one in self._all("aws_iam_role_policy"):
            by_name[one["role"]].policies.append(json.loads(one["policy"]))

    def _registries(self, made: Terraform) -> None:
        by_name = {}
        for one in self._all("aws_ecr_repository"):
            filters = one.get("image_tag_mutability_exclusion_filter", [])
            by_name[one["name"]] = Registry(
                *(self.account, self.region, one["name"]),
                mutability=one.get("image_tag_mutability", "MUTABLE"),
                mutable_tags=[each["filter"] for each in filters],
            )
        for one in self._all("aws_ecr_lifecycle_policy"):
            by_name[one["repository"]].rules = json.loads(one["policy"])["rules"]
        for one in self._all("aws_ecr_repository_policy"):
            by_name[one["repository"]].policy = json.loads(one["policy"])
        made.registries += by_name.values()

    def _all(self, kind: str) -> Iterator[dict[str, Any]]:
        for one in self.content.get("resource", {}).get(kind, {}).values():
            yield {key: self._resolved(value) for key, value in one.items()}

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, str):
            whole = _REFERENCE.fullmatch(value)
            if whole:
                return self._reference(whole[1])
            return _REFERENCE.sub(lambda match: str(self._reference(match[1])), value)
        if isinstance(value, Mapping):
            return {key: self._resolved(item) for key, item in value.items()}
        return [self._resolved(item) for item in value] if isinstance(value, list) else value

    def _reference(self, expression: str) -> Any:
        if encoded := re.fullmatch(r"jsonencode\(local\.(\w+)\)", expression):
            return json.dumps(self._resolved(self.content["locals"][encoded[1]]))
        if local := re.fullmatch(r"local\.(\w+)", expression):
            return self._resolved(self.content["locals"][local[1]])
        if attribute := re.fullmatch(r"(\w+)\.(\w+)\.(\w+)", expression):
            return self._attribute(*attribute.groups())
        return f"<{expression}>"

    def _attribute(self, kind: str, key: str, name: str) -> Any:
        one = self.content.get("resource", {}).get(kind, {}).get(key, {})
        if name in one:
            return self._resolved(one[name])
        if (kind, name) == ("aws_iam_role", "arn"):
            path = self._resolved(one.get("path", "/"))
            return f"arn:aws:iam::{self.account}:role{path}{self._resolved(one['name'])}"
        if (kind, name) == ("aws_ecs_task_definition", "arn"):
            return self._resolved(one["family"])
        if (kind, name) == ("aws_ecr_repository", "repository_url"):
            host = f"{self.account}.dkr.ecr.{self.region}.amazonaws.com"
            return f"{host}/{self._resolved(one['name'])}"
        if "name" in one:
            return self._resolved(one["name"])
        return f"<{kind}.{key}.{name}>"
