"""Everything at once: a repository, GitHub, and the AWS that one delivery file makes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ruamel.yaml import YAML

from keyless_ecs.config.refs import Refs
from keyless_ecs.rehearsal.pipeline import syntax
from keyless_ecs.trust import claims
from tests.pipeline.model.ecr import Ecr, Image, described
from tests.pipeline.model.ecs import Ecs, EcsService, Revision
from tests.pipeline.model.git import Git
from tests.pipeline.model.groups import Groups
from tests.pipeline.model.history import Built, Expired, History, Trouble, Truth, Updated
from tests.pipeline.model.iam import AwsError, Iam, Session
from tests.pipeline.model.runs import FIRST_ID, FIRST_NUMBER, WORKFLOW_KEYS, Run, settle
from tests.pipeline.model.scripts import Scripts
from tests.pipeline.model.steps import GITHUB, Work
from tests.pipeline.model.terraform import Environment, Terraform

Workflows = Mapping[str, Mapping[str, Any]]


def parsed(files: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return workflow files by name, as data."""
    return {name: YAML(typ="safe").load(text) for name, text in files.items()}


@dataclass
class World:
    """The world in which the pipeline of one repository runs.

    Args:
        repository: ``owner/name``.
        workflows: The workflow files by name, as data.
        terraform: What the stacks make.
        scripts: The table of what scripts do.
        bound: How many entries may be pending in a group with ``queue: max``.
        keeps: What of the images each service may need again.
        sources: What each environment promotes from, as the delivery file says.
        refs: Which refs each takes, as the delivery file says.
        issuer: Who issues the tokens of jobs: github.com, or an Enterprise Server.
        cancelled_spreads: Whether ``cancelled()`` in a job's ``if`` also holds for a cancelled
            dependency: the documentation says no, TWiStErRob/net.twisterrob.ghlint#814 saw it.
    """

    repository: str
    workflows: Workflows
    terraform: Terraform
    scripts: Scripts
    bound: int = 100
    cancelled_spreads: bool = False
    keeps: Mapping[str, int] = field(default_factory=dict)
    """For each service, how many of the images that it deployed must stay."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Each by the environment's name: the service that must have run the image before."""
    refs: Mapping[str, Refs] = field(default_factory=dict)
    issuer: str = claims.GITHUB_COM
    clock: int = 0
    """Minutes."""
    unsettled: bool = True
    """Whether anything has happened that the scheduler has not seen."""
    git: Git = field(default_factory=Git)
    runs: list[Run] = field(default_factory=list)
    history: History = field(default_factory=History)
    logged: list[str] = field(default_factory=list)
    truths: dict[str, Truth] = field(default_factory=dict)
    """What each revision brings, by its ARN; nothing where no job has made it."""
    ran: dict[str, list[Truth]] = field(default_factory=dict)
    """For each service, what its completed deployments brought, the last one last."""
    kept: dict[str, list[str]] = field(default_factory=dict)
    """For each service, the images that jobs deployed and succeeded."""
    named: dict[str, set[str]] = field(default_factory=dict)
    """For each service, the images that got a tag, which no other had, from who looked at it."""
    crossed: set[str] = field(default_factory=set)
    """Services for which two jobs of one kind have crossed, until the next one has succeeded."""
    outdated: dict[str, Work] = field(default_factory=dict)
    """For each service, the deployment by hand that replaced a complete one as one that rolls out:
    the tag of what would be rolled back to is then that of what rolls out, for the next by hand."""

    def __post_init__(self) -> None:
        """Make what the stacks describe."""
        for name, workflow in self.workflows.items():
            if unknown := sorted(set(workflow) - WORKFLOW_KEYS):
                raise ValueError(f"the model does not know {unknown[0]!r} of {name}")
        # github/docs: data/features/actions-nga.yml.
        self.groups = Groups(self.bound, queues=self.host == GITHUB)
        self.ecs = Ecs(self.terraform.families, self.terraform.services)
        self.iam = Iam(self.terraform.roles, self.terraform.registries)
        self.registries = {
            f"{one.account} {one.region} {one.name}": Ecr(one) for one in self.terraform.registries
        }
        self.brought: dict[tuple[str, str | None], tuple[Work | None, int]] = {}
        """For each service and image, the job that last brought it, or none, and the moment."""
        self.updaters: dict[str, Work] = {}
        """For each service, the job that last had it run another revision."""
        self.pushes = 0

    @property
    def host(self) -> str:
        """Where GitHub is."""
        return GITHUB if self.issuer == claims.GITHUB_COM else self.issuer.partition("/")[0]

    # What people and machines do.

    def push(self, ref: str, sha: str | None) -> None:
        """Push *sha* to *ref*; None deletes the ref."""
        before = self.git.refs.get(ref)
        if sha is None:
            self.git.refs.pop(ref)
        else:
            self.git.refs[ref] = sha
        for name, workflow in self.workflows.items():
            if "push" in workflow["on"] and syntax.pushes(
                syntax.trigger(workflow, "push", name), ref
            ):
                details = {"deleted": sha is None, "forced": False}
                self.start(name, "push", ref, sha or before or "", {}, details)
        self.settle()

    def dispatch(self, file: str, ref: str, inputs: Mapping[str, str]) -> Run:
        """Start a workflow by hand."""
        said = syntax.trigger(self.workflows[file], "workflow_dispatch", file)
        given = syntax.inputs(said, inputs, file)
        run = self.start(file, "workflow_dispatch", ref, self.git.refs[ref], given, {})
        self.settle()
        return run

    def start(
        self,
        file: str,
        event: str,
        ref: str,
        sha: str,
        inputs: Mapping[str, str],
        details: Mapping[str, Any],
    ) -> Run:
        """Start a run."""
        number = FIRST_NUMBER + sum(run.file == file for run in self.runs)
        run = Run(self, file, number, FIRST_ID + len(self.runs), event, ref, sha, inputs, details)
        self.runs.append(run)
        run.start()
        return run

    def settle(self) -> None:
        """Let GitHub's scheduler do what it can after something has happened."""
        self.unsettled = True
        settle(self)

    def expire(self) -> None:
        """Let the lifecycle rules of every registry take what they take."""
        needed = self._needed()
        for registry in self.registries.values():
            gone = registry.expire(self.clock)
            for service, digest, why in needed:
                if digest in gone and service not in self.crossed:
                    self.history.expired.append(Expired(service, digest, why))

    def _needed(self) -> list[tuple[str, str, str]]:
        """Return what must not go: for each service, what it runs and what it deployed lately."""
        needed = []
        for service in self.ecs.services.values():
            # Of a deployment that another has replaced, or that has failed, ECS starts no task any
            # more: API_DeploymentCircuitBreaker.
            failed = service.primary.state == "FAILED"
            for revision in (service.completed, None if failed else service.primary.revision):
                if revision and revision.image:
                    needed.append((service.key, revision.image, "runs"))
            # One that ran, and whose job failed after it was kept, takes the place of another, as
            # the lifecycle rules know nothing of jobs. One that never was kept takes none.
            kept = set(self.kept.get(service.key, []))
            ran = {truth.digest for truth in self.ran.get(service.key, []) if truth.digest}
            others = ran & self.named.get(service.key, set())
            images = filter(None, map(self.image, kept | others))
            newest = sorted(images, key=lambda image: image.pushed, reverse=True)
            needed += [
                (service.key, image.digest, "deployed lately")
                for image in newest[: self.keeps.get(service.key, 0)]
                if image.digest in kept
            ]
        return needed

    def complete(self, service: EcsService) -> None:
        """Let a rollout complete."""
        service.complete()
        truth = self.truth(service.primary.revision)
        if truth.digest:
            self.ran.setdefault(service.key, []).append(truth)

    def make_anew(self, service: EcsService) -> None:
        """Let Terraform make a service anew: no job has brought what runs then."""
        self.ecs.replace(service)
        self.updaters.pop(service.key, None)
        self.brought[service.key, service.primary.revision.image] = (None, service.changed)

    def ended(self, work: Work, *, well: bool) -> None:
        """Note that a job has ended, and how it left the services that it looked at."""
        for key, seen in work.seen.items():
            service = self.ecs.services[key]
            if not well or work.broken:
                service.left = service.now()
            else:
                service.looked = max(service.looked, seen)
            if service.looked > service.left:
                self._compare_newest(work, service)
        if work.result == "success":
            for key, digest in work.updated.items():
                self.crossed.discard(key)
                self.kept.setdefault(key, []).append(digest)

    def _compare_newest(self, work: Work, service: EcsService) -> None:
        """See with what a service would come back now, if no other job is about to change it."""
        if any(service.key in other.seen for other in self._others(work)):
            return
        it = service.settings
        newest = self.ecs.find(it.account, it.region, it.starts_with)
        runs = service.primary.revision
        if self.ran.get(service.key) and newest.image != runs.image:
            self.wrong(
                11,
                f"{it.name} runs {(runs.image or 'the placeholder')[-4:]}, and would come back "
                f"with {(newest.image or 'the placeholder')[-4:]}",
            )

    def _others(self, work: Work) -> Iterator[Work]:
        """Yield the jobs that run beside one."""
        for run in self.runs:
            for job in run.every_job:
                if job.state == "running" and job.work and job.work is not work:
                    yield job.work

    # What jobs ask for.

    def read(self, file: str) -> Mapping[str, Any]:
        """Return a workflow."""
        return self.workflows[file]

    def log(self, line: str) -> None:
        """Keep a line of some job's log."""
        self.logged.append(line)

    def wrong(self, number: int, says: str) -> None:
        """Note that something happened which a property forbids."""
        self.history.trouble.append(Trouble(number, says))

    def builds(self, work: Work) -> None:
        """Note that a job runs the repository's own build."""
        if work.session and work.identity:
            self.history.built.append(Built(work.run, work.session.role, work.identity))

    def new_image(self, commit: str) -> Image:
        """Return an image that has just been built, and is in no registry yet."""
        self.pushes += 1
        return Image(f"sha256:d{self.pushes + 0xD0:063x}", commit, self.pushes, self.clock)

    def service(self, work: Work, given: Mapping[str, Any]) -> EcsService:
        """Return the service that a job's call names."""
        session = work.session
        found = session and self.ecs.service(session.account, session.region, given)
        if not found:
            raise AwsError("ServiceNotFoundException", f"there is no service {given}")
        return found

    def aws(
        self, work: Work, session: Session, service: str, operation: str, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Answer a call of AWS's API."""
        self.iam.check(session, service, operation, given)
        just_saw, work.just_saw = work.just_saw, ""
        if service == "ecr":
            return self._ecr(work, session, operation, given)
        account, region = session.account, session.region
        if operation == "DescribeServices":
            for name in given["services"]:
                if seen := self.ecs.service(account, region, {**given, "service": name}):
                    work.seen[seen.key], work.just_saw = seen.now(), seen.key
                    self._third(work, seen)
                    work.seen_push[seen.key] = self.truth(seen.primary.revision).push
            return self.ecs.describe_services(account, region, given)
        if operation == "DescribeTaskDefinition":
            return self.ecs.describe_task_definition(account, region, given)
        if operation == "RegisterTaskDefinition":
            answer = self.ecs.register_task_definition(account, region, given)
            self._remember(work, self.ecs.find(account, region, given["family"]))
            if just_saw and self.ecs.services[just_saw].changed > work.seen[just_saw]:
                # Of two calls with nothing between them the first cannot bind the second.
                self.ecs.services[just_saw].left = self.ecs.services[just_saw].now()
            return answer
        if operation == "UpdateService":
            return self._update(work, self.service(work, given), given, just_saw)
        raise ValueError(f"the model does not know {service}:{operation}")

    def _ecr(
        self, work: Work, session: Session, operation: str, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        if operation == "GetAuthorizationToken":
            return {"authorizationData": [{"proxyEndpoint": "https://registry"}]}
        name = given.get("repositoryName") or given["repositoryNames"][0]
        owner = given.get("registryId", session.account)
        registry = self.registries.get(f"{owner} {session.region} {name}")
        if registry is None:
            raise AwsError("RepositoryNotFoundException", f"there is no {name} of {owner}")
        if operation.endswith(("LayerUpload", "LayerPart")):
            return {}
        operations: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "BatchGetImage": registry.batch_get_image,
            "DescribeImages": registry.describe_images,
            "DescribeRepositories": registry.describe_repositories,
            "ListImages": registry.list_images,
            "PutImage": partial(self._put_image, work, registry),
        }
        if operation not in operations:
            raise ValueError(f"the model does not know ecr:{operation}")
        return operations[operation](given)

    def _put_image(self, work: Work, registry: Ecr, given: Mapping[str, Any]) -> dict[str, Any]:
        """Put a tag, and note from whom it takes it: who crosses others may go no further.

        Who crosses has looked at the service as well; what builds, and moves its commit's tag, has
        not, and neither has a job that ended before.
        """
        before = registry.find({"imageTag": given["imageTag"]})
        work.taken.discard(described(given))
        answer = registry.put_image(given)
        if before is None:
            for key in work.seen:
                self.named.setdefault(key, set()).add(described(given))
        else:
            for beside in self._others(work):
                if beside.by_hand == work.by_hand and beside.seen.keys() & work.seen.keys():
                    beside.taken.add(before.digest)
            for key, seen in work.seen.items():
                by, moment = self.brought.get((key, before.digest), (work, 0))
                if seen <= moment and by is not work and (not by or by.by_hand == work.by_hand):
                    self.crossed.add(key)
        return answer

    def image(self, digest: str | None) -> Image | None:
        """Return an image by its digest, wherever it is."""
        if digest is None:
            return None
        found = (registry.images.get(digest) for registry in self.registries.values())
        return next(filter(None, found), None)

    def truth(self, revision: Revision) -> Truth:
        """Return what a revision brings."""
        return self.truths.get(revision.arn, Truth())

    def _remember(self, work: Work, revision: Revision) -> None:
        """Note what a revision brings that a job has registered.

        Of an image that runs, or that the job does not deploy, registering it once more brings
        nothing new.
        """
        digest, image = revision.image, self.image(revision.image)
        commit = image.commit if image else None
        running = [service.primary.revision for service in self.ecs.services.values()]
        *before, _ = self.ecs.family(revision)
        if work.values["inputs"].get("image") in (digest, commit):
            before = [one for one in running if one.family == revision.family]
        for known in reversed(before):
            if digest and known.image == digest:
                self.truths[revision.arn] = self.truth(known)
                return
        number = 0 if work.by_hand else self.run(work.run).number
        self.truths[revision.arn] = Truth(commit, number, digest)

    def run(self, number: int) -> Run:
        """Return a run by its id."""
        return self.runs[number - FIRST_ID]

    def _update(
        self, work: Work, service: EcsService, given: Mapping[str, Any], just_saw: str
    ) -> dict[str, Any]:
        if given.get("taskDefinition"):
            it = service.settings
            revision = self.ecs.find(it.account, it.region, given["taskDefinition"])
        else:
            revision = service.primary.revision
        before, truth = service.primary, self.truth(service.primary.revision)
        run = self.run(work.run)
        after = self.truth(revision)
        if work.by_hand:
            # The number of the push stays that of what ran, as far as the job knows.
            push = work.seen_push.get(service.key, 0)
            after = self.truths[revision.arn] = Truth(after.commit, push, after.digest)
        pair = (truth.commit or "", after.commit or "")
        self.history.updated.append(
            Updated(
                run=work.run,
                job=work.job,
                service=service.key,
                environment=work.values["inputs"].get("environment"),
                by_hand=work.by_hand,
                digest_asked=run.inputs.get("image", "").startswith("sha256:"),
                before=truth,
                before_state=before.state,
                after=after,
                unseen=work.seen.get(service.key, 0) <= service.changed,
                looked_before=just_saw == service.key,
                order=work.told.get(pair) or self.git.compare(*pair),
                crossed=self.updaters.get(service.key),
                promoted=self._promoted(work, service.key, after),
            )
        )
        other = self.updaters.get(service.key)
        if self.history.updated[-1].unseen and other and other.by_hand == work.by_hand:
            self.crossed.add(service.key)
        if after.digest in work.taken:
            self.crossed.add(service.key)
        self.outdated.pop(service.key, None)
        if work.by_hand and service.key in work.rolling and service.primary.state == "COMPLETED":
            self.outdated[service.key] = work
        service.start(revision)
        self.updaters[service.key] = work
        self.brought[service.key, after.digest] = (work, service.changed)
        work.updated[service.key] = after.digest or ""
        return {"service": service.details()}

    def _third(self, work: Work, service: EcsService) -> None:
        """Note whether a job sees a rollout, and whether it is the third by hand in a row."""
        rolls = service.primary.state == "IN_PROGRESS"
        (work.rolling.add if rolls else work.rolling.discard)(service.key)
        second = self.outdated.get(service.key)
        if rolls and second not in (None, work) and work.by_hand:
            self.crossed.add(service.key)

    def _promoted(self, work: Work, service: str, after: Truth) -> bool:
        """Say whether an image ran, whole, in the environment that this one promotes from.

        By hand what ran here counts as well: somebody had named that very image.
        """
        environment = self.environment(work.values["inputs"].get("environment", ""))
        source = self.sources.get(environment.name) if environment else None
        places = [source, service] if work.by_hand else [source]
        return source is None or any(
            after.digest == truth.digest
            for place in places
            for truth in self.ran.get(place or "", [])
        )

    def environment(self, name: str) -> Environment | None:
        """Return an environment by its name."""
        return self.terraform.environments.get(name.lower())
