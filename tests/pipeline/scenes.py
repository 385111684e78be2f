"""The delivery files on which the pipeline is tried, and the world that each of them makes."""

import copy
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from keyless_ecs import synthesis
from keyless_ecs.config import load
from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.refs import Refs
from keyless_ecs.synthesis import files
from keyless_ecs.trust import claims
from tests.pipeline.model.iam import Session
from tests.pipeline.model.properties import violations
from tests.pipeline.model.runs import Job, proceed
from tests.pipeline.model.scripts import Scripts
from tests.pipeline.model.terraform import Terraform
from tests.pipeline.model.walk import Walk
from tests.pipeline.model.world import World, parsed

SCRIPTS = Scripts()
"""One table for every test of the session."""

GATED = {"reviewers": {"teams": ["platform"]}}
ACCOUNTS = {
    "dev": {"id": "111111111111", "region": "eu-west-1"},
    "prod": {"id": "222222222222", "region": "eu-west-1"},
}
SMALL = {"keep_images": 2, "keep_deployed": 2}
"""A registry that expires early."""


def _file(
    others: Mapping[str, Any] | None = None,
    github: Mapping[str, Any] | None = None,
    build: Mapping[str, Any] | None = None,
    **environments: Any,
) -> dict[str, Any]:
    for other in (others or {}).values():
        other["environments"] = {key: {} for key in environments}
    return {
        "version": 1,
        "github": {"owner": "acme", "owner_id": 1001, **(github or {})},
        "accounts": ACCOUNTS,
        "services": {
            "web": {
                "repository": "Web",
                "repository_id": 2002,
                "container": {"port": 8080},
                **({"build": build} if build else {}),
                "environments": environments,
            },
            **(others or {}),
        },
    }


MAIN = {"branches": ["main"]}
FILES = {
    "one": _file(
        production={
            "account": "dev",
            "deploy_from": {**MAIN, "tags": ["v*.*.*"]},
            "registry": SMALL,
        }
    ),
    "gated": _file(
        production={"account": "dev", "deploy_from": MAIN, "registry": SMALL, "github": GATED}
    ),
    "promoted": _file(
        staging={"account": "dev", "deploy_from": MAIN, "registry": SMALL},
        production={
            "account": "prod",
            "deploy_from": MAIN,
            "registry": {"from": "staging"},
            "github": GATED,
        },
    ),
    "released": _file(
        staging={"account": "dev", "deploy_from": MAIN, "registry": SMALL},
        production={
            "account": "prod",
            "deploy_from": {"tags": ["v*.*.*"]},
            "registry": {"from": "staging"},
            "github": {"wait_minutes": 10},
        },
    ),
    "chained": _file(
        dev={"account": "dev", "deploy_from": MAIN, "registry": SMALL},
        staging={"account": "dev", "deploy_from": MAIN, "registry": {"from": "dev"}},
        production={
            "account": "prod",
            "deploy_from": {**MAIN, "tags": ["v*.*.*"]},
            "registry": {"from": "staging"},
            "github": GATED,
        },
    ),
    "siblings": _file(
        staging={"account": "dev", "deploy_from": MAIN, "registry": SMALL},
        dev={"account": "dev", "deploy_from": MAIN, "registry": {"from": "staging"}},
        production={
            "account": "prod",
            "deploy_from": {"tags": ["v*.*.*"]},
            "registry": {"from": "staging"},
        },
    ),
    "followed": _file(
        {"worker": {"repository": "Web", "repository_id": 2002, "image_of": "web"}},
        production={"account": "dev", "deploy_from": MAIN, "registry": SMALL, "github": GATED},
    ),
    "by_ref": _file(
        production={
            "account": "dev",
            "deploy_from": {**MAIN, "tags": ["v*.*.*"]},
            "registry": SMALL,
            "trust": {"by": "ref"},
        }
    ),
    "server": _file(
        github={"issuer": "https://git.acme.example/_services/token"},
        build={"runs_on": "builders"},
        staging={
            "account": "dev",
            "deploy_from": {**MAIN, "tags": ["v*.*.*"]},
            "registry": SMALL,
            "deployment": {"runs_on": "deployers"},
        },
        production={
            "account": "prod",
            "deploy_from": MAIN,
            "registry": {"from": "staging"},
            "github": GATED,
            "deployment": {"runs_on": "deployers"},
        },
    ),
}
"""One environment that builds; asked; promoted in one run, across runs, along a chain with both, by
two from one; a second service of the same image; roles trusted by ref; and an Enterprise Server.
"""
TAGS = [f"v1.0.{number}" for number in range(1, 5)]


