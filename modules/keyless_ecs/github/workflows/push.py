"""``ecr-push.yml``: a push builds the image, and each environment of its ref deploys it.

Its jobs are in no common concurrency group, so that nothing waits for an approval but what asked.
"""

from collections.abc import Sequence
from typing import Any

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.refs import Refs, overlap
from keyless_ecs.github import actions, runners
from keyless_ecs.github.refs import condition, push_filters
from keyless_ecs.github.workflows import steps
from keyless_ecs.github.workflows.expressions import expression, setting
from keyless_ecs.github.workflows.file import DEPLOY, Workflow

# One image manifest a push: the registry's lifecycle counts images, and what an attestation adds
# would stay behind untagged.
_ATTESTATIONS = {"provenance": False, "sbom": False}

_NOT_DELETED = "!github.event.deleted"
"""Whoever deletes a branch or tag pushes too."""

_FIND_MINUTES = 35
"""A little more than the script looks."""


def ecr_push(deliveries: Sequence[Delivery]) -> Workflow:
    """Return ``ecr-push.yml`` for the environments of one repository."""
    jobs: dict[str, Any] = {}
    for delivery in deliveries:
        if delivery.upstream is None:
            jobs[f"{delivery.name}-push"] = _build_job(delivery)
        elif _refs_alone(delivery).allowed:
            jobs[f"{delivery.name}-find"] = _find_job(delivery, delivery.upstream)
        jobs[f"{delivery.name}-deploy"] = _deploy_call(delivery)
    return {
        "name": "ecr-push",
        "on": {
            "push": push_filters(deliveries),
            "workflow_dispatch": None,
        },
        # Each job asks for what it needs.
        "permissions": {},
        "defaults": steps.BASH,
        "jobs": jobs,
    }


def _build_job(delivery: Delivery) -> dict[str, Any]:
    arm = delivery.task.architecture == "arm64"
    build = delivery.service.build
    repository = expression(setting("ECR_REPOSITORY", [delivery]))
    not_built = "${{ !steps.built.outputs.digest }}"
    return {
        "name": f"Push for {delivery.github_environment}",
        "if": expression(f"{_NOT_DELETED} && ({condition(delivery.deploy_from.refs)})"),
        "runs-on": runners.build_runner(delivery),
        # As long as its credentials last.
        "timeout-minutes": delivery.build_session_seconds // 60,
        # A branch and a tag of one commit, pushed together, build once: the second finds the image.
        "concurrency": {
            "group": f"build-{delivery.github_environment}-${{{{ github.sha }}}}",
            **({} if delivery.github.is_enterprise_server else {"queue": "max"}),
        },
        **_environment(delivery),
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
            _build_role(delivery),
            {"name": "Log in to ECR", "id": "ecr", "uses": actions.ECR_LOGIN},
            steps.run(
                "Look for an image of this commit",
                "look_for_built",
                id="built",
                env={"ECR_REPOSITORY": repository},
            ),
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


def _find_job(delivery: Delivery, upstream: Delivery) -> dict[str, Any]:
    """Return the job that finds what the environment before has deployed in another run."""
    taken, alone = upstream.deploy_from.refs, _refs_alone(delivery)
    when = f"({condition(alone)})"
    both = tuple(ref for ref in taken.allowed if any(overlap(ref, own) for own in alone.allowed))
    if both:
        when += f" && !({condition(Refs(both, taken.refused))})"
    return {
        "name": f"Find the image for {delivery.github_environment}",
        "if": expression(f"{_NOT_DELETED} && {when}"),
        "runs-on": runners.deploy_runner([delivery]),
        "timeout-minutes": _FIND_MINUTES,
        **_environment(delivery),
        "permissions": {"id-token": "write"},
        "outputs": {"digest": "${{ steps.find.outputs.digest }}"},
        "steps": [
            _build_role(delivery),
            steps.run(
                f"Look for what {upstream.github_environment} has deployed",
                "find_deployed",
                id="find",
                env={**steps.registry([delivery]), "SOURCE": upstream.name},
            ),
        ],
    }


def _deploy_call(delivery: Delivery) -> dict[str, Any]:
    """Return the job that deploys: what was built for it, or what the one before has deployed."""
    upstream = delivery.upstream
    if upstream is None:
        needs = [f"{delivery.name}-push"]
    else:
        needs = [f"{upstream.name}-deploy"] if _same_run(delivery) else []
        needs += [f"{delivery.name}-find"] if _refs_alone(delivery).allowed else []
    digests = [f"needs.{job}.outputs.digest" for job in needs]
    return {
        "name": f"Deploy to {delivery.github_environment}",
        "needs": needs,
        **({"if": _handed_on(delivery, upstream, needs)} if upstream else {}),
        "permissions": {"contents": "read", "id-token": "write"},
        "uses": f"./.github/workflows/{DEPLOY}",
        "with": {
            "environment": delivery.github_environment,
            "image": expression(" || ".join(digests)),
        },
        # A called workflow sees the secrets of its environment only this way.
        **({"secrets": "inherit"} if delivery.environment.github.as_secrets else {}),
    }


def _handed_on(delivery: Delivery, upstream: Delivery, needs: Sequence[str]) -> str:
    """Return when a promotion runs: something gave out the digest of what it has deployed.

    What failed, was cancelled, skipped or superseded gives none. It must not ask for ``success()``,
    which an environment further up that is skipped by its ref would make false.
    https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
    """
    given = " || ".join(
        f"needs.{job}.result == 'success' && needs.{job}.outputs.digest" for job in needs
    )
    parts, refs, taken = ["!cancelled()"], delivery.deploy_from.refs, upstream.deploy_from.refs
    if not all(refs.takes(pattern, of=taken) for pattern in taken.allowed):
        parts.append(f"({condition(refs)})")
    return expression(" && ".join([*parts, f"({given})" if len(needs) > 1 else given]))


def _same_run(delivery: Delivery) -> bool:
    """Say whether a run may deploy to the environment before as well."""
    taken = delivery.upstream.deploy_from.refs.allowed if delivery.upstream else ()
    return any(overlap(own, ref) for own in delivery.deploy_from.refs.allowed for ref in taken)


def _refs_alone(delivery: Delivery) -> Refs:
    """Return its refs that the environment before does not take: what those find, another run left.

    What follows another service has none.
    """
    refs = delivery.deploy_from.refs
    taken = delivery.source.deploy_from.refs if delivery.source else refs
    alone = tuple(own for own in refs.allowed if not taken.takes(own, of=refs))
    return Refs(alone, tuple(r for r in refs.refused if any(overlap(r, own) for own in alone)))


def _environment(delivery: Delivery) -> dict[str, str]:
    return {} if delivery.by_ref else {"environment": delivery.build_environment}


def _build_role(delivery: Delivery) -> dict[str, Any]:
    return steps.assume_role(
        [delivery],
        role="build",
        variable="AWS_BUILD_ROLE_ARN",
        seconds=delivery.build_session_seconds,
    )
