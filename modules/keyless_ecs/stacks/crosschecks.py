"""What must agree between a delivery, its stack and the workflows that run against it.

Each rule holds by construction today. A change of this program that breaks one fails the
synthesis, and not a pipeline at night.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.github import SERVICE_URL, TIMES
from keyless_ecs.errors import UserError
from keyless_ecs.github.refs import fnmatch_pattern
from keyless_ecs.github.workflows import Workflow
from keyless_ecs.trust.claims import has_claim_keys
from keyless_ecs.trust.policy import environment_context
from keyless_ecs.trust.refs import statements

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
_SETTING = re.compile(r"\b(vars|secrets)\.(\w+)")
_DIGEST_ALONE = re.compile(r"\$\{\{( \|\| | |steps\.\w+\.outputs\.digest)*\}\}")
_NOT_AS_WRITTEN = (
    "did not come back from Node as the delivery file has them; "
    "unset JSII_NODE, so that the Node of the lock file is taken, and report it if that is no help"
)


class CrossCheckError(UserError):
    """A stack contradicts its delivery or its workflows; the text says where."""


def check(
    delivery: Delivery, stack: Mapping[str, Any], ecr_push: Workflow, ecs_deploy: Workflow
) -> None:
    """Compare a synthesized stack with its delivery and the workflows of its repository.

    Raises:
        CrossCheckError: With every contradiction.
    """
    names = [f"{delivery.name}-{does}" for does in ("push", "find", "deploy")]
    jobs = {name: job for name, job in ecr_push["jobs"].items() if name in names}
    jobs["deploy"] = ecs_deploy["jobs"]["deploy"]
    found = [
        *_text(delivery, stack),
        *_environment(delivery, stack, jobs),
        *_settings(delivery, stack, jobs),
        *_container(stack, jobs["deploy"]),
        *_refs(delivery, stack),
        *_outputs(jobs),
    ]
    if found:
        raise CrossCheckError("\n".join(f"{delivery.name}: {problem}" for problem in found))


def _text(delivery: Delivery, stack: Mapping[str, Any]) -> Iterator[str]:
    """What the user wrote arrives as it was: on its way it is JSON, read and written in Node.

    A value may be one that no log should hold; so the places are named, and no text.
    """
    # They import CDKTF, which is prepared after this module is imported.
    from keyless_ecs.aws.task_definition import container_definition
    from keyless_ecs.terraform import literal

    (provider,) = stack["provider"]["aws"]
    (default,) = provider["default_tags"]
    tags = {literal(key): literal(value) for key, value in delivery.tags.items()}
    if default["tags"] != tags:
        yield f"the tags of provider.aws {_NOT_AS_WRITTEN}"
    (container,) = stack["locals"]["template_containers"]
    written = container_definition(
        delivery.container,
        name=delivery.container_name,
        log_group=delivery.log_group,
        region=delivery.region,
        init_process=delivery.environment.exec,
    )
    # The log group's name is a reference in the stack.
    for key in sorted((container.keys() | written.keys()) - {"logConfiguration"}):
        if container.get(key) != written.get(key):
            yield f"{key} of local.template_containers {_NOT_AS_WRITTEN}"
    present = _values(stack, _DEPLOYS)
    for name, value in delivery.environment.github.variables.items():
        if present.get(("vars", name.upper())) != literal(value):
            yield f"the GitHub variable {name.upper()} {_NOT_AS_WRITTEN}"


def _environment(
    delivery: Delivery, stack: Mapping[str, Any], jobs: Mapping[str, Any]
) -> Iterator[str]:
    """The job's environment is the one that its role's trust names."""
    for name, job in jobs.items():
        environment = job.get("with", {}).get("environment") if "uses" in job else None
        environment = environment or job.get("environment")
        if isinstance(environment, Mapping):
            environment = environment["name"]
        if delivery.by_ref:
            if "environment" in job:
                yield f"job {name} names an environment, but its role trusts refs"
            continue
        if environment == "${{ inputs.environment }}":
            continue
        end = f":{environment_context(str(environment))}"
        subjects = [
            subject
            for conditions in _trust(stack, _kind(job, jobs))
            for claims in conditions.values()
            for subject in _as_list(claims.get(f"{delivery.github.provider}:sub", []))
        ]
        if not subjects or not all(subject.endswith(end) for subject in subjects):
            yield f"job {name} runs in {environment!r}, which its role does not trust: {subjects}"


def _settings(
    delivery: Delivery, stack: Mapping[str, Any], jobs: Mapping[str, Any]
) -> Iterator[str]:
    """Every variable and secret that the workflows read exists."""
    optional = {*TIMES, *(() if delivery.reach else (SERVICE_URL,))}
    for name, job in jobs.items():
        present = _values(stack, _kind(job, jobs))
        for expression in _EXPRESSION.findall(json.dumps(job, default=str)):
            read = [each for each in _SETTING.findall(expression) if each[1] not in optional]
            if read and not any(setting in present for setting in read):
                settings = " or ".join(".".join(setting) for setting in read)
                yield f"job {name} reads {settings}, which nobody sets"


def _container(stack: Mapping[str, Any], job: Mapping[str, Any]) -> Iterator[str]:
    """The container that the render step names is in the task definition."""
    names = [container["name"] for container in stack["locals"]["template_containers"]]
    present = _values(stack, _DEPLOYS)
    for step in job["steps"]:
        expression = step.get("with", {}).get("container-name", "")
        for setting in _SETTING.findall(expression):
            if setting in present and present[setting] not in names:
                yield f"the render step names the container {present[setting]!r}; there is {names}"


def _refs(delivery: Delivery, stack: Mapping[str, Any]) -> Iterator[str]:
    """The refs that a role trusts and GitHub's policies let in are those of the delivery."""
    if delivery.by_ref:
        return
    key = f"{delivery.github.provider}:ref"
    meant = statements(delivery.deploy_from.refs)
    policies = set(map(fnmatch_pattern, delivery.refs))
    for kind in (_BUILDS, _DEPLOYS) if delivery.has_build_role else (_DEPLOYS,):
        for name, operator, wanted in (
            ("trusts", "StringLike", {each for one in meant for each in one.like}),
            ("excludes", "StringNotLike", {each for one in meant for each in one.not_like}),
        ):
            found = {
                each
                for conditions in _trust(stack, kind)
                for each in conditions.get(operator, {}).get(key, [])
            }
            if has_claim_keys(delivery.github.provider) and found != wanted:
                yield f"{kind.role} {name} {sorted(found)}, deploy_from means {sorted(wanted)}"
        deployable = {
            f"refs/{refs}/{policy[pattern]}"
            for policy in _made(stack, "github_repository_environment_deployment_policy", kind)
            for refs, pattern in (("heads", "branch_pattern"), ("tags", "tag_pattern"))
            if pattern in policy
        }
        if policies != deployable:
            yield (
                f"GitHub lets {sorted(deployable)} into {kind.environment}, "
                f"deploy_from means {sorted(policies)}"
            )


