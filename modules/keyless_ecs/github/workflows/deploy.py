"""``ecs-deploy.yml``: deploys an image to one environment, called after a push or by hand."""

from collections.abc import Sequence
from typing import Any

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.github import SERVICE_URL
from keyless_ecs.github import actions, runners
from keyless_ecs.github.workflows import steps
from keyless_ecs.github.workflows.expressions import (
    BY_HAND,
    expression,
    literal,
    one_of,
    setting,
)
from keyless_ecs.github.workflows.file import Workflow
from keyless_ecs.github.workflows.steps import run

_BESIDE_THE_WAIT = 20
"""Minutes of a job beside its wait: up to ten for a deployment before it, and the short steps."""

_DEPLOYS = "${{ steps.order.outputs.next == 'deploy' }}"
_NOT_SUPERSEDED = "${{ steps.order.outputs.next != 'superseded' }}"
_STALE = "${{ always() && steps.newest.outputs.image }}"


def ecs_deploy(deliveries: Sequence[Delivery]) -> Workflow:
    """Return ``ecs-deploy.yml`` for the environments of one repository."""
    required: dict[str, Any] = {"required": True}
    return {
        "name": "ecs-deploy",
        "run-name": "Deploy ${{ inputs.image }} to ${{ inputs.environment }}",
        "on": {
            "workflow_call": {
                "inputs": {
                    "environment": {"type": "string", **required},
                    "image": {"type": "string", **required},
                },
                "outputs": {
                    "digest": {
                        "description": "What was deployed; empty where a newer commit runs",
                        "value": "${{ jobs.deploy.outputs.digest }}",
                    }
                },
            },
            "workflow_dispatch": {
                "inputs": {
                    "environment": {
                        "type": "choice",
                        **required,
                        "options": [delivery.github_environment for delivery in deliveries],
                    },
                    "image": {
                        "type": "string",
                        **required,
                        "description": "Whole commit SHA, or digest (sha256:…); "
                        "an earlier one rolls back",
                    },
                }
            },
        },
        "permissions": {},
        "defaults": steps.BASH,
        "jobs": {"deploy": _deploy_job(deliveries)},
    }


def _deploy_job(deliveries: Sequence[Delivery]) -> dict[str, Any]:
    return {
        "name": "Deploy to ${{ inputs.environment }}",
        "runs-on": runners.deploy_runner(deliveries),
        # A job's bound cannot be read from its environment: that of the longest serves all.
        "timeout-minutes": max(d.wait_minutes for d in deliveries) + _BESIDE_THE_WAIT,
        **_concurrency(deliveries),
        **_environment(deliveries),
        "permissions": {"contents": "read", "id-token": "write"},
        "outputs": {"digest": "${{ steps.keep.outputs.digest }}"},
        "env": _variables(deliveries),
        "steps": [
            steps.assume_role(
                deliveries,
                role="deploy",
                variable="AWS_IAM_ROLE_ARN",
                seconds="${{ vars.ECS_SESSION_SECONDS || 3600 }}",
            ),
            run("Read what runs", "read_what_runs", id="runs"),
            run(
                "Decide",
                "decide",
                id="order",
                env={
                    "GH_TOKEN": "${{ github.token }}",
                    # gh's name for it where the host is an Enterprise Server.
                    "GH_ENTERPRISE_TOKEN": "${{ github.token }}",
                    "STATE": "${{ steps.runs.outputs.state }}",
                    "COMMIT": "${{ steps.runs.outputs.commit }}",
                    "PUSH": "${{ steps.runs.outputs.push }}",
                    "DIGEST": "${{ steps.runs.outputs.digest }}",
                    "TEMPLATE": "${{ steps.runs.outputs.template }}",
                    "NEWEST": "${{ steps.runs.outputs.newest }}",
                },
            ),
            run("Find the image", "find_image", id="image", **{"if": _NOT_SUPERSEDED}),
            run(
                "Fill in the template",
                "fill_in_template",
                **{"if": _DEPLOYS},
                env={
                    "COMMIT": "${{ steps.image.outputs.commit }}",
                    "PUSH": "${{ steps.runs.outputs.push }}",
                    "DIGEST": "${{ steps.image.outputs.digest }}",
                    "RUNS": "${{ steps.runs.outputs.digest }}",
                    "NEWEST": "${{ steps.runs.outputs.newest }}",
                },
            ),
            _render(
                deliveries,
                "Put the image in",
                "render",
                condition=_DEPLOYS,
                file="task-definition.json",
                image="${{ steps.image.outputs.uri }}",
            ),
            run(
                "Hold the image",
                "tag_image",
                **{"if": _DEPLOYS},
                env={
                    "DIGEST": "${{ steps.image.outputs.digest }}",
                    # What runs as well: it may not be what was kept last. What still rolls out has
                    # a tag of its own, beside what would be rolled back to: it may be complete
                    # before this one's update, and be what that is rolled back to.
                    "TAGS": "${{ steps.image.outputs.runs }}="
                    "${{ steps.runs.outputs.state == 'COMPLETED' && "
                    "steps.runs.outputs.digest || '' }} "
                    "${{ steps.image.outputs.runs }}.rolls="
                    "${{ steps.runs.outputs.state == 'IN_PROGRESS' && "
                    "steps.runs.outputs.digest || '' }} "
                    "${{ steps.image.outputs.held }}=${{ steps.image.outputs.digest }}",
                },
            ),
            run(
                "Deploy and wait",
                "roll_out",
                **{"if": _DEPLOYS},
                env={
                    "TASK_DEFINITION": "${{ steps.render.outputs.task-definition }}",
                    "RAN": "${{ steps.runs.outputs.revision }}",
                    "WAS": "${{ steps.runs.outputs.state }}",
                    "DIGEST": "${{ steps.image.outputs.digest }}",
                    "WAIT_MINUTES": "${{ vars.ECS_WAIT_MINUTES || 30 }}",
                },
            ),
            *_say_where(deliveries),
            run(
                "Keep the image",
                "tag_image",
                id="keep",
                **{"if": _NOT_SUPERSEDED},
                env={
                    "DIGEST": "${{ steps.image.outputs.digest }}",
                    "TAGS": "${{ steps.image.outputs.runs }}=${{ steps.image.outputs.digest }} "
                    "${{ steps.image.outputs.kept }}=${{ steps.image.outputs.digest }}",
                },
            ),
            run(
                "Compare the newest revision with the one that runs",
                "compare_newest",
                id="newest",
                **{"if": "${{ always() && steps.role.outcome == 'success' }}"},
            ),
            _render(
                deliveries,
                "Take the one that runs",
                "again",
                condition=_STALE,
                file="what-runs.json",
                image="${{ steps.newest.outputs.image }}",
            ),
            run(
                "Register it once more",
                "register_again",
                **{"if": _STALE},
                env={
                    "TASK_DEFINITION": "${{ steps.again.outputs.task-definition }}",
                    "REVISION": "${{ steps.newest.outputs.revision }}",
                },
            ),
        ],
    }


