"""``ecr-push.yml`` and ``ecs-deploy.yml`` of one repository, as pure functions.

A repository has one pair of files for all its environments. ``ecr-push.yml`` builds and pushes,
then calls ``ecs-deploy.yml``, which also serves by hand: with an earlier image it rolls back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from keyless_ecs import yaml_text
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.github import actions, refs, runners
from keyless_ecs.github.actions import Action
from keyless_ecs.header import CHANGE_THE_DELIVERY_FILE
from keyless_ecs.yaml_text import Noted

Workflow = dict[str, Any]

DEPLOY = "ecs-deploy.yml"
PUSH = "ecr-push.yml"
FILES = (PUSH, DEPLOY)
HEADER = f"{CHANGE_THE_DELIVERY_FILE}\n"

# One image manifest a push: the registry's lifecycle counts images, and what an attestation adds
# would stay behind untagged.
_ATTESTATIONS = {"provenance": False, "sbom": False}

_FIND_BUILT = """\
# The image of a commit is built once: a second run deploys what the first one pushed, and an
# immutable tag, which cannot be pushed again, is no error.
digest=$(aws ecr batch-get-image --repository-name "$ECR_REPOSITORY" \\
  --image-ids "imageTag=$GITHUB_SHA" --query 'images[0].imageId.imageDigest' --output text)
echo "digest=${digest#None}" >> "$GITHUB_OUTPUT"
"""

_FIND_IMAGE = """\
case "$IMAGE" in
  sha256:*) id="imageDigest=$IMAGE" ;;
  *) id="imageTag=$IMAGE" ;;
esac
uri=$(aws ecr describe-repositories --repository-names "$ECR_REPOSITORY"{registry} \\
  --query 'repositories[0].repositoryUri' --output text)
digest=$(aws ecr describe-images --repository-name "$ECR_REPOSITORY"{registry} \\
  --image-ids "$id" --query 'imageDetails[0].imageDigest' --output text)
echo "image=$uri@$digest" >> "$GITHUB_OUTPUT"
"""
_OTHER_REGISTRY = ' --registry-id "$ECR_ACCOUNT_ID" --region "$ECR_REGION"'

_NEWEST_REVISION = """\
# The template holds what Terraform last changed; tags travel with it.
aws ecs describe-task-definition --task-definition "$ECS_TASK_TEMPLATE" --include TAGS \\
  --query "merge(taskDefinition, {family: '$ECS_TASK_FAMILY', tags: [tags,
    [{key: 'keyless-ecs:digest', value: '${IMAGE#*@}'}]][]})" > task-definition.json
