"""Workflows run as GitHub runs them, or are refused where the rehearsal does not know how."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.github.store import GitHub, Protection
from keyless_ecs.rehearsal.pipeline.job import StepFailedError
from keyless_ecs.rehearsal.pipeline.runner import Event, Runner
from keyless_ecs.rehearsal.report.recorder import Recorder
from keyless_ecs.trust import claims

PAPYRUS = "Nickelth/Papyrus"
MAIN, TAG = "refs/heads/main", "refs/tags/v1.2.3"
PUSH = Event(MAIN, "0a1b")
Workflow = dict[str, Any]


@dataclass
class Repository:
    """A repository whose workflows run; what their scripts write to ``$LOG`` is *log*."""

    aws: LocalAws
    github: GitHub
    folder: Path
    recorder: Recorder = field(default_factory=lambda: Recorder(lambda _: None))

    def run(self, *, event: Event = PUSH, called: Workflow | None = None, **jobs: Any) -> list[str]:
        """Run a workflow of *jobs* that starts on any event."""
        on = {"push": None, "workflow_dispatch": None}
        return self.run_whole({"on": on, "jobs": jobs}, event, called)

    def run_whole(
        self, workflow: Workflow, event: Event = PUSH, called: Workflow | None = None
    ) -> list[str]:
        """Run a workflow."""
        files = {"main.yml": json.dumps(workflow), "called.yml": json.dumps(called)}
        identity = claims.Job("Nickelth", "1", "Papyrus", "42", ref="")
        return Runner(self.aws, self.github, identity, files, self.recorder).run("main.yml", event)

    def refusal(self, **settings: Any) -> str:
        """Return why a workflow of these jobs fails."""
        with pytest.raises(StepFailedError) as failed:
            self.run(**settings)
        return str(failed.value)

    def job(self, *scripts: str, **settings: Any) -> Workflow:
        """Return a job of scripts."""
        steps = [{"run": script.replace("$LOG", str(self.folder / "log"))} for script in scripts]
        return {"runs-on": "ubuntu-24.04", "steps": steps, **settings}

    @property
    def log(self) -> list[str]:
        """The lines that scripts have written."""
        path = self.folder / "log"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def repository(aws: LocalAws, tmp_path: Path) -> Repository:
    """Return a repository with an environment that takes jobs of ``main``."""
    github = GitHub.create(
        tmp_path / "github.json",
        owner="Nickelth",
        owner_id=1,
        repositories={"Papyrus": 42},
        users={},
        teams={},
    )
    protection = Protection(
        wait_timer=0,
        users=[],
        teams=[],
        prevent_self_review=False,
        can_admins_bypass=True,
        deployment_branch_policy={"protected_branches": False, "custom_branch_policies": True},
    )
    github.put_environment(PAPYRUS, "production", protection)
    github.create_policy(PAPYRUS, "production", "branch", "main")
    github.create_variable(PAPYRUS, "production", "REGION", "eu-west-1")
    github.put_secret(PAPYRUS, "production", "ACCOUNT", "123456789012")
    return Repository(aws, github, tmp_path)


@pytest.mark.parametrize(
    ("filters", "ref", "runs"),
    [
        (None, MAIN, True),
        (None, TAG, True),
        ({"branches": ["main"]}, MAIN, True),
        ({"branches": ["main"]}, "refs/heads/main-2", False),
        # Of two kinds of ref, the one that is not named does not start it.
        ({"branches": ["main"]}, "refs/tags/main", False),
        ({"tags": ["v*.*.*"]}, TAG, True),
        ({"tags": ["v*.*.*"]}, MAIN, False),
        ({"tags": ["v*.*.*"]}, "refs/tags/v1x2", False),
        ({"branches": ["main"], "tags": ["v*"]}, TAG, True),
        ({"branches": ["release/*"]}, "refs/heads/release/1", True),
        ({"branches": ["release/*"]}, "refs/heads/release/1/2", False),
        ({"branches": ["release/**"]}, "refs/heads/release/1/2", True),
        ({"branches": ["**/main"]}, MAIN, True),
        ({"branches": ["**/main"]}, "refs/heads/a/b/main", True),
        ({"branches": ["x.y"]}, "refs/heads/x-y", False),
    ],
)
def test_a_push_starts_it_by_its_filters(
    repository: Repository, filters: Any, ref: str, runs: bool
) -> None:
    """https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax."""
    workflow = {"on": {"push": filters}, "jobs": {"a": repository.job("true")}}
    event = Event(ref, "0a1b")
    if runs:
        assert repository.run_whole(workflow, event) == ["a"]
    else:
        with pytest.raises(StepFailedError, match=f"does not run on a push to {ref}"):
            repository.run_whole(workflow, event)


@pytest.mark.parametrize("on", ["push", ["push", "pull_request"], {"push": None}])
def test_events_are_written_in_three_ways(repository: Repository, on: Any) -> None:
    """A text, a list, a mapping."""
    workflow = {"on": on, "jobs": {"a": repository.job("true")}}

    assert repository.run_whole(workflow) == ["a"]
    with pytest.raises(StepFailedError, match="does not run on workflow_dispatch"):
        repository.run_whole(workflow, Event(MAIN, "0a1b", name="workflow_dispatch"))


def test_needs_order_jobs(repository: Repository) -> None:
    """A job waits for what it needs, wherever that stands in the file."""
    ran = repository.run(
        last=repository.job("echo last >> $LOG", needs=["middle", "first"]),
        middle=repository.job("echo middle >> $LOG", needs="first"),
        first=repository.job("echo first >> $LOG"),
    )

    assert ran == repository.log == ["first", "middle", "last"]


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ({}, False),
        ({"if": "success()"}, False),
        ({"if": "github.sha == '0a1b'"}, False),
        ({"if": "always()"}, True),
        ({"if": "${{ !failure() && !cancelled() && (github.sha == '0a1b') }}"}, True),
        ({"if": "always() && github.sha == 'x'"}, False),
    ],
)
@pytest.mark.parametrize("needs", [["skipped"], ["between"]])
def test_what_needs_a_skipped_job_is_skipped(
    repository: Repository, needs: list[str], condition: Workflow, runs: bool
) -> None:
    """Also where another job stands between that ran all the same (actions/runner#2205)."""
    ran = repository.run(
        skipped={**repository.job("true"), "if": False},
        between=repository.job("true", needs="skipped") | {"if": "always()"},
        last=repository.job("true", needs=needs) | condition,
    )

    assert ran == ["between"] + ["last"] * runs


def test_outputs_reach_the_jobs_that_need_them(repository: Repository) -> None:
    """From a step to its job, and to the next job; a skipped job has none."""
    first = repository.job(outputs={"digest": "${{ steps.made.outputs.digest }}"})
    first["steps"] = [{"id": "made", "run": 'echo "digest=sha256:1" >> "$GITHUB_OUTPUT"'}]
    last = repository.job(
        "echo '${{ needs.skipped.outputs.digest || needs.first.outputs.digest }}' >> $LOG",
        needs=["first", "skipped"],
    )

    ran = repository.run(
        first=first,
        skipped={**repository.job("true"), "if": False},
        last={**last, "if": "always()"},
    )

    assert ran == ["first", "last"]
    assert repository.log == ["sha256:1"]


def test_an_output_with_a_secret_in_it_is_dropped(repository: Repository) -> None:
    """GitHub: "Skip output … since it may contain secret"."""
    first = repository.job(environment="production", outputs={"uri": "${{ secrets.ACCOUNT }}.dkr"})
    last = repository.job("echo ${{ needs.first.outputs.uri }}", needs="first")

    assert "there is no needs.first.outputs.uri" in repository.refusal(first=first, last=last)


@pytest.mark.parametrize(
    ("jobs", "says"),
    [
        ({"a": {"needs": "b"}, "b": {"needs": "a"}}, "wait for each other"),
        ({"a": {"needs": "a"}}, "wait for each other"),
        ({"a": {"needs": ["nobody"]}}, "a needs nobody, which is no job"),
        ({"a": {"strategy": {}}}, "does not know 'strategy' of a job"),
        ({"a": {"if": False, "container": {}}}, "does not know 'container' of a job"),
        ({"a": {"if": "hashFiles('a')"}}, r"the function hashFiles\(\)"),
        ({"a": {"name": "${{ vars.X }}"}}, r"does not know vars\.X"),
        ({"a": {"permissions": "write-all"}}, "does not know the permissions 'write-all'"),
        ({"a": {"environment": "staging"}}, "there is no environment staging: .*404"),
        ({"a": {"environment": {"name": "staging"}}}, "there is no environment staging: .*404"),
        (
            {"a": {"environment": {"name": "production", "deployment": False}}},
            "does not know 'deployment' of an environment",
        ),
    ],
)
def test_a_job_that_github_refuses_or_the_rehearsal_does_not_know(
    repository: Repository, jobs: Mapping[str, Workflow], says: str
) -> None:
    """Nothing of a job is passed over."""
    given: dict[str, Any] = {key: repository.job("true") | job for key, job in jobs.items()}

    with pytest.raises(StepFailedError, match=says):
        repository.run(**given)


@pytest.mark.parametrize(
    ("workflow", "says"),
    [
        ({"on": "push", "jobs": {}, "env": {}}, "does not know 'env' of a workflow"),
        ({"on": {"push": {"paths": ["x"]}}, "jobs": {}}, "does not know 'paths' of push"),
        ({"on": {"push": {"branches-ignore": ["x"]}}, "jobs": {}}, "'branches-ignore' of push"),
        ({"on": {"push": {"branches": ["v[0-9]"]}}, "jobs": {}}, r"does not know '\[' of the"),
    ],
)
def test_a_workflow_that_the_rehearsal_does_not_know(
    repository: Repository, workflow: Workflow, says: str
) -> None:
    """Nothing of a workflow is passed over."""
    with pytest.raises(StepFailedError, match=says):
        repository.run_whole(workflow)


def test_an_environment_takes_the_refs_of_its_policy(repository: Repository) -> None:
    """Its variables and secrets are the job's, which no other ref gets to see."""
    script = "echo ${{ vars.REGION }} ${{ secrets.ACCOUNT }} >> $LOG"
    job = repository.job(script, environment="production")

    repository.run(a=job)
    assert repository.log == ["eu-west-1 123456789012"]

    refusal = repository.refusal(event=Event("refs/heads/fork", "0a1b"), a=job)
    assert "refs/heads/fork is not allowed to deploy to production" in refusal
    assert len(repository.log) == 1
    assert "no vars.REGION" in repository.refusal(a=repository.job(script))


INPUTS = {
    "environment": {"type": "choice", "required": True, "options": ["production"]},
    "image": {"type": "string"},
}


@pytest.mark.parametrize(
    ("inputs", "given", "says"),
    [
        (INPUTS, {"environment": "production"}, None),
        (INPUTS, {"environment": "production", "image": "x"}, None),
        (INPUTS, {"environment": "staging"}, "environment is one of production"),
        (INPUTS, {}, "the required input environment is empty"),
        (INPUTS, {"environment": ""}, "the required input environment is empty"),
        (INPUTS, {"environment": "production", "other": "x"}, "has no input other"),
        ({"x": {"type": "choice", "options": ["a"]}}, {}, None),
        ({"x": {"type": "boolean"}}, {}, "inputs like x: of type boolean"),
        ({"x": {"default": "y"}}, {}, "inputs like x: of type string with a default"),
    ],
)
def test_inputs_of_a_dispatch(
    repository: Repository, inputs: Workflow, given: dict[str, str], says: str | None
) -> None:
    """A required one must be there, a choice one of its options; no default is guessed."""
    workflow = {
        "on": {"workflow_dispatch": {"inputs": inputs}},
        "jobs": {"a": repository.job("true")},
    }
    event = Event(MAIN, "0a1b", name="workflow_dispatch", inputs=given)
    if says is None:
        assert repository.run_whole(workflow, event) == ["a"]
    else:
        with pytest.raises(StepFailedError, match=says):
            repository.run_whole(workflow, event)


CALL = {"uses": "./.github/workflows/called.yml", "permissions": {"id-token": "write"}}


def call(repository: Repository, script: str, **settings: Any) -> Workflow:
    """Return a workflow to call, whose job runs a script in the environment."""
    job = repository.job(script, environment="production", permissions={"id-token": "write"})
    return {"on": {"workflow_call": {"inputs": INPUTS}}, "jobs": {"deploy": job}, **settings}


def test_a_called_workflow_gets_its_inputs(repository: Repository) -> None:
    """Those that the caller gives, with its expressions resolved there."""
    called = call(repository, "echo ${{ inputs.image }} ${{ vars.REGION }} >> $LOG")
    given = {"environment": "production", "image": "${{ github.sha }}"}

    assert repository.run(called=called, a={**CALL, "with": given}) == ["a"]
    assert repository.log == ["0a1b eu-west-1"]


@pytest.mark.parametrize(("script", "given"), [("echo digest=1 >> $GITHUB_OUTPUT", "1"), (":", "")])
def test_a_called_workflow_gives_out_what_its_job_gave(
    repository: Repository, script: str, given: str
) -> None:
    """Nothing comes out empty, as GitHub hands it on; and the caller's job has succeeded.

    https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows#using-outputs-from-a-reusable-workflow
    """
    job = {**repository.job(script), "outputs": {"d": "${{ steps.made.outputs.digest }}"}}
    job["steps"][0]["id"] = "made"
    gives = {"outputs": {"digest": {"value": "${{ jobs.deploy.outputs.d }}"}}}
    called = {"on": {"workflow_call": gives}, "jobs": {"deploy": job}}
    reader = repository.job(
        "echo '[${{ needs.a.outputs.digest || 0 }}]' ${{ needs.a.result }} >> $LOG"
    )

    repository.run(called=called, a={**CALL}, b={**reader, "needs": "a"})
    assert repository.log == [f"[{given or 0}] success"]


def test_a_called_workflow_gets_secrets_only_if_handed_on(repository: Repository) -> None:
    """Without ``secrets: inherit`` they are empty there."""
    called = call(repository, "echo ${{ secrets.ACCOUNT }} >> $LOG")
    given = {"environment": "production"}

    refusal = repository.refusal(called=called, a={**CALL, "with": given})
    assert "there is no secrets.ACCOUNT" in refusal
    repository.run(called=called, a={**CALL, "with": given, "secrets": "inherit"})
    assert repository.log == ["123456789012"]


@pytest.mark.parametrize(
    ("job", "on", "says"),
    [
        ({"with": {}}, None, "the required input environment is empty"),
        ({"with": {"environment": "x"}}, None, "environment is one of production"),
        ({"with": {"other": "x"}}, None, "has no input other"),
        ({"secrets": {"A": "b"}}, None, "only how to inherit them"),
        ({"uses": "acme/shared/.github/workflows/x.yml@v1"}, None, "there is no workflow acme"),
        ({}, {"push": None}, r"called\.yml does not run on workflow_call"),
        ({}, {"workflow_call": {"secrets": {}}}, "'secrets' of workflow_call"),
    ],
)
def test_a_call_that_is_refused(
    repository: Repository, job: Workflow, on: Workflow | None, says: str
) -> None:
    """What a called workflow wants, and what the rehearsal does not know of calls."""
    called = call(repository, "true", **({"on": on} if on else {}))

    with pytest.raises(StepFailedError, match=says):
        repository.run(called=called, a={**CALL, **job})


LOG_IN = {
    "uses": "aws-actions/configure-aws-credentials@e6de054",
    "with": {"role-to-assume": "arn:aws:iam::123456789012:role/x", "aws-region": "eu-west-1"},
}
NO_TOKEN, NO_ROLE = "it gets no token", "Could not assume role with OIDC"


@pytest.mark.parametrize(
    ("own", "of_workflow", "says"),
    [
        ({"id-token": "write"}, None, NO_ROLE),
        ({"id-token": "none"}, None, NO_TOKEN),
        ({"contents": "read"}, {"id-token": "write"}, NO_TOKEN),
        ({}, {"id-token": "write"}, NO_TOKEN),
        (None, {"id-token": "write"}, NO_ROLE),
        (None, {}, NO_TOKEN),
        (None, None, NO_TOKEN),
    ],
)
def test_a_token_wants_the_jobs_permission(
    repository: Repository, own: Workflow | None, of_workflow: Workflow | None, says: str
) -> None:
    """The job's own permissions, or the workflow's where it has none; never both."""
    job = {"runs-on": "x", "steps": [LOG_IN]} | ({} if own is None else {"permissions": own})
    workflow = {"on": "push", "permissions": of_workflow, "jobs": {"a": job}}

    with pytest.raises(StepFailedError, match=says):
        repository.run_whole(workflow)


@pytest.mark.parametrize(
    ("caller", "says"), [({"id-token": "write"}, NO_ROLE), ({}, NO_TOKEN), (None, NO_TOKEN)]
)
def test_a_called_job_may_no_more_than_its_caller(
    repository: Repository, caller: Workflow | None, says: str
) -> None:
    """Permissions can be kept or lowered on the way, not raised."""
    called = call(repository, "")
    called["on"]["workflow_call"] = None
    called["jobs"]["deploy"]["steps"] = [LOG_IN]

    refusal = repository.refusal(called=called, a={**CALL, "permissions": caller})

    assert says in refusal


def steps(repository: Repository, *given: Workflow) -> Callable[[], str]:
    """Return what says why a job of these steps fails."""
    return lambda: repository.refusal(a={"runs-on": "x", "steps": list(given)})


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ({"run": "true", "shell": "sh"}, "does not know 'shell' of a step"),
        ({"run": "true", "continue-on-error": True}, "'continue-on-error' of a step"),
        ({"uses": "actions/cache@v5"}, "does not know the action actions/cache@v5"),
        ({"uses": "./action"}, r"does not know the action \./action"),
        (
            {"uses": "actions/checkout@v7", "with": {"ref": "x"}},
            "does not know 'ref' of actions/checkout",
        ),
        (
            {"uses": "aws-actions/configure-aws-credentials@v6", "with": {"aws-region": "x"}},
            "Input required and not supplied: role-to-assume",
        ),
        ({"uses": "aws-actions/amazon-ecr-login@v2"}, "Could not load credentials"),
        ({"run": "true", "if": "github.nobody"}, r"does not know github\.nobody"),
        ({"run": "true", "env": {"X": "${{ vars.NOBODY }}"}}, r"there is no vars\.NOBODY"),
        ({"run": "echo out; echo bad >&2; exit 3"}, "^bad\nout$"),
        ({"run": "exit 3"}, "exit 3"),
        # As GitHub's bash -e: the first command that fails ends it, one within a pipe does not.
        ({"run": "false\ntrue"}, "exit 1"),
        ({"run": "false | true\nexit 4"}, "exit 4"),
        ({"run": "echo $NOBODY\nexit 5"}, "exit 5"),
        ({"run": "read -r line\ntrue"}, "exit 1"),
        ({"run": "test -z '$AWS_ACCESS_KEY_ID' || exit 6"}, "exit 6"),
    ],
)
def test_a_step_that_fails(repository: Repository, step: Workflow, says: str) -> None:
    """Each with what the log would say; what comes after it does not run."""
    after = {"run": f"echo after >> {repository.folder / 'log'}"}

    with pytest.raises(StepFailedError, match=says):
        repository.run(a={"runs-on": "x", "steps": [step, after]})
    assert repository.log == []


