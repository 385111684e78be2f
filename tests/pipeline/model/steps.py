"""The steps of a job: scripts by the table, actions by what they do.

A job is a generator. It yields before each call of an API, so that others can act in between, and
yields a condition where it waits for something.
"""

import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from keyless_ecs.github import actions
from keyless_ecs.rehearsal.pipeline.expressions import Contexts
from keyless_ecs.trust import claims
from tests.pipeline.model import cli
from tests.pipeline.model.iam import AwsError, Session
from tests.pipeline.model.scripts import Script
from tests.pipeline.model.shell import Answer, Asked

if TYPE_CHECKING:
    from tests.pipeline.model.world import World

Wake = Callable[[], bool] | None
Atoms = Iterator[Wake]
STEP_KEYS = frozenset(
    {
        "continue-on-error",
        "env",
        "id",
        "if",
        "name",
        "run",
        "shell",
        "timeout-minutes",
        "uses",
        "with",
    }
)
GITHUB = "github.com"
SIX_HOURS = 360
"""How long a job runs at most where it says nothing.

https://docs.github.com/en/actions/reference/limits
"""


class StepFailedError(Exception):
    """A step failed."""


GRACE = 5
"""Minutes for what runs in spite of a cancellation.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
"""


@dataclass
class Work:
    """A job that runs.

    Args:
        world: Where it runs.
        run: The number of its run, for the history.
        job: Its path in the run.
        spec: What the file says of it.
        values: The contexts of its expressions, without those of its steps.
        identity: Its token, or None where it may ask for none.
        variables: The environment variables that GitHub sets.
        by_hand: Whether a person started the run that way.
        reads_commits: Whether its token may read the repository.
        shell: The shell of its scripts, where they say nothing.
    """

    world: "World"
    run: int
    job: str
    spec: Mapping[str, Any]
    values: dict[str, Any]
    identity: claims.Job | None
    variables: Mapping[str, str]
    by_hand: bool
    reads_commits: bool
    shell: str | None
    session: Session | None = None
    cancelled: bool = False
    trouble: bool = False
    """Whether the next call of an API fails."""
    failed: bool = False
    refused: bool = False
    """Whether a call of AWS's API was answered with an error."""
    timed_out: bool = False
    broken: bool = False
    """Whether a step that runs in spite of everything was itself cut short, or a call of it failed.
    """
    always: bool = False
    """Whether the step is one of those."""
    summary: str = ""
    files: dict[str, str] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    """For each service that it looked at, the last moment at which it did."""
    just_saw: str = ""
    """The service, if its last call was such a look."""
    told: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """What GitHub said of the second commit as seen from the first: later it may know one no more.
    """
    seen_push: dict[str, int] = field(default_factory=dict)
    """For each of them, the push of what it ran then."""
    rolling: set[str] = field(default_factory=set)
    """Those of which it last saw that they roll out."""
    taken: set[str] = field(default_factory=set)
    """Images off which another job of its kind has moved a tag since it looked first, and on which
    it has put none since."""
    updated: dict[str, str] = field(default_factory=dict)
    """For each service that it updated, the image."""
    result: str = ""
    ends: int = 0
    """The minute at which its time is over."""
    environment: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    def atoms(self) -> Atoms:
        """Run the steps one after the other."""
        self.ends = self.world.clock + int(self.spec.get("timeout-minutes") or SIX_HOURS)
        steps: dict[str, Any] = {}
        self.values["steps"] = steps
        before = Contexts(self.values, strict=False)
        self.environment = {k: before.text(v) for k, v in self.spec.get("env", {}).items()}
        for step in self.spec["steps"]:
            if unknown := sorted(set(step) - STEP_KEYS):
                raise ValueError(f"the model does not know {unknown[0]!r} of a step")
            contexts = self._contexts()
            if not contexts.holds(step.get("if", True)):
                if "id" in step:
                    steps[step["id"]] = _result({}, "skipped")
                continue
            result, made = yield from self._step(step, contexts)
            if "id" in step:
                steps[step["id"]] = _result(made, result)
            self.failed = self.failed or (
                result == "failure" and not step.get("continue-on-error", False)
            )
        given = Contexts({**self.values, "env": self.environment}, strict=False)
        self.outputs = {k: given.text(v) for k, v in self.spec.get("outputs", {}).items()}

    def _contexts(self) -> Contexts:
        status = "cancelled" if self.cancelled else "failure" if self.failed else "success"
        self.values["job"] = {"status": status}
        return Contexts(
            {**self.values, "env": self.environment, "runner": {"temp": "/temp"}},
            succeeded=not (self.failed or self.cancelled),
            failed=self.failed and not self.cancelled,
            cancelled=self.cancelled,
            strict=False,
        )

    def _step(
        self, step: Mapping[str, Any], contexts: Contexts
    ) -> Generator[Wake, None, tuple[str, dict[str, str]]]:
        """Run one step until it ends, its time is over, or the job is cancelled."""
        cancelled_before, made = self.cancelled, dict[str, str]()
        self.always = "always()" in str(step.get("if"))
        over = self.ends
        if "timeout-minutes" in step:
            over = min(self.ends, self.world.clock + int(step["timeout-minutes"]))
        try:
            for wake in self._work(step, contexts, made):
                yield _until(wake, lambda: self.world.clock >= over or self.cancelled)
                if self.world.clock >= self.ends and not cancelled_before:
                    self.cancelled = self.timed_out = True
                if self.cancelled and not cancelled_before:
                    self.broken = self.broken or self.always
                    return "cancelled", made
                if self.world.clock >= over and wake is not None and not wake():
                    return "failure", made
        except (AwsError, StepFailedError) as error:
            self.world.log(f"{self.job}: {step.get('name', '?')}: {error}")
            return "failure", made
        return "success", made

    def _work(self, step: Mapping[str, Any], contexts: Contexts, made: dict[str, str]) -> Atoms:
        own = {name: contexts.text(value) for name, value in step.get("env", {}).items()}
        contexts = Contexts(
            {**contexts.values, "env": {**self.environment, **own}},
            *(contexts.succeeded, contexts.failed, contexts.cancelled, False),
        )
        if "run" in step:
            script = contexts.text(step["run"])
            yield from self._script(script, step.get("shell", self.shell), own, made)
            return
        meaning = _MEANINGS.get(step["uses"].partition("@")[0])
        if meaning is None:
            raise ValueError(f"the model does not know the action {step['uses']}")
        inputs = {name: contexts.text(value) for name, value in step.get("with", {}).items()}
        yield from meaning(self, inputs, made)

    def _script(
        self, script: str, shell: str | None, own: Mapping[str, str], made: dict[str, str]
    ) -> Atoms:
        # https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail"] if shell else ["bash", "-e"]
        variables = {**self.variables, **self.environment, **own}
        run = Script(self.world.scripts, script, command, variables, self.files)
        while isinstance(does := run.does, Asked):
            if does.argv[0] != "aws":
                self.just_saw = ""
            if does.argv[0] == "sleep":
                began, asked = self.world.clock, int(does.argv[1].removesuffix("s"))
                yield _passed(self.world, asked)
                # In tens of minutes: there are enough classes without every minute.
                long = (self.world.clock - began) // 10 * 600
                run.answer(Answer(f"{max(asked, long)}\n"))
                continue
            yield None
            run.answer(self._answer(does, variables))
        self.files = dict(does.files)
        self.summary += does.summary
        made.update(_outputs(does.output))
        self.environment.update(_outputs(does.environment))
        if does.code:
            raise StepFailedError(does.log)

    def _answer(self, does: Asked, variables: Mapping[str, str]) -> Answer:
        """Let a program of a script do its work."""
        if does.argv[0] == "gh":
            return self._gh(does.argv[1:], variables)
        try:
            call = cli.parse(does.argv[1:], tuple(does.files.items()))
            found = self.call(call.service, call.operation, call.parameters, region=call.region)
            return call.printed(found)
        except AwsError as error:
            says = f"An error occurred ({error.code}) when calling an operation: {error.message}"
            return Answer(err=f"\n{says}\n", code=254)

    def _gh(self, argv: tuple[str, ...], variables: Mapping[str, str]) -> Answer:
        if self.by_hand:
            self.world.wrong(5, f"{self.job}: a roll-back by hand asks GitHub: gh {' '.join(argv)}")
        call = cli.parse_gh(argv)
        # https://cli.github.com/manual/gh_help_environment
        of_host = ("GH_TOKEN", "GITHUB_TOKEN")
        if self.world.host != GITHUB:
            of_host = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
        if not any(map(variables.get, of_host)):
            return Answer(err="gh: To use GitHub CLI in a workflow, set GH_TOKEN\n", code=4)
        if self._fails() or not self.reads_commits:
            return Answer(err="gh: Bad Gateway (HTTP 502)\n", code=1)
        wanted = rf"repos/{re.escape(self.values['github']['repository'])}/compare/(\w+)\.\.\.(\w+)"
        found = re.fullmatch(wanted + r"(\?.*)?", call.path)
        if not found:
            raise ValueError(f"the model does not know {call.path} of GitHub's API")
        status = self.told[found[1], found[2]] = self.world.git.compare(found[1], found[2])
        if status is None:
            return Answer('{"message": "Not Found"}', "gh: Not Found (HTTP 404)\n", 1)
        return call.printed({"status": status})

    def _fails(self) -> bool:
        fails, self.trouble = self.trouble, False
        self.broken = self.broken or (fails and self.always)
        return fails

    def call(
        self, service: str, operation: str, given: Mapping[str, Any], region: str | None = None
    ) -> dict[str, Any]:
        """Call an API of AWS with the role that the job has assumed."""
        try:
            return self._call(service, operation, given, region)
        except AwsError:
            self.refused = True
            raise

    def _call(
        self, service: str, operation: str, given: Mapping[str, Any], region: str | None
    ) -> dict[str, Any]:
        if self.session is None:
            raise AwsError("NoCredentials", "Unable to locate credentials")
        # What still runs after the job's end has five minutes.
        if min(self.world.clock, self.ends + GRACE) >= self.session.ends:
            self.world.wrong(10, f"{self.job}: the session of the role ends before the job does")
            raise AwsError("ExpiredToken", "The security token has expired")
        if self._fails():
            raise AwsError("ServerException", "Service Unavailable. Please try again later.")
        session = self.session
        if region:
            session = Session(session.role, region, session.ends)
        return self.world.aws(self, session, service, operation, given)


