"""What a service comes back with where it changes while a job compares the newest revision."""

from collections.abc import Callable, Iterator

import pytest

from tests.pipeline.model.properties import violations
from tests.pipeline.model.runs import Job, finish, proceed, settle
from tests.pipeline.model.walk import Walk
from tests.pipeline.scenes import SCRIPTS, scene

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]


@pytest.fixture(autouse=True)
def no_shell_is_left() -> Iterator[None]:
    """End the shells that wait for answers which no longer come."""
    yield
    SCRIPTS.close()


def until(walk: Walk, job: Job, holds: Callable[[], bool]) -> None:
    """Let a job go on, and nothing else, until something holds."""
    while not holds():
        if job.ready:
            proceed(job)
            settle(walk.world)
        else:
            walk.world.clock += 1


def running(walk: Walk) -> list[Job]:
    """Return the jobs that run."""
    settle(walk.world)
    return [job for run in walk.world.runs for job in run.every_job if job.state == "running"]


@pytest.mark.parametrize("how", ["whole", "runner lost", "made anew"])
def test_what_runs_by_then_is_the_newest(how: str) -> None:
    """11. A job looks once more before it registers: what it saw may run no more.

    An automatic deployment fails and is rolled back. While its job compares, somebody deploys by
    hand, whose job ends well or loses its runner; or the service is made anew.
    """
    walk = scene("one").calm()
    world = walk.world
    (service,) = world.ecs.services.values()
    world.push("refs/heads/main", world.git.commit(world.git.refs["refs/heads/main"]))
    (build,) = running(walk)
    until(walk, build, lambda: build.state == "done")
    (failing,) = running(walk)
    until(walk, failing, lambda: service.primary.state == "IN_PROGRESS")
    (failed,) = (registry.images for registry in world.registries.values())
    service.fail()
    world.complete(service)
    until(walk, failing, lambda: bool(failing.work and failing.work.failed))
    # The comparison begins with what runs.
    proceed(failing)
    proceed(failing)

    if how == "made anew":
        world.ecs.replace(service)
    else:
        file, (environment, *_) = walk.dispatched
        asked = {"environment": environment, "image": list(failed)[-1]}
        world.dispatch(file, "refs/heads/main", asked)
        by_hand = running(walk)[-1]
        until(walk, by_hand, lambda: service.primary.state == "IN_PROGRESS")
    world.complete(service)
    if how == "whole":
        until(walk, by_hand, lambda: by_hand.state == "done")
    elif how == "runner lost":
        finish(by_hand, lost=True)
    until(walk, failing, lambda: failing.state == "done")

    it = service.settings
    newest = world.ecs.find(it.account, it.region, it.starts_with)
    assert newest.image == service.primary.revision.image == list(failed)[-1]
    assert violations(walk) == {}