def test_steps_are_noted_with_their_names(repository: Repository) -> None:
    """Title, environment and step; a step that was skipped is not among them."""
    job = repository.job("true", "true", name="Deploy", environment="production")
    job["steps"][0] |= {"name": "Look"}
    job["steps"][1] |= {"if": "'' == 'x'"}

    repository.run(a=job)

    assert [step.name for step in repository.recorder.steps] == ["Deploy (production): Look"]


def test_a_script_sees_its_step_and_nothing_of_this_machine(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a profile nor credentials of whoever rehearses."""
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("GITHUB_TOKEN", "mine")
    job = repository.job('echo "$X $GITHUB_REF $GITHUB_SHA $GITHUB_TOKEN$AWS_PROFILE" >> $LOG')
    job["steps"][0]["env"] = {"X": "${{ github.repository }}"}

    repository.run(a=job)

    assert repository.log == [f"{PAPYRUS} {MAIN} 0a1b "]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r"x=1\n", "1"),
        (r"x=a=b\n", "a=b"),
        (r"x=a<<b\n", "a<<b"),
        (r"x=", ""),
        (r"x=1\nx=2\n", "2"),
        (r"\nx=1\n\n", "1"),
        (r"x<<EOF\none\n\n two=2\nEOF\n", "one\n\n two=2"),
        (r"x<<EOF\nEOF\n", ""),
        (r"y<<E\n1\nE\nx<<E=F\n2\nE=F", "2"),
        ("x=a\u2028b\n", "a\u2028b"),
    ],
)
def test_a_step_has_outputs(repository: Repository, written: str, value: str) -> None:
    """``name=value``, or lines up to a delimiter.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    job = repository.job("", f'[ "$X" = "$WANTED" ]; printf "%s" "$X" >> {repository.folder}/log')
    job["steps"][0] = {"id": "out", "run": f"printf '{written}' >> \"$GITHUB_OUTPUT\""}
    job["steps"][1]["env"] = {"X": "[${{ steps.out.outputs.x }}]", "WANTED": f"[{value}]"}

    repository.run(a=job)

    assert (repository.folder / "log").read_text() == f"[{value}]"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("x", "Invalid format 'x'"),
        ("=1", "Invalid format '=1'"),
        ("x<<", "Invalid format 'x<<'"),
        ("x<<EOF\none", "Matching delimiter not found 'EOF'"),
        ("x<<EOF\none EOF\n", "Matching delimiter not found 'EOF'"),
    ],
)
def test_outputs_that_github_refuses(repository: Repository, written: str, says: str) -> None:
    """A step fails that writes what has no name, or no end."""
    failing = steps(repository, {"run": f"printf '{written}' >> \"$GITHUB_OUTPUT\""})

    assert says in failing()