def _outputs(jobs: Mapping[str, Any]) -> Iterator[str]:
    """Nothing but a digest crosses jobs: GitHub drops an output that holds a secret's text."""
    for name, job in jobs.items():
        for output, value in job.get("outputs", {}).items():
            if not _DIGEST_ALONE.fullmatch(value):
                yield f"the output {output} of job {name} is more than a digest: {value}"


@dataclass(frozen=True)
class _Kind:
    """A kind of job: the names of its role and of its GitHub environment in the stack."""

    role: str
    environment: str


_BUILDS = _Kind("build_role", "build_environment")
_DEPLOYS = _Kind("deploy_role", "environment")


def _kind(job: Mapping[str, Any], jobs: Mapping[str, Any]) -> _Kind:
    """Return the kind of a job: what deploys is ``ecs-deploy.yml``'s, or calls it."""
    return _DEPLOYS if "uses" in job or job is jobs["deploy"] else _BUILDS


def _trust(stack: Mapping[str, Any], kind: _Kind) -> list[dict[str, dict[str, Any]]]:
    """Return the conditions of each statement of the role's trust."""
    return [each["Condition"] for each in stack["locals"][f"{kind.role}_trust"]["Statement"]]


def _values(stack: Mapping[str, Any], kind: _Kind) -> dict[tuple[str, str], str]:
    """Return what the stack sets in GitHub, by ``vars`` or ``secrets`` and name."""
    values = {}
    for thing, name_key, value_key in (
        ("variable", "variable_name", "value"),
        ("secret", "secret_name", "plaintext_value"),
    ):
        context = "vars" if thing == "variable" else "secrets"
        for type_ in (f"github_actions_environment_{thing}", f"github_actions_{thing}"):
            for made in _made(stack, type_, kind):
                values[context, made[name_key]] = made.get(value_key, "")
    return values


def _made(stack: Mapping[str, Any], type_: str, kind: _Kind) -> list[Mapping[str, Any]]:
    """Return the resources of a type that are in the kind's GitHub environment, or in none."""
    here = f"${{github_repository_environment.{kind.environment}.environment}}"
    resources = stack["resource"].get(type_, {}).values()
    return [made for made in resources if made.get("environment", here) == here]


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
