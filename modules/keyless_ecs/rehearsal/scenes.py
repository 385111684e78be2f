"""What happens to a pipeline on a bad day: overtaking pushes, waiting approvals, expiry."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from keyless_ecs.config import Delivery
from keyless_ecs.github import workflows
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.errors import UnexpectedOutcomeError
from keyless_ecs.rehearsal.pipeline.runner import Event, Run, Runner
from keyless_ecs.rehearsal.scene import registry, services

BUILDS = 40
"""More than a registry keeps of each kind, unless the delivery file says otherwise."""


def commit(moment: str) -> str:
    """Return a commit's SHA: that of a moment is another than that of any other."""
    return hashlib.sha1(moment.encode(), usedforsecurity=False).hexdigest()


def push(runner: Runner, delivery: Delivery, sha: str) -> None:
    """Push a commit to the refs that take it through the chain of environments to *delivery*.

    Raises:
        UnexpectedOutcomeError: A push does not come to an environment of its ref.
    """
    delivered: set[str] = set()
    for each in chain(delivery):
        key, ref = f"{each.name}-deploy", each.deploy_from.refs.examples[0]
        if key not in delivered:
            delivered |= set(runner.run(workflows.PUSH, Event(ref=ref, sha=sha)))
        if key not in delivered:
            raise UnexpectedOutcomeError(f"a push to {ref} skips {key}")


def by_hand(runner: Runner, delivery: Delivery, image: str) -> None:
    """Deploy an image as a person does who starts ``ecs-deploy.yml``."""
    inputs = {"environment": delivery.github_environment, "image": image}
    ref = delivery.deploy_from.refs.examples[0]
    event = Event(name="workflow_dispatch", ref=ref, sha="0" * 40, inputs=inputs)
    runner.run(workflows.DEPLOY, event)


def chain(delivery: Delivery) -> list[Delivery]:
    """Return the environments on the way of an image to *delivery*, the one that builds first."""
    return [*(chain(delivery.upstream) if delivery.upstream else []), delivery]


def many_builds(aws: LocalAws, root: Delivery, environments: Sequence[Delivery]) -> int:
    """Fill a registry with later builds than any that runs, and expire what its rules expire.

    Each environment that others promote from has deployed all of these builds, as its tags say.

    Args:
        aws: The local AWS.
        root: The environment that builds.
        environments: Those that deploy from its registry, *root* among them.

    Returns:
        How many images have expired.

    Raises:
        UnexpectedOutcomeError: An image is gone that an environment runs, or deployed lately.
    """
    promoted = {of.name for each in environments if each.source for of in chain(each.source)}
    needed = {}
    for number in range(BUILDS):
        registry.build(aws, root, commit(f"build {number} of many"), promoted)
    there = registry.images(aws, root)
    for each in environments:
        own = [i.digest for i in there if any(tag.startswith(f"{each.name}.") for tag in i.tags)]
        runs = services.running(aws, each).image.rpartition("@")[2]
        needed[each.name] = {runs, *own[-root.registry.keep_deployed :]}
    gone = registry.expire(aws, root)
    for name, digests in needed.items():
        if lost := digests & set(gone):
            raise UnexpectedOutcomeError(f"{name} needs {', '.join(lost)}, which has expired")
    return len(gone)


@dataclass(frozen=True)
class Scene:
    """One environment, with what plays its deployments.

    Each scene raises UnexpectedOutcomeError where it does not end as it must.
    """

    aws: LocalAws
    runner: Runner
    delivery: Delivery

    def the_last_push_first(self) -> None:
        """Of three quick pushes the last is approved first: the others find it, and leave it."""
        first, second, third = (commit(f"push {number} of three") for number in (1, 2, 3))
        with self._while_waiting(lambda: self._meanwhile(second, third)):
            push(self.runner, self.delivery, first)
        self._expect(third, said=[f"`{first}` was not deployed", f"`{second}` was not deployed"])

    def _meanwhile(self, second: str, third: str) -> None:
        with self._while_waiting(lambda: push(self.runner, self.delivery, third)):
            push(self.runner, self.delivery, second)

    def a_roll_back_while_an_approval_waits(self, image: str) -> None:
        """The one by hand is not held up; the approved one is newer, and replaces it."""

        def roll_back() -> None:
            by_hand(self.runner, self.delivery, image)
            self._runs(image)

        sha = commit("push before the roll-back")
        with self._while_waiting(roll_back):
            push(self.runner, self.delivery, sha)
        self._expect(sha)

    def branch_and_tag_at_once(self) -> bool:
        """Two refs of one commit, pushed together, build once and deploy once.

        Returns:
            Whether it was played: the environment may take one ref alone.
        """
        refs = self.delivery.deploy_from.refs.examples
        if len(refs) < 2 or not self.delivery.builds:
            return False
        sha, (before, _) = commit("branch and tag"), services.newest(self.aws, self.delivery)

        def push_to(ref: str) -> None:
            self.runner.run(workflows.PUSH, Event(ref=ref, sha=sha))

        with self._while_waiting(lambda: push_to(refs[1])):
            push_to(refs[0])
        self._expect(sha, said=[f"runs this image of `{sha}` already"])
        after, _ = services.newest(self.aws, self.delivery)
        if int(after.rpartition(":")[2]) != int(before.rpartition(":")[2]) + 1:
            raise UnexpectedOutcomeError(f"one commit made {after} of {before}")
        return True

    @contextmanager
    def _while_waiting(self, happens: Callable[[], None]) -> Iterator[None]:
        """Let something happen while the next deployment to the environment waits to begin."""
        usual = self.runner.before

        def before(run: Run, environment: str) -> None:
            usual(run, environment)
            if environment == self.delivery.github_environment:
                self.runner.before = usual
                happens()

        self.runner.before = before
        try:
            yield
        finally:
            self.runner.before = usual

    def _expect(self, sha: str, said: list[str] | None = None) -> None:
        self._runs(registry.pushed(self.aws, self.delivery, sha))
        for words in said or []:
            if not any(words in summary for summary in self.runner.summaries):
                raise UnexpectedOutcomeError(f"no summary says {words!r}")

    def _runs(self, digest: str) -> None:
        running = services.running(self.aws, self.delivery)
        newest, _ = services.newest(self.aws, self.delivery)
        if not running.image.endswith(f"@{digest}"):
            raise UnexpectedOutcomeError(f"it runs {running.image}, not {digest}")
        if running.task_definition != newest:
            raise UnexpectedOutcomeError(
                f"it runs {running.task_definition}, and the newest is {newest}"
            )
