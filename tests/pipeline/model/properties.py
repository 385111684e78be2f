"""What must hold of every interleaving: the eleven properties of the pipeline.

Each function takes a walk that has run out, and yields what contradicts its property.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from tests.pipeline.model.history import Truth, Updated
from tests.pipeline.model.runs import Run
from tests.pipeline.model.steps import SIX_HOURS, Work
from tests.pipeline.model.walk import Walk


def nothing_is_held_up(walk: Walk) -> Iterator[str]:
    """1. An unanswered or refused approval holds up nothing else."""
    for run in walk.world.runs:
        if run.held:
            yield f"run {run.id} of {run.file} waits for a group for ever"
        for job in run.every_job:
            if job.state == "pending":
                yield f"{job.path} of run {run.id} waits for a group for ever"


def a_delivery_asks_once(walk: Walk) -> Iterator[str]:
    """2. Reviewers and wait timers count once per run and environment."""
    for asked, times in Counter(walk.world.history.asked).items():
        if times > 1:
            yield f"run {asked.run} asks {times} times for {asked.environment}"
    for built in walk.world.history.built:
        if _gated(walk, built.token.environment):
            yield f"run {built.run} asks before it builds"


def no_push_is_lost(walk: Walk) -> Iterator[str]:
    """3. Each is deployed, runs already, is superseded by a line that says so, or is red."""
    world = walk.world
    for displaced in world.history.displaced:
        # Without queues a third run of one commit is cancelled, visibly, and what it would build is
        # built by the others.
        same = displaced.by and world.run(displaced.by).sha == world.run(displaced.run).sha
        if displaced.by and not (same and not world.groups.queues):
            yield f"{displaced.entry} of run {displaced.run} was cancelled by a newcomer"
    for run in world.runs:
        if run.by_hand or run.details.get("deleted") or not run.done:
            continue
        if run.conclusion in ("failure", "cancelled"):
            continue
        for environment, service in walk.services.items():
            takes = world.refs[environment].admits(run.ref)
            ran = any(t.commit == run.sha for t in world.ran.get(service, []))
            if takes and not ran and not any("gh workflow run" in line for line in run.summaries):
                yield f"run {run.id} is green, and {environment} never ran {run.sha[-4:]}"


def older_never_replaces_newer(walk: Walk) -> Iterator[str]:
    """4. Except by hand, and for what comes between a job's last look and its update.

    Those are calls with nothing between them. Where two approvals cross there, the newer one's run
    is red; a rollout that is whole by then, or a service made anew, leaves nobody to be red.
    """
    for update in walk.world.history.updated:
        if update.by_hand or not _older(update):
            continue
        if update.before_state == "FAILED":
            continue
        unordered = _gated(walk, update.environment) or not walk.world.groups.queues
        # Without a job that it crossed, the service was made anew in between.
        people = update.crossed is None or update.crossed.by_hand
        gap = update.unseen and update.looked_before
        if not gap or not (unordered or people):
            yield (
                f"{update.job} replaced {_short(update.before)} by {_short(update.after)}, "
                f"which is older, in {update.environment}"
            )
        elif update.before_state == "COMPLETED":
            continue
        elif update.crossed and update.crossed.result == "success":
            yield f"{update.job} crossed {update.crossed.job}, whose run is not red"


def _older(update: Updated) -> bool:
    """Say whether an update brings something older than what ran: by descent, else by push."""
    before, after = update.before, update.after
    if before.commit is None or after.commit is None or before.digest == after.digest:
        return False
    if update.order in ("ahead", "behind"):
        return update.order == "behind"
    return after.push < before.push


def _gated(walk: Walk, name: str | None) -> bool:
    environment = walk.world.environment(name or "")
    return environment is not None and (environment.reviewers or environment.wait > 0)


def _short(truth: Truth) -> str:
    return f"{(truth.commit or 'nothing')[-4:]} (push {truth.push % 1000})"


def a_roll_back_is_never_blocked(walk: Walk) -> Iterator[str]:
    """5. By hand nothing is dropped, blocked or compared."""
    for run in walk.world.runs:
        for job in run.every_job if run.by_hand else ():
            if job.state == "pending" or (job.result == "cancelled" and not run.cancelled):
                yield f"{job.path} of run {run.id}, by hand, was {job.state} {job.result}"
            if job.result == "success" and job.work and not _updated(walk, run):
                yield f"run {run.id}, by hand, deployed nothing, and is green"
            if job.work and _gave_up(job.work) and not _updated(walk, run):
                yield f"run {run.id}, by hand, deployed nothing, and nothing had failed"


def _gave_up(work: Work) -> bool:
    """Say whether a job failed that had a role, and whose every call was answered.

    A commit may name no image that may run; a digest always does, or a call says that it is gone.
    """
    asked = work.values["inputs"].get("image", "")
    by_itself = work.failed and not (work.refused or work.cancelled)
    return by_itself and work.session is not None and asked.startswith("sha256:")


def _updated(walk: Walk, run: Run) -> bool:
    return any(update.run == run.id for update in walk.world.history.updated)


def only_the_deployed_is_promoted(walk: Walk) -> Iterator[str]:
    """6 and 7. An image that the source environment did not run whole goes no further."""
    for update in walk.world.history.updated:
        if not update.promoted and not (update.by_hand and update.digest_asked):
            yield f"{update.job} brought {_short(update.after)} to {update.environment}"


def what_is_needed_stays(walk: Walk) -> Iterator[str]:
    """8. What an environment runs, or deployed lately, never expires."""
    for gone in walk.world.history.expired:
        yield f"{gone.service}: {gone.digest[-4:]}, which it {gone.why}, expired"


def a_build_may_deploy_nothing(walk: Walk) -> Iterator[str]:
    """9. What runs the repository's build has no right on ECS, and none to pass roles.

    Nor does it get one from another role, to which it can show its token as well.
    """
    world = walk.world
    taken = {built.role for built in world.history.built}
    for token in {built.token for built in world.history.built}:
        taken |= {
            arn for arn, role in world.terraform.roles.items() if world.iam.trusts(role, token)
        }
    for role in taken:
        for policy in world.terraform.roles[role].policies:
            for statement in policy["Statement"]:
                for action in statement["Action"]:
                    if action.partition(":")[0].lower() in ("ecs", "iam", "sts", "*"):
                        yield f"{role}, which a job that builds can have, may {action}"


def nothing_hangs(walk: Walk) -> Iterator[str]:
    """10. Every job that ran had a bound of its own."""
    for run in walk.world.runs:
        for job in run.every_job:
            if job.work and int(job.spec.get("timeout-minutes") or SIX_HOURS) >= SIX_HOURS:
                yield f"{job.path} may run for six hours"


Property = Callable[[Walk], Iterator[str]]
PROPERTIES: Mapping[int, tuple[Property, ...]] = {
    1: (nothing_is_held_up,),
    2: (a_delivery_asks_once,),
    3: (no_push_is_lost,),
    4: (older_never_replaces_newer,),
    5: (a_roll_back_is_never_blocked,),
    6: (only_the_deployed_is_promoted,),
    8: (what_is_needed_stays,),
    9: (a_build_may_deploy_nothing,),
    10: (nothing_hangs,),
    11: (),
}
"""What a walk shows at its end. Of 5, 10 and 11 some is seen while it happens: what a roll-back
asks GitHub, a session that ends before its job, and with what a service would come back."""


def violations(walk: Walk) -> dict[int, list[str]]:
    """Return what contradicts which property, without what holds."""
    found: dict[int, list[str]] = {number: [] for number in PROPERTIES}
    for trouble in walk.world.history.trouble:
        found[trouble.property].append(trouble.says)
    for number, functions in PROPERTIES.items():
        found[number] += [says for each in functions for says in each(walk)]
    return {number: says for number, says in found.items() if says}
