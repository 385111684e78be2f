"""Deployments that cross, call by call: what a service comes back with, and what stays for it."""

from collections.abc import Callable, Iterator
from itertools import chain, groupby

import pytest

from tests.pipeline.model.properties import violations
from tests.pipeline.model.runs import Job, finish, proceed, settle
from tests.pipeline.model.walk import Walk
from tests.pipeline.scenes import SCRIPTS, delivered, pushed, rolled_back, rules, scene

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


def failed_deployment() -> tuple[Walk, Job]:
    """Return a walk in which a deployment has just failed and was rolled back, and its job."""
    walk = scene("one").calm()
    world = walk.world
    (service,) = world.ecs.services.values()
    world.push("refs/heads/main", world.git.commit(world.git.refs["refs/heads/main"]))
    (build,) = running(walk)
    until(walk, build, lambda: build.state == "done")
    (failing,) = running(walk)
    until(walk, failing, lambda: service.primary.state == "IN_PROGRESS")
    service.fail()
    world.complete(service)
    until(walk, failing, lambda: bool(failing.work and failing.work.failed))
    return walk, failing


def deployed_by_hand(walk: Walk) -> Job:
    """Let somebody deploy the newest image, and return the job when its rollout is complete."""
    world = walk.world
    (service,) = world.ecs.services.values()
    file, (environment, *_) = walk.dispatched
    asked = {"environment": environment, "image": newest_image(walk)}
    world.dispatch(file, "refs/heads/main", asked)
    by_hand = running(walk)[-1]
    until(walk, by_hand, lambda: service.primary.state == "IN_PROGRESS")
    world.complete(service)
    return by_hand


def newest_image(walk: Walk) -> str:
    """Return the image that was pushed last."""
    (images,) = (registry.images for registry in walk.world.registries.values())
    return list(images)[-1]


def comes_back_with(walk: Walk) -> tuple[str | None, str | None]:
    """Return the images of what the service runs, and of what it would be made anew with."""
    (service,) = walk.world.ecs.services.values()
    it = service.settings
    newest = walk.world.ecs.find(it.account, it.region, it.starts_with)
    return service.primary.revision.image, newest.image


@pytest.mark.parametrize("how", ["runner lost", "made anew"])
def test_what_runs_by_then_is_the_newest(how: str) -> None:
    """11. A job looks once more before it registers: what it saw may run no more.

    An automatic deployment fails and is rolled back. While its job compares, somebody deploys by
    hand, whose job loses its runner; or the service is made anew.
    """
    walk, failing = failed_deployment()
    (service,) = walk.world.ecs.services.values()
    # The comparison begins with what runs.
    proceed(failing)
    proceed(failing)

    if how == "made anew":
        walk.world.make_anew(service)
        walk.world.complete(service)
    else:
        finish(deployed_by_hand(walk), lost=True)
    until(walk, failing, lambda: failing.state == "done")

    assert comes_back_with(walk) == (newest_image(walk), newest_image(walk))
    assert violations(walk) == {}


def test_one_gap_is_left() -> None:
    """11. A whole deployment between two calls of another job, which have nothing between them.

    Its update, its rollout and its own last look: before each call of a job that heals after its
    failure, somebody deploys by hand, and that job ends well. Only between the last look and the
    registration does the wrong revision become the newest, as ECS has no registration that depends
    on what runs; any job that runs next mends it.
    """
    gaps, calls = [], 0
    while True:
        walk, failing = failed_deployment()
        for _ in range(calls):
            proceed(failing)
        if failing.state == "done":
            break
        looked = failing.work is not None and failing.work.just_saw
        by_hand = deployed_by_hand(walk)
        until(walk, by_hand, lambda: by_hand.state == "done")  # noqa: B023
        until(walk, failing, lambda: failing.state == "done")  # noqa: B023
        assert violations(walk) == {}
        if len(set(comes_back_with(walk))) > 1:
            assert looked
            gaps.append(walk)
        calls += 1

    (walk,) = gaps
    walk.world.runs[0].again(failed_only=False)
    walk.world.settle()
    walk.run_out()
    assert comes_back_with(walk) == (newest_image(walk), newest_image(walk))
    assert walk.world.runs[0].conclusion == "success"