def _passed(world: "World", seconds: int) -> Callable[[], bool]:
    wakes = world.clock + -(-seconds // 60)
    return lambda: world.clock >= wakes


def _until(wake: Wake, over: Callable[[], bool]) -> Wake:
    return None if wake is None else lambda: wake() or over()


def _result(outputs: Mapping[str, str], result: str) -> dict[str, Any]:
    return {"outputs": outputs, "outcome": result, "conclusion": result}


def _outputs(text: str) -> Iterator[tuple[str, str]]:
    for line in filter(None, text.splitlines()):
        name, equals, value = line.partition("=")
        if not equals or "<<" in name:
            raise ValueError(f"the model does not know the output {line!r}")
        yield name, value


def _nothing(work: Work, inputs: Mapping[str, str], made: dict[str, str]) -> Atoms:  # noqa: ARG001
    """What matters to the runner alone."""
    yield None


def _credentials(work: Work, inputs: Mapping[str, str], made: dict[str, str]) -> Atoms:  # noqa: ARG001
    """Assume the role: github.com/aws-actions/configure-aws-credentials."""
    yield None
    if work.identity is None:
        raise StepFailedError("the job may ask for no token")
    seconds = int(inputs.get("role-duration-seconds") or 3600)
    arn = inputs["role-to-assume"]
    account, allowed = arn.split(":")[4], inputs.get("allowed-account-ids")
    if allowed and account not in [one.strip() for one in allowed.split(",")]:
        raise StepFailedError("the account is not in allowed-account-ids")
    work.world.iam.assume(arn, work.identity, seconds)
    work.session = Session(arn, inputs["aws-region"], work.world.clock + seconds // 60)
    work.environment.update(
        AWS_REGION=inputs["aws-region"], AWS_DEFAULT_REGION=inputs["aws-region"]
    )


def _ecr_login(work: Work, inputs: Mapping[str, str], made: dict[str, str]) -> Atoms:  # noqa: ARG001
    """Ask for a password: github.com/aws-actions/amazon-ecr-login."""
    yield None
    work.call("ecr", "GetAuthorizationToken", {})
    if work.session:
        made["registry"] = f"{work.session.account}.dkr.ecr.{work.session.region}.amazonaws.com"


def _build_push(work: Work, inputs: Mapping[str, str], made: dict[str, str]) -> Atoms:
    """https://github.com/docker/build-push-action: no two builds give the same image."""
    yield None
    work.world.builds(work)
    yield None
    image = work.world.new_image(work.values["github"]["sha"])
    for reference in re.split(r"[\s,]+", inputs["tags"].strip()):
        host, _, rest = reference.partition("/")
        name, _, tag = rest.rpartition(":")
        given = {"repositoryName": name, "registryId": host.partition(".")[0], "imageTag": tag}
        for operation in ("InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"):
            work.call("ecr", operation, given)
        work.call("ecr", "PutImage", {**given, "imageManifest": image.manifest, "image": image})
    made["digest"] = image.digest


def _definition(work: Work, inputs: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    wanted = inputs["task-definition"].rpartition("/")[2]
    for path, text in work.files.items():
        if path.rpartition("/")[2] == wanted:
            return path, json.loads(text)
    raise StepFailedError(f"Task definition file does not exist: {wanted}")


def _ecs_render(work: Work, inputs: Mapping[str, str], made: dict[str, str]) -> Atoms:
    """Put the image in: github.com/aws-actions/amazon-ecs-render-task-definition."""
    yield None
    _, definition = _definition(work, inputs)
    found = [c for c in definition["containerDefinitions"] if c["name"] == inputs["container-name"]]
    if not found:
        raise StepFailedError(f"there is no container {inputs['container-name']}")
    found[0]["image"] = inputs["image"]
    work.files["temp/rendered.json"] = json.dumps(definition)
    made["task-definition"] = "/temp/rendered.json"


Meaning = Callable[[Work, Mapping[str, str], dict[str, str]], Atoms]
_MEANINGS: Mapping[str, Meaning] = {
    actions.CHECKOUT.repository: _nothing,
    actions.CONFIGURE_AWS_CREDENTIALS.repository: _credentials,
    actions.ECR_LOGIN.repository: _ecr_login,
    actions.SETUP_BUILDX.repository: _nothing,
    actions.BUILD_PUSH.repository: _build_push,
    actions.ECS_RENDER.repository: _ecs_render,
}