@dataclass(frozen=True)
class Scene:
    """A delivery file, its workflows and its Terraform, from which worlds are made."""

    workflows: Mapping[str, Any]
    stacks: tuple[Any, ...]
    dispatched: tuple[str, ...]
    services: Mapping[str, str]
    sources: Mapping[str, str]
    keeps: Mapping[str, int]
    refs: Mapping[str, Refs]
    issuer: str

    def copy(self) -> "Scene":
        """Return a scene of its own, for a test to break."""
        return copy.deepcopy(self)

    def calm(self) -> Walk:
        """Push once, with a tag, and let everything go well; who is asked says yes."""
        walk = self._begin()
        sha = walk.world.git.commit(None)
        for ref in ("refs/heads/main", f"refs/tags/{TAGS[0]}"):
            walk.world.push(ref, sha)
        walk.run_out(yes=True)
        return walk

    def busy(self) -> Walk:
        """Release twice, then deliver many commits that are not released, and let rules expire."""
        walk = self._begin()
        sha = None
        for number in range(8):
            sha = walk.world.git.commit(sha)
            for ref in ["refs/heads/main", f"refs/tags/{TAGS[number % len(TAGS)]}"][
                : 1 + (number < 2)
            ]:
                walk.world.push(ref, sha)
            walk.run_out(yes=True)
        walk.world.expire()
        return walk

    def then(self, pushes: int = 1, **goes_on: Any) -> Walk:
        """Deliver a commit well, then push others at once, and let that go on as said."""
        walk = self._begin()
        sha = walk.world.git.commit(None)
        walk.world.push("refs/heads/main", sha)
        walk.run_out(yes=True)
        for _ in range(pushes):
            sha = walk.world.git.commit(sha)
            walk.world.push("refs/heads/main", sha)
        walk.run_out(yes=True, **goes_on)
        return walk

    def stories(self) -> Iterator[Walk]:
        """Tell how a delivery goes in the ways that come to mind."""
        yield self.then(breaks=True)
        yield self.then(pushes=3)
        yield self.then(pushes=3, last_first=True)
        yield self.busy()
        for after in range(0, 60, 4):
            yield self.then(fails=after)

    def overtaken(
        self, begins: Callable[[Walk], None], happens: Callable[[Walk, Job], None]
    ) -> Iterator[tuple[Walk, Job]]:
        """Let something happen before each call of a job that deploys, up to its update.

        Args:
            begins: After a calm delivery, has a job begin.
            happens: What happens then, and leaves that job alone.

        Yields:
            A walk that has run out, and the job.
        """
        for calls in count():
            walk = self.calm()
            begins(walk)
            job = walk.until_one_deploys()
            for _ in range(calls):
                proceed(job)
            if job.state == "done" or (job.work and job.work.updated):
                return
            happens(walk, job)
            walk.run_out(yes=True)
            yield walk, job

    def walk(self, choices: bytes, **settings: Any) -> Walk:
        """Play one interleaving to its end."""
        walk = self._begin(**settings)
        walk.play(choices)
        return walk

    def attacked(self, ref: str, environment: str, tag: str) -> Walk:
        """Tag a commit for release that was never deployed, after an attack.

        Args:
            ref: Where the attacker can push, and so has any workflow run.
            environment: The GitHub environment whose build role the attacker tries to get.
            tag: What the attacker's image is tagged with, before the commit's name.
        """
        walk = self._begin()
        world = walk.world
        sha = world.git.commit(None)
        named = world.terraform.environments[environment]
        if named.takes(ref):
            owner, _, name = world.repository.partition("/")
            job = claims.Job(
                *(owner, "1001", name, "2002"), ref, environment=environment, workflow="mine.yml"
            )
            arn = named.variables["AWS_BUILD_ROLE_ARN"]
            world.iam.assume(arn, job, 3600)
            session = Session(arn, named.variables["AWS_REGION"], 60)
            repository = named.variables["ECR_REPOSITORY"]
            world.iam.check(session, "ecr", "PutImage", {"repositoryName": repository})
            registry = world.registries[f"{session.account} {session.region} {repository}"]
            registry.put(world.new_image(sha), f"{tag}.{sha}")
        world.push(f"refs/tags/{TAGS[0]}", sha)
        walk.run_out(yes=True)
        return walk

    def _begin(self, **settings: Any) -> Walk:
        world = World(
            "acme/Web",
            self.workflows,
            Terraform.read(self.stacks),
            SCRIPTS,
            sources=self.sources,
            keeps=self.keeps,
            refs=self.refs,
            issuer=self.issuer,
            **settings,
        )
        deploy = next(n for n, w in self.workflows.items() if "workflow_call" in w["on"])
        return Walk(world, ["main"], TAGS, (deploy, list(self.dispatched)), self.services)

    def violations(self, choices: bytes, **settings: Any) -> dict[int, list[str]]:
        """Return what contradicts the properties in one interleaving."""
        return violations(self.walk(choices, **settings))


