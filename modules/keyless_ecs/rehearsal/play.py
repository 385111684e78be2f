"""The play: what a rehearsal does, in its order."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from keyless_ecs import synthesis
from keyless_ecs.config import Delivery, DeliveryFile, load
from keyless_ecs.config.file import account_stack
from keyless_ecs.config.task import SIZES
from keyless_ecs.rehearsal import scenes
from keyless_ecs.rehearsal.aws import server
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.errors import UnexpectedOutcomeError
from keyless_ecs.rehearsal.github import plugin
from keyless_ecs.rehearsal.github.store import GitHub
from keyless_ecs.rehearsal.pipeline.runner import Runner
from keyless_ecs.rehearsal.report.record import Claim, Permission, Revision, ServiceChange
from keyless_ecs.rehearsal.report.recorder import Recorder
from keyless_ecs.rehearsal.scene import (
    existing,
    inventory,
    made_in_console,
    named,
    reach,
    registry,
    roles,
    services,
)
from keyless_ecs.rehearsal.scenes import Scene
from keyless_ecs.rehearsal.stacks import Stacks, secret_variables
from keyless_ecs.rehearsal.terraform import providers
from keyless_ecs.rehearsal.terraform.older_provider import Difference
from keyless_ecs.rehearsal.terraform.providers import Providers
from keyless_ecs.rehearsal.terraform.terraform import Terraform
from keyless_ecs.rehearsal.terraform.workspace import Workspace
from keyless_ecs.synthesis.stack import SynthesizedStack
from keyless_ecs.trust import claims


@dataclass(frozen=True)
class Stage:
    """What runs while a rehearsal runs, and the workflow files by repository."""

    aws: LocalAws
    github: GitHub
    stacks: Stacks
    files: Mapping[str, Mapping[str, str]]


@dataclass
class Play:
    """One rehearsal of a delivery file.

    Args:
        config: The delivery file.
        file: What it says.
        deliveries: The environments to play: all of each repository that is played.
        terraform: What plans and applies.
        recorder: Takes note of each step.
        mirror: Where to find providers, instead of the public registry.
    """

    config: Path
    file: DeliveryFile
    deliveries: Sequence[Delivery]
    terraform: Terraform
    recorder: Recorder
    mirror: Path | None = None

    claims: list[Claim] = field(default_factory=list)
    permissions: list[Permission] = field(default_factory=list)
    changes: list[ServiceChange] = field(default_factory=list)

    content: Any = None
    """The delivery file as data, once something of it has been changed."""

    runners: dict[str, Runner] = field(default_factory=dict)
    """By repository: a run's number goes on from push to push."""

    differences: Mapping[str, Sequence[Difference]] = field(default_factory=dict)
    contents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    providers: Providers | None = None

    def run(self) -> None:
        """Play it, from accounts without any of it to accounts without any of it.

        Raises:
            Exception: What went wrong. The recorder has the step, marked as failed.
        """
        with self.stage() as stage:
            before = inventory.taken(stage.aws, stage.github, self.deliveries)
            self.set_up(stage)
            self.send_requests(stage, "before the first deployment")
            self.try_tokens(stage)
            first = self.push(stage, "first push")
            self.send_requests(stage, "after it")
            self.scale_out(stage)
            self.shift_traffic(stage)
            self.change_memory(stage)
            self.push(stage, "push after the change")
            self.roll_back(stage, "first push", first)
            self.rename(stage)
            self.build_often(stage)
            self.play_scenes(stage, first)
            self.account_for_permissions(stage)
            self.tear_down(stage, before)

    @contextmanager
    def stage(self) -> Iterator[Stage]:
        """Start the local AWS and make what must be there before Terraform."""
        with (
            tempfile.TemporaryDirectory(prefix="keyless-ecs-rehearsal-") as temporary,
            server.started() as aws,
            plugin.serving(Path(temporary, "github.json")) as running,
        ):
            folder = Path(temporary)
            with self.recorder.step("synthesize"):
                stacks = self._synthesized(self.file)
                self.contents = {stack.name: json.loads(stack.text) for stack in stacks}
            github = existing.github(self.file, folder / "github.json")
            terraform = self.terraform.with_variables(**secret_variables(self.deliveries))
            with self.recorder.step("find the providers") as details:
                required = self.contents[self.deliveries[0].stack]["terraform"][
                    "required_providers"
                ]
                self.providers = providers.provide(
                    terraform,
                    folder / "providers",
                    required=required,
                    github=running,
                    mirror=self.mirror,
                )
                details.append(f"hashicorp/aws {self.providers.aws}")
            with self.recorder.step("make what exists already"):
                existing.state(aws, self.file)
                existing.oidc_providers(aws, self.file)
                for delivery in self.deliveries:
                    existing.policies(aws, delivery)
                made = named.make(aws, self.file)
                ids = {stack: made[place] for stack, place in self.places.items()}
                made_in_console.make(aws, github, self.deliveries)
            terraformed = Stacks(
                aws,
                self.providers.terraform,
                Workspace(folder / "stacks", endpoint=aws.endpoint, providers=self.providers),
                self.recorder,
                places=self.places,
                ids=ids,
            )
            self.differences = terraformed.differences
            with self.recorder.step("write the working copy"):
                for stack in stacks:
                    terraformed.write(stack)
            files: dict[str, dict[str, str]] = {}
            for stack in stacks:
                for path, text in stack.beside.items():
                    files.setdefault(path.parts[1], {})[path.name] = text
            yield Stage(aws, github, terraformed, files)

    def set_up(self, stage: Stage) -> None:
        """Every stack, accounts first."""
        for name in self._names():
            stage.stacks.set_up(name)
        for delivery in self.deliveries:
            services.start_tasks(stage.aws, delivery)

    def send_requests(self, stage: Stage, moment: str) -> None:
        """Ask each service that stands behind a load balancer."""
        for delivery in self._balanced():
            step = f"send a request {moment}"
            with self.recorder.of(delivery.stack), self.recorder.step(step) as details:
                answer = reach.request(stage.aws, delivery)
                details.append(f"{answer.target_group}, {answer.image}")

    def scale_out(self, stage: Stage) -> None:
        """Run as many tasks as may run: no plan counts them back.

        That of a service with a load balancer is one of :meth:`shift_traffic`, which comes next.
        """
        for delivery in self.deliveries:
            if scaling := delivery.environment.autoscaling:
                with self.recorder.of(delivery.stack), self.recorder.step("scale out") as details:
                    services.scale_out(stage.aws, delivery, scaling)
                    details.append(f"{delivery.count} → {scaling.max} tasks")
                if not delivery.reach:
                    stage.stacks.settled(delivery.stack)

    def shift_traffic(self, stage: Stage) -> None:
        """Let green serve, as after a shift of ECS's: no plan swings it back, or rolls blue."""
        for delivery in self._balanced():
            reach.swing(stage.aws, delivery)
            if delivery.environment.deployment.shifts_traffic:
                stage.stacks.settled(delivery.stack)
            else:
                stage.stacks.refused(delivery.stack, "The green target group serves")
            reach.swing(stage.aws, delivery)
            stage.stacks.settled(delivery.stack)

    def _balanced(self) -> list[Delivery]:
        """Return the environments that a load balancer reaches."""
        return [delivery for delivery in self.deliveries if delivery.reach]

    def try_tokens(self, stage: Stage) -> None:
        """Try each role with the tokens that must get in, and with those that must not."""
        for delivery in self.deliveries:
            with self.recorder.of(delivery.stack), self.recorder.step("try tokens") as details:
                tried = list(roles.tried(stage.aws, stage.github, delivery))
                self.claims += tried
                if wrong := [claim for claim in tried if claim.admitted != claim.expected]:
                    raise UnexpectedOutcomeError(
                        "\n".join(
                            f"{claim.token}: {claim.subject} is "
                            f"{'let in' if claim.admitted else 'refused'}"
                            for claim in wrong
                        )
                    )
                details.append(
                    f"{sum(claim.admitted for claim in tried)} let in, "
                    f"{sum(not claim.admitted for claim in tried)} refused"
                )

    def push(self, stage: Stage, moment: str) -> dict[str, str]:
        """Push a commit to every ref that some environment needs; return the images by stack.

        A commit goes to all refs, so that an environment finds the image that another one built.
        """
        sha = scenes.commit(moment)
        before = {d.stack: services.running(stage.aws, d) for d in self.deliveries}
        for delivery in self._last():
            scenes.push(self._runner(stage, delivery), delivery, sha)
        images = {d.stack: registry.pushed(stage.aws, d, sha) for d in self.deliveries}
        for delivery in self.deliveries:
            self._moved(stage, delivery, moment, before[delivery.stack], images[delivery.stack])
        return images

    def change_memory(self, stage: Stage) -> None:
        """Change the memory of every task in the delivery file, and apply what that comes to.

        It is a new revision, and the service waits for the pipeline to deploy it.
        """
        with self.recorder.step("change the memory in the delivery file"):
            for delivery in self.deliveries:
                task = self._settings(delivery).setdefault("task", {})
                task["memory"] = _other_memory(delivery)
            self._rewrite(stage)
        for delivery in self.deliveries:
            before = services.running(stage.aws, delivery)
            stage.stacks.change(delivery.stack, expected="aws_ecs_task_definition.template")
            with self.recorder.of(delivery.stack), self.recorder.step("see that nothing moved"):
                if services.running(stage.aws, delivery) != before:
                    raise UnexpectedOutcomeError("Terraform took the service from the pipeline")

    def roll_back(self, stage: Stage, moment: str, images: Mapping[str, str]) -> None:
        """Deploy the commit of a push again, as a person does who starts ecs-deploy.yml by hand."""
        for delivery in self.deliveries:
            before, digest = services.running(stage.aws, delivery), images[delivery.stack]
            scenes.by_hand(self._runner(stage, delivery), delivery, scenes.commit(moment))
            self._moved(stage, delivery, "roll back", before, digest)

    def rename(self, stage: Stage) -> None:
        """Rename the services in which each chain of environments ends, but for adopted ones.

        ECS has no renaming: it is another service, which begins with the newest revision.
        """
        renamed = [delivery for delivery in self._last() if "service" not in delivery.adopted]
        images = {d.stack: services.running(stage.aws, d).image for d in renamed}
        with self.recorder.step("rename the service in the delivery file"):
            for delivery in renamed:
                settings = self._settings(delivery)
                settings["service_name"] = f"{delivery.service_name[:240]}-renamed"
            self._rewrite(stage)
        for delivery in self._last():
            if delivery.stack not in images:
                continue
            stage.stacks.change(delivery.stack, "aws_ecs_service.service", alone=False)
            services.start_tasks(stage.aws, delivery)
            with (
                self.recorder.of(delivery.stack),
                self.recorder.step("see what it runs") as details,
            ):
                runs = services.running(stage.aws, delivery)
                if runs.image != images[delivery.stack]:
                    raise UnexpectedOutcomeError(
                        f"{delivery.service_name} begins with {runs.image}, and not with "
                        f"{images[delivery.stack]}, which was deployed last"
                    )
                details.append(f"{delivery.service_name} runs {runs.task_definition}")

    def build_often(self, stage: Stage) -> None:
        """Fill each registry with builds, and see that none expires which somebody needs."""
        for root in self.deliveries:
            if not root.builds:
                continue
            environments = [d for d in self.deliveries if d.root.stack == root.stack]
            step = f"build {scenes.BUILDS} times, and let images expire"
            with self.recorder.of(root.stack), self.recorder.step(step) as details:
                gone = scenes.many_builds(stage.aws, root, environments)
                details.append(f"{gone} images have expired")

    def play_scenes(self, stage: Stage, images: Mapping[str, str]) -> None:
        """Play what happens on a bad day, where each chain of environments ends."""
        for delivery in self._last():
            scene = Scene(stage.aws, self._runner(stage, delivery), delivery)
            with self.recorder.of(delivery.stack):
                with self.recorder.step("the last of three pushes is the first to be deployed"):
                    scene.the_last_push_first()
                with self.recorder.step("roll back by hand while an approval waits"):
                    scene.a_roll_back_while_an_approval_waits(images[delivery.stack])
                with self.recorder.step("push a branch and a tag at once") as details:
                    played = scene.branch_and_tag_at_once()
                    details.append("" if played else "it takes no two refs")
            stage.stacks.settled(delivery.stack)

    def _moved(
        self, stage: Stage, delivery: Delivery, moment: str, before: Revision, digest: str
    ) -> None:
        """See that the service runs the newest revision with an image, and Terraform agrees."""
        with self.recorder.of(delivery.stack), self.recorder.step("look at the service") as details:
            after = services.running(stage.aws, delivery)
            self.changes.append(ServiceChange(delivery.stack, moment, before, after))
            newest, memory = services.newest(stage.aws, delivery)
            if after.task_definition == before.task_definition:
                raise UnexpectedOutcomeError(f"it still runs {before.task_definition}")
            if after.task_definition != newest:
                raise UnexpectedOutcomeError(
                    f"it runs {after.task_definition}, and the newest is {newest}"
                )
            if not after.image.endswith(f"@{digest}"):
                raise UnexpectedOutcomeError(f"it runs {after.image}, not {digest}")
            if memory != delivery.task.memory:
                raise UnexpectedOutcomeError(f"it has {memory} MiB, not {delivery.task.memory}")
            details.append(f"{before.task_definition} → {after.task_definition}, {memory} MiB")
        stage.stacks.settled(delivery.stack)

    def account_for_permissions(self, stage: Stage) -> None:
        """Note which permissions the roles of the jobs have used, and which not."""
        for delivery in self.deliveries:
            self.permissions += roles.permissions(stage.aws, delivery, stage.aws.gate.decisions)

    def tear_down(self, stage: Stage, before: set[str]) -> None:
        """Destroy every stack, and see that nothing is there that was not *before*."""
        with self.recorder.step("delete the images"):
            for delivery in self.deliveries:
                if delivery.builds:
                    registry.empty(stage.aws, delivery)
        for name in reversed(self._names()):
            stage.stacks.destroy(name)
        with self.recorder.step("see that nothing is left"):
            after = inventory.taken(stage.aws, stage.github, self.deliveries)
            if left := sorted(after - before):
                raise UnexpectedOutcomeError(f"destroy left behind: {', '.join(left)}")

    def _settings(self, delivery: Delivery) -> Any:
        """Return what the delivery file says of an environment, to be changed."""
        if not self.content:
            self.content = YAML().load(self.config.read_text())
        service = self.content["services"][delivery.service_key]
        return service["environments"][delivery.environment_key]

    def _rewrite(self, stage: Stage) -> None:
        """Load the delivery file as it was changed, and write the stacks anew."""
        with tempfile.TemporaryDirectory() as folder:
            changed = Path(folder, self.config.name)
            YAML().dump(self.content, changed)
            file = load(changed)
        names = {delivery.stack for delivery in self.deliveries}
        self.deliveries = [d for d in file.deliveries() if d.stack in names]
        for stack in self._synthesized(file):
            stage.stacks.write(stack)

    def _synthesized(self, file: DeliveryFile) -> list[SynthesizedStack]:
        return synthesis.synthesize(file, self._names())

    def _names(self) -> list[str]:
        """The stacks that are played, accounts first."""
        used = {d.account.id for d in self.deliveries}
        accounts = [account_stack(key) for key, a in self.file.accounts.items() if a.id in used]
        return accounts + [delivery.stack for delivery in self.deliveries]

    @property
    def places(self) -> dict[str, tuple[str, str]]:
        """Account and region of each stack."""
        accounts = {account_stack(k): (a.id, a.region) for k, a in self.file.accounts.items()}
        return accounts | {d.stack: (d.account.id, d.region) for d in self.deliveries}

    def _last(self) -> list[Delivery]:
        """The environments from which no other takes its images."""
        before = {delivery.upstream.stack for delivery in self.deliveries if delivery.upstream}
        return [delivery for delivery in self.deliveries if delivery.stack not in before]

    def _runner(self, stage: Stage, delivery: Delivery) -> Runner:
        owner, repository = delivery.github.owner, delivery.service.repository
        identity = claims.Job(
            owner=owner,
            owner_id=str(stage.github.user(owner)["id"]),
            repository=repository,
            repository_id=str(stage.github.repository(f"{owner}/{repository}")["id"]),
            ref="",
            issuer=delivery.github.provider,
            immutable=delivery.environment.trust.subject != "legacy"
            and claims.has_claim_keys(delivery.github.provider),
        )
        runner = Runner(stage.aws, stage.github, identity, stage.files[repository], self.recorder)
        return self.runners.setdefault(repository, runner)


def _other_memory(delivery: Delivery) -> int:
    """Return another size of memory, in MiB, that Fargate has for the task's CPU."""
    task = delivery.task
    sizes = SIZES[task.cpu]
    return next((size for size in sizes if size > task.memory), sizes[0])
