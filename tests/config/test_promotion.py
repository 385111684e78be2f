"""Environments that hand on images: chains of promotion, and services of one image."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.config import Delivery, DeliveryFile, load
from tests.conftest import Content
from tests.support.config import changed, problems

Load = Callable[[Content], DeliveryFile]

SERVICES = "services.web.environments"


@pytest.fixture
def chain() -> Content:
    """Return dev → staging → production over two accounts, and a worker of the same image."""
    return {
        "version": 1,
        "github": {"owner": "acme"},
        "accounts": {
            "dev": {"id": "210987654321", "region": "eu-west-1"},
            "prod": {"id": "123456789012", "region": "eu-central-1"},
        },
        "services": {
            "web": {
                "repository": "web",
                "environments": {
                    "production": {
                        "account": "prod",
                        "deploy_from": {"tags": ["v*"]},
                        "registry": {"from": "staging"},
                        "github": {"reviewers": {"users": ["octocat"]}},
                    },
                    "staging": {
                        "account": "dev",
                        "region": "eu-north-1",
                        "deploy_from": {"branches": ["main"]},
                        "registry": {"from": "dev"},
                    },
                    "dev": {"account": "dev", "deploy_from": {"branches": ["main"]}},
                },
            },
            "worker": {
                "repository": "web",
                "image_of": "web",
                "environments": {"staging": {}, "production": {"account": "dev"}},
            },
        },
    }


def deliveries(file: DeliveryFile) -> dict[str, Delivery]:
    """Return the environments of *file* by name."""
    return {delivery.name: delivery for delivery in file.deliveries()}


def test_a_chain_has_one_registry(chain: Content, loaded: Load) -> None:
    """``from`` names whose deployments are promoted; the registry is that of the chain's root."""
    found = deliveries(loaded(chain))

    assert {
        name: (
            each.source and each.source.name,
            each.follows and each.follows.name,
            each.root.name,
            each.image_repository_arn,
            each.crosses_registries,
        )
        for name, each in found.items()
    } == {
        name: (
            *handed_on,
            "web-dev",
            "arn:aws:ecr:eu-west-1:210987654321:repository/web",
            name != "web-dev" and name != "worker-production",
        )
        for name, handed_on in {
            "web-dev": (None, None),
            "web-staging": ("web-dev", None),
            "web-production": ("web-staging", None),
            "worker-staging": (None, "web-staging"),
            "worker-production": (None, "web-production"),
        }.items()
    }


def test_a_source_stands_before_what_promotes_it(chain: Content, loaded: Load) -> None:
    """Stacks and jobs are written in the order in which an image goes through them.

    So are those of a service that runs the image of another.
    """
    assert list(deliveries(loaded(chain))) == [
        "web-dev",
        "web-staging",
        "web-production",
        "worker-staging",
        "worker-production",
    ]


def test_what_follows_lies_where_the_other_does(chain: Content, loaded: Load) -> None:
    """Refs, account and region are those of the environment that it follows, unless said."""
    found = deliveries(loaded(chain))

    assert [
        (each.refs, each.account_key, each.region, each.github_environment)
        for each in (found["worker-staging"], found["worker-production"])
    ] == [
        (["refs/heads/main"], "dev", "eu-north-1", "worker-staging"),
        (["refs/tags/v*"], "dev", "eu-west-1", "worker-production"),
    ]


def test_names_of_the_pipeline(chain: Content, loaded: Load) -> None:
    """What builds has an environment and a role of its own; what is described, a family."""
    found = deliveries(loaded(changed(chain, f"{SERVICES}.dev.task", {"family": "old"})))

    assert [
        (each.build_environment, each.build_role, each.task_family, each.template_family)
        for each in (found["web-dev"], found["web-production"])
    ] == [
        ("dev-build", "web-dev-build", "old", "web-dev-template"),
        ("production-build", "web-production-build", "web-production", "web-production-template"),
    ]
    assert [name for name, each in found.items() if not each.has_build_role] == [
        "worker-staging",
        "worker-production",
    ]
    assert [name for name, each in found.items() if each.builds] == ["web-dev"]


@pytest.mark.parametrize(
    ("settings", "gated"),
    [
        ({}, False),
        ({"wait_minutes": 5}, True),
        ({"reviewers": {"teams": ["platform"]}}, True),
    ],
)
def test_what_may_wait_is_gated(
    chain: Content, loaded: Load, settings: Content, gated: bool
) -> None:
    """Reviewers and wait timers hold a job back; nothing else does."""
    file = loaded(changed(chain, f"{SERVICES}.dev.github", settings))
    assert deliveries(file)["web-dev"].gated is gated