"""


def ecr_push(deliveries: Sequence[Delivery]) -> Workflow:
    """Return ``ecr-push.yml`` for the environments of one repository."""
    jobs: dict[str, Any] = {}
    for delivery in deliveries:
        taken = refs.condition(delivery.deploy_from.refs) if len(deliveries) > 1 else None
        if delivery.builds:
            jobs[f"{delivery.name}-push"] = _push_job(delivery, taken)
        jobs[f"{delivery.name}-deploy"] = _deploy_call(delivery, taken)
    return {
        "name": "ecr-push",
        "on": {
            "push": refs.push_filters(deliveries),
            "workflow_dispatch": None,
        },
        # Each job asks for what it needs.
        "permissions": {},
        # Pushes to one ref deploy in their order, and none is stopped half way.
        "concurrency": {"group": "ecr-push-${{ github.ref }}", "cancel-in-progress": False},
        "jobs": jobs,
    }


def ecs_deploy(deliveries: Sequence[Delivery]) -> Workflow:
    """Return ``ecs-deploy.yml`` for the environments of one repository."""
    environments = [delivery.github_environment for delivery in deliveries]
    image = "Tag (the commit's SHA) or digest (sha256:…); an earlier one rolls back"
    return {
        "name": "ecs-deploy",
        "run-name": "Deploy ${{ inputs.image }} to ${{ inputs.environment }}",
        "on": {
            "workflow_call": {
                "inputs": {
                    "environment": {"type": "string", "required": True},
                    "image": {"type": "string", "required": True, "description": image},
                }
            },
            "workflow_dispatch": {
                "inputs": {
                    "environment": {
                        "type": "choice",
                        "required": True,
                        "options": environments,
                    },
                    "image": {"type": "string", "required": True, "description": image},
                }
            },
        },
        "permissions": {},
        "jobs": {"deploy": _deploy_job(deliveries)},
    }


def _push_job(delivery: Delivery, taken: str | None) -> dict[str, Any]:
    arm = delivery.task.architecture == "arm64"
    build = delivery.service.build
    repository = _setting("ECR_REPOSITORY", [delivery])
    not_built = "${{ !steps.built.outputs.digest }}"
    return {
        "name": f"Push for {delivery.github_environment}",
        **_present({"if": taken}),
        "runs-on": runners.build_runner(delivery),
        **({} if delivery.by_ref else {"environment": delivery.build_environment}),
        "permissions": {"contents": "read", "id-token": "write"},
        # The digest and not the URI: GitHub drops an output in which it finds a secret's text,
        # and the account id may be one.
        "outputs": {"digest": "${{ steps.built.outputs.digest || steps.push.outputs.digest }}"},
        "steps": [
            {
                "name": "Check out",
                "uses": actions.CHECKOUT,
                "with": {"persist-credentials": False},
            },
            _credentials([delivery], "build", "AWS_BUILD_ROLE_ARN"),
            {"name": "Log in to ECR", "id": "ecr", "uses": actions.ECR_LOGIN},
            {
                "name": "Look for an image of this commit",
                "id": "built",
                "env": {"ECR_REPOSITORY": repository},
                "run": _FIND_BUILT,
            },
            {"name": "Set up Buildx", "if": not_built, "uses": actions.SETUP_BUILDX},
            {
                "name": "Build and push",
                "id": "push",
                "if": not_built,
                "uses": actions.BUILD_PUSH,
                "with": {
                    "context": build.context,
                    "file": build.file,
                    "platforms": "linux/arm64" if arm else "linux/amd64",
                    "push": True,
                    **_ATTESTATIONS,
                    "tags": "${{ steps.ecr.outputs.registry }}/"
                    + repository
                    + ":${{ github.sha }}",
                },
            },
        ],
    }


def _deploy_call(delivery: Delivery, taken: str | None) -> dict[str, Any]:
    """Return the job that deploys: what was pushed for it, or what its source has deployed."""
    source = delivery.upstream
    push = f"{delivery.root.name}-push"
    image = f"${{{{ needs.{push}.outputs.digest }}}}"
    needs, condition = [push], taken
    if source:
        # Its source comes first where this ref deploys there too; else the image of the commit
        # is in the registry from an earlier run.
        needs, image = (
            [push, f"{source.name}-deploy"],
            f"${{{{ needs.{push}.outputs.digest || github.sha }}}}",
        )
        condition = f"!failure() && !cancelled() && ({taken})"
    return {
        "name": f"Deploy to {delivery.github_environment}",
        "needs": needs,
        **_present({"if": f"${{{{ {condition} }}}}" if source else condition}),
        "permissions": {"id-token": "write"},
        "uses": f"./.github/workflows/{DEPLOY}",
        "with": {"environment": delivery.github_environment, "image": image},
        # A called workflow sees the secrets of its environment only this way.
        **({"secrets": "inherit"} if delivery.environment.github.as_secrets else {}),
    }


def _deploy_job(deliveries: Sequence[Delivery]) -> dict[str, Any]:
    def setting(name: str) -> str:
        return _setting(name, deliveries)

    elsewhere = [delivery for delivery in deliveries if delivery.crosses_registries]
    find_image = {"ECR_REPOSITORY": setting("ECR_REPOSITORY"), "IMAGE": "${{ inputs.image }}"}
    if elsewhere:
        account, region = (_bare(setting(name)) for name in ("AWS_ACCOUNT_ID", "AWS_REGION"))
        find_image["ECR_ACCOUNT_ID"] = f"${{{{ vars.ECR_ACCOUNT_ID || {account} }}}}"
        find_image["ECR_REGION"] = f"${{{{ vars.ECR_REGION || {region} }}}}"
    return {
        "name": "Deploy",
        "runs-on": runners.deploy_runner(deliveries),
        **({} if deliveries[0].by_ref else {"environment": "${{ inputs.environment }}"}),
        "permissions": {"id-token": "write"},
        # One deployment of an environment at a time; the next waits and stops none half way.
        "concurrency": {
            "group": "ecs-deploy-${{ inputs.environment }}",
            "cancel-in-progress": False,
        },
        "steps": [
            _credentials(deliveries, "deploy", "AWS_IAM_ROLE_ARN"),
            {
                "name": "Find the image",
                "id": "image",
                "env": find_image,
                "run": _FIND_IMAGE.replace("{registry}", _OTHER_REGISTRY if elsewhere else ""),
            },
            {
                "name": "Read the newest template",
                "env": {
                    "ECS_TASK_FAMILY": setting("ECS_TASK_FAMILY"),
                    "ECS_TASK_TEMPLATE": setting("ECS_TASK_TEMPLATE"),
                    "IMAGE": "${{ steps.image.outputs.image }}",
                },
                "run": _NEWEST_REVISION,
            },
            {
                "name": "Put the image into it",
                "id": "render",
                "uses": actions.ECS_RENDER,
                "with": {
                    "task-definition": "task-definition.json",
                    "container-name": setting("ECS_CONTAINER"),
                    "image": "${{ steps.image.outputs.image }}",
                },
            },
            {
                "name": "Deploy and wait",
                "uses": actions.ECS_DEPLOY,
                "with": {
                    "task-definition": "${{ steps.render.outputs.task-definition }}",
                    "cluster": setting("ECS_CLUSTER"),
                    "service": setting("ECS_SERVICE"),
                    "wait-for-service-stability": True,
                },
            },
        ],
    }


def _credentials(deliveries: Sequence[Delivery], role: str, variable: str) -> dict[str, Any]:
    region = _setting("AWS_REGION", deliveries)
    audiences = _unique(delivery.audience for delivery in deliveries)
    audience: str | None = audiences[0]
    if len(audiences) > 1:
        other, china = sorted(audiences, key=len)
        audience = f"${{{{ startsWith({_bare(region)}, 'cn-') && '{china}' || '{other}' }}}}"
    elif audience == "sts.amazonaws.com":
        audience = None  # the action's own default
    hours = min(delivery.environment.trust.session_hours for delivery in deliveries)
    return {
        "name": f"Assume the {role} role",
        "uses": actions.CONFIGURE_AWS_CREDENTIALS,
        "with": {
            "role-to-assume": _setting(variable, deliveries),
            "aws-region": region,
            **_present(
                {"audience": audience, "role-duration-seconds": hours * 3600 if hours > 1 else None}
            ),
        },
    }


def _bare(expression: str) -> str:
    """Return *expression* without its braces, to stand inside another."""
    return expression.removeprefix("${{ ").removesuffix(" }}")


def _setting(name: str, deliveries: Sequence[Delivery]) -> str:
    """Return the expression for a built-in variable, which some environments hold as a secret."""
    secret = [name in delivery.environment.github.as_secrets for delivery in deliveries]
    if all(secret):
        return f"${{{{ secrets.{name} }}}}"
    return f"${{{{ secrets.{name} || vars.{name} }}}}" if any(secret) else f"${{{{ vars.{name} }}}}"


def _unique(values: Any) -> list[str]:
    return list(dict.fromkeys(values))


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def to_yaml(workflow: Workflow) -> str:
    """Return *workflow* as it stands in the repository, under a header that says what made it."""
    return HEADER + yaml_text.to_yaml(_noted(workflow))


def _noted(value: Any) -> Any:
    """Return *value* with each action at its commit, and its tag behind it."""
    if isinstance(value, Mapping):
        return {key: _noted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_noted(item) for item in value]
    if isinstance(value, Action):
        return Noted(f"{value.repository}@{value.commit}", value.tag)
    return value