def begun(walk: Walk, without: Job) -> None:
    """Push a newer commit, and let its rollout begin while a job does nothing."""
    pushed(walk)
    newer = walk.until_one_deploys(without)
    until(walk, newer, lambda: bool(newer.work and newer.work.updated))


def by_hand(walk: Walk, without: Job) -> None:
    """Build a newer commit, and let somebody deploy it while a job does nothing."""
    pushed(walk)
    walk.run_out(yes=True, without=without)
    job = deployed_by_hand(walk)
    until(walk, job, lambda: job.state == "done")


@pytest.mark.parametrize(
    ("name", "happens"),
    [("gated", delivered), ("gated", begun), ("server", delivered), ("one", by_hand)],
)
def test_one_gap_is_left_before_an_update(name: str, happens: Callable[[Walk, Job], None]) -> None:
    """4. A deployment between two calls of an older one's job, which have nothing between them.

    A newer commit is deployed before each call of an older one's job. Until that has read what
    runs, it is superseded; after that it looks once more, is red and says what runs. Only between
    that look and its update is the newer one replaced, as ECS has no update that depends on what
    runs; and where the newer one's rollout was not complete by then, its run is red.
    """
    ends = []
    for walk, older in scene(name).overtaken(pushed, happens):
        assert violations(walk) == {}
        assert older.work is not None
        newer, updated = walk.world.runs[-1], bool(older.work.updated)
        ends.append((older.result, updated, newer.conclusion))
        if older.result == "failure":
            service = walk.world.ecs.services[walk.services[older.environment or ""]]
            runs = service.primary.revision.arn.rpartition("/")[2]
            assert f"{runs} is what the service is to run now" in older.work.summary
            assert "To try again, re-run this job" in older.work.summary

    red = "failure" if happens is begun else "success"
    assert [end for end, _ in groupby(ends)] == [
        ("success", False, "success"),
        ("failure", False, "success"),
        ("success", True, red),
    ]
    assert ends.count(("success", True, red)) == 1


def test_by_hand_nothing_looks_again() -> None:
    """5. Whatever was deployed since a job by hand has read what runs, it goes on."""
    ends = {
        (job.result, bool(job.work and job.work.updated))
        for walk, job in scene("one").overtaken(rolled_back, delivered)
    }
    assert ends == {("success", True)}


@pytest.mark.parametrize("how", ["cancelled", "looks"])
def test_who_crosses_may_take_the_tag_of_what_rolls_out(how: str) -> None:
    """8. And go no further: that, until the next deployment has succeeded, is allowed.

    Two deployments cross. The older one's job puts the tag that holds a rollout onto its own image,
    and is cancelled, or looks once more: for its rollout the newer image has no tag that stays.
    """
    walk = scene("gated").calm()
    world = walk.world
    (service,) = world.ecs.services.values()
    pushed(walk)
    older = walk.until_one_deploys()
    pushed(walk)
    newer = walk.until_one_deploys(older)
    for job in (newer, older):
        until(walk, job, lambda: "runs.web-production.next" in tags(walk, job))  # noqa: B023
    if how == "cancelled":
        older.run.cancel()
    else:
        until(walk, newer, lambda: service.primary.state == "IN_PROGRESS")
    until(walk, older, lambda: older.state == "done")
    until(walk, newer, lambda: service.primary.state == "IN_PROGRESS")

    built_and_expired(walk)
    assert service.primary.revision.image == newer.inputs["image"]
    assert tags(walk, newer) == []
    pushed(walk)
    walk.run_out(yes=True)
    assert (violations(walk), world.crossed) == ({}, set())