@pytest.mark.parametrize(
    ("path", "value", "messages"),
    [
        (
            f"{SERVICES}.dev.registry",
            {"from": "production"},
            # Each of them is on it, and any may leave it.
            [
                f"{SERVICES}.{key}.registry.from: {circle} is a circle: "
                "one of them must build; leave its from out"
                for key, circle in (
                    ("production", "production → staging → dev → production"),
                    ("staging", "staging → dev → production → staging"),
                    ("dev", "dev → production → staging → dev"),
                )
            ],
        ),
        (
            f"{SERVICES}.dev.registry",
            {"from": "dve"},
            [
                f"{SERVICES}.dev.registry.from: 'dve' is not another environment of this "
                "service; use one of production, staging"
            ],
        ),
        (
            f"{SERVICES}.staging.task",
            {"architecture": "arm64"},
            [
                f"{SERVICES}.staging.task.architecture: its image is that of dev, built for "
                "x86_64; set task: {architecture: x86_64}"
            ],
        ),
        (
            "services.worker.environments.staging.task",
            {"family": "web-staging-template"},
            [
                "services.worker.environments.staging: web.staging owns the task definition "
                "family web-staging-template already; give each its own with task: {family: …} in "
                "the environment"
            ],
        ),
        (
            "services.worker.image_of",
            "wbe",
            [
                "services.worker.image_of: 'wbe' is not another service; did you mean \"web\"?",
            ],
        ),
        (
            "services.web",
            {"repository": "web", "image_of": "worker", "environments": {"staging": {}}},
            [
                "services.web.image_of: web → worker → web is a circle: "
                "one of them must build; leave its image_of out",
                "services.worker.image_of: worker → web → worker is a circle: "
                "one of them must build; leave its image_of out",
                "services.worker.environments.production: web has no environment production "
                "whose image this one could deploy; use one of staging",
            ],
        ),
        (
            "services.worker.image_of",
            "worker",
            [
                "services.worker.image_of: 'worker' is not another service; use one of web",
            ],
        ),
        (
            "services.worker.build",
            {"dockerfile": "Dockerfile"},
            [
                "services.worker.build: web builds the image, so this would do nothing; "
                "set it there, or leave image_of out",
            ],
        ),
        (
            "services.worker.environments.staging.registry",
            {"from": "production"},
            [
                "services.worker.environments.staging.registry: web builds the image, so this "
                "would do nothing; set it there, or leave image_of out",
            ],
        ),
        (
            "services.worker.environments.qa",
            {},
            [
                "services.worker.environments.qa: web has no environment qa whose image this one "
                "could deploy; use one of dev, production, staging",
            ],
        ),
        (
            "services.worker.environments.staging.deploy_from",
            {"branches": ["main", "release/*"]},
            [
                "services.worker.environments.staging.deploy_from.branches.1: web-staging is not "
                "deployed from 'release/*', so nothing would be deployed here; add it there, "
                "or leave it out here",
            ],
        ),
        (
            "services.worker.repository",
            "Web",
            [
                f"services.{key}.repository: {name} and {other} are one repository to GitHub; "
                "spell it everywhere as GitHub does"
                for key, name, other in (("web", "web", "Web"), ("worker", "Web", "web"))
            ],
        ),
        (
            "services.worker.repository",
            "tasks",
            [
                "services.worker.repository: the workflows of web deploy the image of web, and "
                "tasks has others; use web, or leave image_of out",
            ],
        ),
        (
            f"{SERVICES}.dev.github",
            {"name": "staging-build"},
            [
                f"{SERVICES}.dev: web.staging owns the GitHub environment web:staging-build "
                "already; give one of them another, as github: {name: web-dev}",
            ],
        ),
        (
            f"{SERVICES}.dev.trust",
            {"role_name": "web-staging-build"},
            [
                f"{SERVICES}.dev: web.staging owns the role web-staging-build already; "
                "give each its own with trust: {role_name: …}",
            ],
        ),
        (
            f"{SERVICES}.dev.github",
            {"name": "x" * 250},
            [
                f"{SERVICES}.dev.github.name: the environment in which its image is built, "
                f"'{'x' * 60}…', would have 256 characters and GitHub takes 255; shorten it",
            ],
        ),
        (
            f"{SERVICES}.dev",
            {},
            [
                f"{SERVICES}.dev.account: missing; it has no default",
                f"{SERVICES}.dev.deploy_from: missing; it has no default",
            ],
        ),
        (
            "services.web.tags",
            {"Keyless-ECS:commit": "x"},
            [
                "services.web.tags.Keyless-ECS:commit: 'Keyless-ECS:commit' begins with "
                "keyless-ecs:, where the pipeline keeps what it deployed; choose another key",
            ],
        ),
    ],
)
def test_what_cannot_be_handed_on_is_refused(
    tmp_path: Path, chain: Content, path: str, value: Any, messages: list[str]
) -> None:
    """Every image has one builder that it can be traced to, and every name one owner.

    P14: two spellings of a repository are one to GitHub, so that two pairs of workflows would meet.
    """
    assert problems(tmp_path / "bad.yaml", changed(chain, path, value)) == messages


