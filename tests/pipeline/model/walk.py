"""One interleaving: bytes choose what happens next, and at their end everything runs out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.pipeline.model.ecs import EcsService
from tests.pipeline.model.runs import Job, Run, finish, proceed, refuse, settle
from tests.pipeline.model.world import World

ENOUGH = 20_000
"""More steps than any walk needs; who takes as many, waits for what never comes."""
FORTY_DAYS = 40 * 24 * 60
JOBS = 150
"""Of 256 choices, so many let a job go on."""
TIMES = (1, 3, 10, 45)


@dataclass
class Walk:
    """A world, and what may happen in it.

    Args:
        world: The world.
        branches: Branches that people push to.
        tags: Tags that they make, none twice.
        dispatched: The workflow that deploys by hand, and the environments that it takes.
        services: The service of each environment.
        answered: Whether anybody answers approvals.
    """

    world: World
    branches: list[str]
    tags: list[str]
    dispatched: tuple[str, list[str]]
    services: Mapping[str, str]
    answered: bool = True
    story: list[str] = field(default_factory=list)
    refused: bool = False

    def play(self, choices: bytes) -> None:
        """Begin with a push, let the bytes choose, and let everything run out."""
        self._push_branch(0)
        choice = iter(choices)
        for byte in choice:
            self._choose(byte, choice)
        self.run_out()

    def run_out(
        self,
        *,
        yes: bool = False,
        last_first: bool = False,
        breaks: bool = False,
        fails: int | None = None,
        without: Job | None = None,
    ) -> None:
        """Let all go on until nothing happens any more.

        Nobody pushes any more.

        Args:
            yes: Whether that is the answer to every approval; else nobody answers.
            last_first: Whether the youngest job goes on first, and not the oldest.
            breaks: Whether the first rollout fails.
            fails: After how many calls one fails.
            without: A job that does nothing meanwhile.
        """
        world, began = self.world, self.world.clock
        for number in range(ENOUGH):
            settle(world)
            if number == fails:
                self._trouble(0)
            if ready := [job for job in self._ready() if job is not without]:
                proceed(ready[-1 if last_first else 0])
                continue
            if rolling := [
                s for s in world.ecs.services.values() if s.primary.state == "IN_PROGRESS"
            ]:
                if breaks:
                    rolling[0].fail()
                    breaks = False
                else:
                    world.complete(rolling[0])
                continue
            if yes and (asking := self._asking(0)):
                asking.approved = world.unsettled = True
                continue
            timers = [j for j in self._jobs("waiting") if j.approved]
            running = [j for j in self._jobs("running") if j is not without]
            if not (running or timers) or world.clock - began > FORTY_DAYS:
                return
            # Enough at a time that what waits for hours needs no thousand steps.
            world.clock += 1 if world.clock - began < 90 else 30
            world.unsettled = True
        raise AssertionError("it does not end")

    def until_one_deploys(self, without: Job | None = None) -> Job:
        """Let all go on, whoever is asked says yes, and return the first job that deploys.

        Args:
            without: One that does nothing meanwhile.
        """
        world, file = self.world, self.dispatched[0]
        while not (
            found := [j for j in self._jobs("running") if j.file == file and j is not without]
        ):
            if ready := [job for job in self._ready() if job is not without]:
                proceed(ready[0])
            elif asking := self._asking(0):
                asking.approved = world.unsettled = True
            else:
                world.clock += 1
                world.unsettled = True
            settle(world)
        return found[0]

    def _choose(self, byte: int, rest: Iterator[int]) -> None:
        world = self.world
        if byte < JOBS:
            # Who goes on, and how far: alone for long, or one call between others.
            ready = self._ready()
            if ready:
                job = ready[byte % len(ready)]
                for _ in range((1, 2, 5, 30)[byte // len(ready) % 4]):
                    if job.ready:
                        proceed(job)
            else:
                self._pass(byte)
                world.unsettled = True
        else:
            events = self._events()
            weights = [name for name, (weight, _) in events.items() for _ in range(weight)]
            name = weights[byte % len(weights)]
            self.story.append(name)
            events[name][1](next(rest, 0))
            world.unsettled = True
        settle(world)

    def _events(self) -> dict[str, tuple[int, Callable[[int], None]]]:
        return {
            "push": (5, self._push_branch),
            "complete a rollout": (8, self._complete),
            "time passes": (5, self._pass),
            "approve": (5, self._approve),
            "tag": (3, self._tag),
            "branch and tag at once": (2, self._follow_tags),
            "push by force": (2, self._force),
            "fail a rollout": (2, self._fail),
            "deploy by hand": (2, self._by_hand),
            "expire": (2, lambda _: self.world.expire()),
            "cancel": (2, self._cancel),
            "run again": (2, self._again),
            "refuse": (1, self._refuse),
            "trouble": (2, self._trouble),
            "lose a runner": (1, self._lose),
            "build by hand": (1, self._build_by_hand),
            "delete the branch": (1, self._delete),
            "apply a change": (2, self._apply),
            "make the service anew": (1, self._replace),
            "weeks pass": (1, self._weeks),
            "collect commits": (1, lambda _: self.world.git.collect()),
        }

    def _ready(self) -> list[Job]:
        return [job for job in self._jobs("running") if job.ready]

    def _jobs(self, state: str) -> list[Job]:
        unsettled = [run for run in self.world.runs if not run.settled]
        return [job for run in unsettled for job in run.every_job if job.state == state]

    def _push_branch(self, byte: int) -> None:
        ref = f"refs/heads/{self.branches[byte % len(self.branches)]}"
        git = self.world.git
        parent = git.refs.get(ref) or git.refs.get(f"refs/heads/{self.branches[0]}")
        self.world.push(ref, git.commit(parent))

    def _force(self, byte: int) -> None:
        """Push a commit that is no descendant: a new one, or an ancestor."""
        ref = f"refs/heads/{self.branches[0]}"
        if ref not in self.world.git.refs:
            return
        line = self.world.git.line(self.world.git.refs[ref])
        base = line[min(byte // 2 % 3 + 1, len(line) - 1)]
        self.world.push(ref, base if byte % 2 else self.world.git.commit(base))

    def _delete(self, byte: int) -> None:
        ref = f"refs/heads/{self.branches[byte % len(self.branches)]}"
        if ref in self.world.git.refs:
            self.world.push(ref, None)

    def _tag(self, byte: int) -> None:
        commits = list(self.world.git.parents)
        name = self._next_tag()
        if name:
            self.world.push(name, commits[-1 - byte % min(3, len(commits))])

    def _next_tag(self) -> str | None:
        free = [t for t in self.tags if f"refs/tags/{t}" not in self.world.git.refs]
        return f"refs/tags/{free[0]}" if free else None

    def _follow_tags(self, byte: int) -> None:
        self._push_branch(0)
        name = self._next_tag()
        if name and (sha := self.world.git.refs.get(f"refs/heads/{self.branches[0]}")):
            self.world.push(name, sha)
        elif byte and name:
            self._tag(0)

    def _by_hand(self, byte: int) -> None:
        file, environments = self.dispatched
        name = environments[byte % len(environments)]
        refs = [ref for ref in self.world.git.refs if self.world.refs[name].admits(ref)]
        images = [i for r in self.world.registries.values() for i in r.images.values()]
        if refs and images:
            image = images[byte // 4 % len(images)]
            wanted = image.digest if byte % 3 else image.commit
            self.world.dispatch(file, refs[-1], {"environment": name, "image": wanted})

    def _build_by_hand(self, byte: int) -> None:
        for file, workflow in self.world.workflows.items():
            on = workflow["on"]
            refs = list(self.world.git.refs)
            if "push" in on and "workflow_dispatch" in on and refs:
                self.world.dispatch(file, refs[byte % len(refs)], {})

    def _complete(self, byte: int) -> None:
        if service := self._rolling(byte):
            self.world.complete(service)

    def _fail(self, byte: int) -> None:
        if service := self._rolling(byte):
            service.fail()

    def _rolling(self, byte: int) -> EcsService | None:
        found = [s for s in self.world.ecs.services.values() if s.primary.state == "IN_PROGRESS"]
        return found[byte % len(found)] if found else None

    def _pass(self, byte: int) -> None:
        self.world.clock += TIMES[byte % len(TIMES)]

    def _weeks(self, _: int) -> None:
        self.world.clock += 20 * 24 * 60

    def _asking(self, byte: int) -> Job | None:
        found = [job for job in self._jobs("waiting") if not job.approved]
        return found[byte % len(found)] if found and self.answered else None

    def _approve(self, byte: int) -> None:
        """Answer for an environment of a run: all its jobs that wait at the moment."""
        if job := self._asking(byte):
            for other in job.run.every_job:
                if other.state == "waiting" and other.environment == job.environment:
                    other.approved = True

    def _refuse(self, byte: int) -> None:
        if job := self._asking(byte):
            refuse(job, wedges=byte % 2 == 1)

    def _unfinished(self, byte: int) -> Run | None:
        found = [run for run in self.world.runs if not run.done]
        return found[byte % len(found)] if found else None

    def _cancel(self, byte: int) -> None:
        if run := self._unfinished(byte):
            run.cancel()

    def _again(self, byte: int) -> None:
        found = [run for run in self.world.runs if run.done]
        if found:
            run = found[byte // 2 % len(found)]
            failed = run.conclusion in ("failure", "cancelled")
            run.again(failed_only=failed and byte % 2 == 0)

    def _trouble(self, byte: int) -> None:
        running = self._jobs("running")
        if running and (work := running[byte % len(running)].work):
            work.trouble = True

    def _lose(self, byte: int) -> None:
        running = self._jobs("running")
        if running:
            finish(running[byte % len(running)], lost=True)

    def _apply(self, byte: int) -> None:
        """Let Terraform register what it describes, as after a change."""
        families = [f for f in self.world.terraform.families if f.changes]
        if families:
            one = families[byte % len(families)]
            self.world.ecs.register(one.account, one.region, one.definition, [])

    def _replace(self, byte: int) -> None:
        services = list(self.world.ecs.services.values())
        self.world.make_anew(services[byte % len(services)])