def test_what_is_not_held_is_seen_where_nothing_crosses() -> None:
    """8. That the tag of what ran was moved on, by a job that has ended, allows nothing."""
    broken = scene("one").copy()
    for workflow in broken.workflows.values():
        for job in workflow["jobs"].values():
            for step in job.get("steps", []):
                if step.get("name") == "Hold the image":
                    step["env"]["TAGS"] = ""
    walk = broken.calm()
    (service,) = walk.world.ecs.services.values()
    first = newest_image(walk)
    for _ in range(2):
        pushed(walk)
        walk.run_out(yes=True)
    assert violations(walk) == {}
    file, (environment, *_) = walk.dispatched
    for image in (first, newest_image(walk), first):
        walk.run_out()
        asked = {"environment": environment, "image": image}
        walk.world.dispatch(file, "refs/heads/main", asked)
        (job,) = running(walk)
        until(walk, job, lambda: service.primary.state == "IN_PROGRESS")

    built_and_expired(walk)
    assert list(violations(walk)) == [8]


@pytest.mark.parametrize(("kept", "stay", "seen"), [(True, 2, []), (False, 2, []), (False, 1, [8])])
def test_what_was_never_kept_takes_no_place_among_the_last(
    kept: bool, stay: int, seen: list[int]
) -> None:
    """8. Of two that stay none goes for one that ran, and whose job ended before it was kept.

    The lifecycle rules count tags, and know nothing of jobs: one that was kept counts, however its
    job ended.
    """
    changed = scene("one").copy()
    for rule in chain.from_iterable(rules(changed)):
        if rule["selection"].get("tagPatternList") == ["web-production.*"]:
            rule["selection"]["countNumber"] = stay
    walk = changed.calm()
    (service,) = walk.world.ecs.services.values()
    pushed(walk)
    walk.run_out()
    pushed(walk)
    job = walk.until_one_deploys()
    until(walk, job, lambda: service.primary.state == "IN_PROGRESS")
    walk.world.complete(service)
    if kept:
        until(walk, job, lambda: any(tag.startswith("web-production.") for tag in tags(walk, job)))
    finish(job, lost=True)
    walk.world.expire()

    assert (list(violations(walk)), len(walk.world.ran[service.key])) == (seen, 3)


def tags(walk: Walk, job: Job) -> list[str]:
    """Return the tags of the image that a job deploys."""
    image = walk.world.image(job.inputs["image"])
    return image.tags if image else []


def built_and_expired(walk: Walk) -> None:
    """Build more images than a registry keeps of those that nobody deploys, and let it expire."""
    (registry,) = walk.world.registries.values()
    for _ in range(3):
        image = walk.world.new_image(walk.world.git.commit(None))
        registry.put(image, image.commit)
    walk.world.expire()


def by_hand_at_once(images: int, calls: int) -> tuple[Walk, bool, bool]:
    """Deploy images by hand, each while the one before rolls out, and let the rules expire others.

    The first rollout is complete when the second one's job has made so many calls.

    Returns:
        The walk, whether that was in time for ECS to roll back to it, and whether its image is
        there.
    """
    walk = scene("one").calm()
    world = walk.world
    (service,) = world.ecs.services.values()
    (registry,) = world.registries.values()
    built = [world.new_image(world.git.commit(None)) for _ in range(images + 2)]
    for image in built:
        registry.put(image, image.commit)
    file, (environment, *_) = walk.dispatched
    first, in_time = built[0].digest, False
    for number, image in enumerate(built[:images]):
        asked = {"environment": environment, "image": image.digest}
        world.dispatch(file, "refs/heads/main", asked)
        job = running(walk)[-1]
        if number == 1:
            for _ in range(calls):
                proceed(job)
            if in_time := service.primary.revision.image == first:
                world.complete(service)
        until(walk, job, lambda: service.primary.revision.image == image.digest)  # noqa: B023
    world.expire()
    return walk, in_time, first in registry.images


@pytest.mark.parametrize("images", [2, 3])
def test_what_would_be_rolled_back_to_is_held(images: int) -> None:
    """8. By hand nobody knows of what still rolls out whether it will be complete.

    If it is before the next one's update, its own job keeps it no more, and ECS would roll back to
    it. So it is held by a tag, whichever call comes after. A third one takes that tag for what
    rolls out by then: only there a gap is left, where the second one saw the first roll out.
    """
    calls, lost = 0, []
    while True:
        walk, in_time, there = by_hand_at_once(images, calls)
        if not in_time:
            break
        assert violations(walk) == {}
        lost.append(not there)
        calls += 1

    assert calls > 10
    assert lost[0] is False
    assert any(lost) is (images == 3)