def pushed(walk: Walk) -> None:
    """Push a newer commit."""
    git = walk.world.git
    walk.world.push("refs/heads/main", git.commit(git.refs["refs/heads/main"]))


def delivered(walk: Walk, without: Job) -> None:
    """Push a newer commit, and let it arrive while a job does nothing."""
    pushed(walk)
    walk.run_out(yes=True, without=without)


def rolled_back(walk: Walk) -> None:
    """Have somebody deploy by hand the image that there is, with whatever runs by then."""
    (image, *_) = (i for r in walk.world.registries.values() for i in r.images.values())
    file, (environment, *_) = walk.dispatched
    asked = {"environment": environment, "image": image.digest}
    walk.world.dispatch(file, "refs/heads/main", asked)


def rules(found: Scene) -> Iterator[list[dict[str, Any]]]:
    """Yield the lifecycle rules of each registry."""
    for stack in found.stacks:
        if "registry_rules" in stack.get("locals", {}):
            yield stack["locals"]["registry_rules"]["rules"]


@cache
def scene(name: str) -> Scene:
    """Return the scene of one of :data:`FILES`."""
    return scene_of(FILES[name])


def scene_of(data: Mapping[str, Any], warn: Callable[[str], None] = lambda _: None) -> Scene:
    """Return the scene of a delivery file, and hand on what it is warned of."""
    with tempfile.TemporaryDirectory(prefix="keyless-ecs-scene-") as folder:
        path = Path(folder) / "delivery.yaml"
        path.write_text(json.dumps(copy.deepcopy(data)))
        file = load(path, warn=warn)
    stacks = synthesis.synthesize(file, file.stack_names())
    workflows = parsed(
        {
            path.name: text
            for path, text in files.files(file, stacks).items()
            if ".github/workflows" in str(path)
        }
    )
    deliveries = list(file.deliveries())
    services = {delivery.github_environment: _service(delivery) for delivery in deliveries}
    return Scene(
        workflows,
        tuple(json.loads(stack.text) for stack in stacks),
        tuple(services),
        services,
        {d.github_environment: _service(d.upstream) for d in deliveries if d.upstream},
        {_service(d): d.root.registry.keep_deployed for d in deliveries},
        {d.github_environment: d.deploy_from.refs for d in deliveries},
        file.github.provider,
    )


def _service(delivery: Delivery) -> str:
    place = f"{delivery.account.id} {delivery.region}"
    return f"{place} {delivery.cluster_name}/{delivery.service_name}"