@pytest.mark.parametrize(
    ("path", "value", "warnings"),
    [
        (
            f"{SERVICES}.dev.deploy_from.branches",
            ["main", "feature/*"],
            [
                f"{SERVICES}.dev.deploy_from.branches.1: whoever can push to 'feature/*' decides "
                f"what is in the registry from which {name} deploys, which does not take that "
                "pattern itself; give these refs an environment with a registry of its own, or "
                f"let {name} build its own images"
                for name in ("web-staging", "web-production", "worker-staging")
            ],
        ),
        (
            # What a source takes besides, with exceptions of its own or not.
            f"{SERVICES}.dev.deploy_from",
            {"branches": ["main", "main-*"], "except": ["main-x"]},
            [
                f"{SERVICES}.dev.deploy_from.branches.1: whoever can push to 'main-*' decides "
                f"what is in the registry from which {name} deploys, which does not take that "
                "pattern itself; give these refs an environment with a registry of its own, or "
                f"let {name} build its own images"
                for name in ("web-staging", "web-production", "worker-staging")
            ],
        ),
        (
            f"{SERVICES}.staging.count",
            0,
            [
                f"{SERVICES}.staging.count: with no task its deployments are complete at once, "
                f"and {name} takes images that never ran; run one task"
                for name in ("web-production", "worker-staging")
            ],
        ),
        (
            f"{SERVICES}.dev.github",
            {"variables": {"A": "1"}, "secrets": {"B": "variable", "C": "variable"}},
            [
                f"{SERVICES}.dev.github.variables: A: no generated job reads it: "
                "it is for jobs of your own",
                f"{SERVICES}.dev.github.secrets: B, C: no generated job reads them: "
                "they are for jobs of your own",
            ],
        ),
        (
            f"{SERVICES}.production.registry",
            {"from": "staging", "keep_deployed": 5, "name": "shop"},
            [
                f"{SERVICES}.production.registry.{key}: does nothing: the registry is that of "
                "dev; set it there"
                for key in ("keep_deployed", "name")
            ],
        ),
        (f"{SERVICES}.production.deploy_from", {"tags": ["v*", "w*"]}, []),
    ],
)
def test_what_is_promoted_unseen_is_said(
    tmp_path: Path, chain: Content, path: str, value: Any, warnings: list[str]
) -> None:
    """What passes and yet opens a way to production is named, with its line and the way out.

    P5: a feature branch decides what a release deploys. P11: a variable that no generated job reads
    (docker/build-push-action#978).
    F57: no task ran, and the deployment is complete (mbta/lamp#341).
    """
    del chain["services"]["worker"]["environments"]["production"]
    file = tmp_path / "delivery.yaml"
    file.write_text(json.dumps(changed(chain, path, value), indent=2))
    said: list[str] = []

    load(file, warn=said.append)
    assert [text.split("  ", 2)[-1] for text in said] == warnings


def test_a_tag_has_room_for_the_name(tmp_path: Path, example: Content) -> None:
    """The pipeline tags what it deployed, and ECR takes 128 characters."""
    key = "x" * 56
    environments = example["services"]["papyrus"]["environments"]
    environments[key] = {
        **environments.pop("production"),
        "task": {"execution_role_name": "a", "task_role_name": "b"},
        "trust": {"role_name": "d", "build_role_name": "c"},
    }

    assert problems(tmp_path / "bad.yaml", example) == [
        f"services.papyrus.environments.{key}: the pipeline tags images with "
        f"'papyrus-{'x' * 52}…' and what was deployed, and a tag has room for 63 characters of "
        "it, not 64; shorten the name of the service or of the environment"
    ]


def test_tags_that_cannot_stay_are_said(tmp_path: Path, example: Content) -> None:
    """Where ECR excepts no tag from immutability, none of them is immutable."""
    example["accounts"]["main"]["region"] = "cn-north-1"
    file = tmp_path / "delivery.yaml"
    file.write_text(json.dumps(changed(example, "services.papyrus.registry.tags", "immutable")))
    said: list[str] = []

    load(file, warn=said.append)
    (text,) = said
    assert text.endswith(
        "ECR cannot except the tag of what runs in the partition aws-cn, "
        "so all tags stay mutable there"
    )