def _environment(deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """Return the job's environment; where it has an address, GitHub's deployments lead there.

    The address is read when the job ends, on its runner, which knows the environment's variables.
    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability
    """
    if deliveries[0].by_ref:
        return {}
    name = "${{ inputs.environment }}"
    if not _reached(deliveries):
        return {"environment": name}
    return {"environment": {"name": name, "url": expression(f"vars.{SERVICE_URL}")}}


def _say_where(deliveries: Sequence[Delivery]) -> list[dict[str, Any]]:
    """Return the step that says where what was deployed is reached, if anything is."""
    if not _reached(deliveries):
        return []
    url = f"vars.{SERVICE_URL}"
    return [
        run(
            "Say where it is reached",
            "say_where",
            **{"if": expression(f"steps.order.outputs.next == 'deploy' && {url}")},
            env={SERVICE_URL: expression(url)},
        )
    ]


def _reached(deliveries: Sequence[Delivery]) -> bool:
    return any(delivery.reach for delivery in deliveries)


def _concurrency(deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """Return the group of the job: one after the other, but for what may wait for a person.

    A job enters its group before its approval is asked, and an unanswered one would hold up all
    others. Enterprise Server has no queue, and would drop what waits.
    """
    if deliveries[0].github.is_enterprise_server:
        return {}
    alone = BY_HAND
    if gated := [delivery.github_environment for delivery in deliveries if delivery.gated]:
        alone = f"({alone} || {one_of('inputs.environment', gated)})"
    # A refused approval may leave its group taken for good: a run that is repeated has another.
    own = "format('{0}-{1}', github.run_id, github.run_attempt)"
    group = f"deploy-${{{{ inputs.environment }}}}-${{{{ {alone} && {own} || 'push' }}}}"
    return {"concurrency": {"group": group, "queue": "max"}}


def _variables(deliveries: Sequence[Delivery]) -> dict[str, str]:
    """Return what the scripts read."""
    promoted = {d.github_environment: d.upstream.name for d in deliveries if d.upstream}
    # By hand a commit names what the environment before has deployed, in whose place stands nothing
    # where images are built.
    cases = [
        f"inputs.environment == {literal(environment)} && {literal(f'{name}.')}"
        for environment, name in promoted.items()
    ]
    names = ("ECS_CLUSTER", "ECS_SERVICE", "ECS_TASK_FAMILY", "ECS_TASK_TEMPLATE", "ECS_CONTAINER")
    return {
        "BY_HAND": expression(BY_HAND),
        "ENVIRONMENT": "${{ inputs.environment }}",
        "IMAGE": "${{ inputs.image }}",
        **({"SOURCE": expression(" || ".join([*cases, "''"]))} if cases else {}),
        **{name: expression(setting(name, deliveries)) for name in names},
        **steps.registry(deliveries),
    }


def _render(
    deliveries: Sequence[Delivery], name: str, id_: str, *, condition: str, file: str, image: str
) -> dict[str, Any]:
    """Return the step that makes what was described fit for registering, with *image* in it."""
    return {
        "name": name,
        "id": id_,
        "if": condition,
        "uses": actions.ECS_RENDER,
        "with": {
            "task-definition": file,
            "container-name": expression(setting("ECS_CONTAINER", deliveries)),
            "image": image,
        },
    }
