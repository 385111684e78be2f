"""What each action of the generated workflows does, by its own documentation.

The actions themselves cannot run here: they are fetched from GitHub, and one of them needs Docker.
Each function takes the job and the step's inputs and returns the step's outputs.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from keyless_ecs.github import actions
from keyless_ecs.rehearsal.aws.clients import NOBODY, Credentials
from keyless_ecs.rehearsal.pipeline import image, token
from keyless_ecs.rehearsal.pipeline.job import RunningJob, StepFailedError

Outputs = dict[str, str]


class Inputs(dict[str, str]):
    """The inputs of a step; one that is read and not there fails it."""

    def __missing__(self, name: str) -> str:
        raise StepFailedError(f"Input required and not supplied: {name}")


def checkout(job: RunningJob, inputs: Inputs) -> Outputs:  # noqa: ARG001
    """The repository's content does not matter here: the image is made of the commit's name."""
    return {}


def configure_aws_credentials(job: RunningJob, inputs: Inputs) -> Outputs:
    """Trade the job's token for credentials, and hand them to the steps that follow.

    https://github.com/aws-actions/configure-aws-credentials
    """
    audience = inputs.get("audience") or "sts.amazonaws.com"
    allowed = inputs.get("allowed-account-ids")
    if allowed and inputs["role-to-assume"].split(":")[4] not in allowed.split(","):
        raise StepFailedError(f"the role is not of the allowed accounts {allowed}")
    try:
        sts = job.aws.session(NOBODY, inputs["aws-region"]).client("sts")
        answer = sts.assume_role_with_web_identity(
            RoleArn=inputs["role-to-assume"],
            RoleSessionName=inputs.get("role-session-name") or "GitHubActions",
            WebIdentityToken=token.token(job.claims(audience)),
            DurationSeconds=int(inputs.get("role-duration-seconds") or 3600),
        )
    except ClientError as error:
        raise StepFailedError(f"Could not assume role with OIDC: {error}") from None
    job.environment.update(
        **Credentials.of(answer).variables,
        AWS_REGION=inputs["aws-region"],
        AWS_DEFAULT_REGION=inputs["aws-region"],
    )
    job.client("sts").get_caller_identity()
    return {}


def amazon_ecr_login(job: RunningJob, inputs: Inputs) -> Outputs:  # noqa: ARG001
    """Ask ECR for a password, and return the account's registry."""
    answer = job.client("ecr").get_authorization_token()
    endpoint = answer["authorizationData"][0]["proxyEndpoint"]
    job.registry = endpoint.removeprefix("https://")
    return {"registry": job.registry}


def setup_buildx(job: RunningJob, inputs: Inputs) -> Outputs:  # noqa: ARG001
    """Nothing is built here."""
    return {}


def build_push(job: RunningJob, inputs: Inputs) -> Outputs:
    """Push a small image of the commit under each tag, by ECR's own API."""
    if inputs["push"] != "true":
        raise StepFailedError("the step builds and does not push")
    commit = job.environment["GITHUB_SHA"]
    digest = ""
    for reference in inputs["tags"].split():
        registry, _, rest = reference.partition("/")
        repository, _, tag = rest.rpartition(":")
        if not repository or not tag:
            raise StepFailedError(f"invalid tag {reference!r}: invalid reference format")
        if registry != job.registry:
            raise StepFailedError(f"failed to push {reference}: no login for {registry}")
        try:
            digest = image.push(
                job.client("ecr"), repository, tag, commit, platform=inputs["platforms"]
            )
        except ClientError as error:
            raise StepFailedError(f"failed to push {reference}: {error}") from None
    return {"digest": digest}


_ONLY_DESCRIBED = frozenset(
    {
        *("compatibilities", "taskDefinitionArn", "requiresAttributes", "revision", "status"),
        *("registeredAt", "deregisteredAt", "registeredBy"),
    }
)
"""What the action drops: its IGNORED_TASK_DEFINITION_ATTRIBUTES. All else stays as it is."""


def ecs_render(job: RunningJob, inputs: Inputs) -> Outputs:
    """Put the image into the container of that name.

    https://github.com/aws-actions/amazon-ecs-render-task-definition
    """
    definition = _task_definition(job, inputs)
    containers = definition["containerDefinitions"]
    found = [c for c in containers if c["name"] == inputs["container-name"]]
    if not found:
        raise StepFailedError(
            "Invalid task definition: Could not find container definition with matching name: "
            f"{inputs['container-name']}; there is {', '.join(c['name'] for c in containers)}"
        )
    found[0]["image"] = inputs["image"]
    definition = {key: value for key, value in definition.items() if key not in _ONLY_DESCRIBED}
    rendered = job.folder / "rendered-task-definition.json"
    rendered.write_text(json.dumps(definition))
    return {"task-definition": str(rendered)}


def _task_definition(job: RunningJob, inputs: Inputs) -> dict[str, Any]:
    """Read the file of a task definition."""
    path = job.folder / inputs["task-definition"]
    if not path.is_file():
        raise StepFailedError(f"Task definition file does not exist: {path.name}")
    try:
        definition = json.loads(path.read_text())
        definition["containerDefinitions"][0]["name"]
    except (LookupError, TypeError, ValueError):
        raise StepFailedError(
            f"Invalid task definition format: {path.name} holds {path.read_text()[:200]!r}"
        ) from None
    return dict(definition)


Meaning = Callable[[RunningJob, Inputs], Outputs]
MEANINGS: Mapping[str, tuple[Meaning, frozenset[str]]] = {
    action.repository: (meaning, frozenset(inputs.split()))
    for action, meaning, inputs in (
        (actions.CHECKOUT, checkout, "persist-credentials"),
        (
            actions.CONFIGURE_AWS_CREDENTIALS,
            configure_aws_credentials,
            "allowed-account-ids audience aws-region role-duration-seconds role-session-name "
            "role-to-assume",
        ),
        (actions.ECR_LOGIN, amazon_ecr_login, ""),
        (actions.SETUP_BUILDX, setup_buildx, ""),
        (actions.BUILD_PUSH, build_push, "context file platforms provenance push sbom tags"),
        (actions.ECS_RENDER, ecs_render, "container-name image task-definition"),
    )
}
"""Each action's meaning, and the inputs that it takes here."""
