"""Each property, broken on purpose in the parsed workflows or the Terraform: the model sees it."""

import random
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest

from tests.pipeline.model.properties import violations
from tests.pipeline.scenes import SCRIPTS, Scene, delivered, pushed, rolled_back, rules, scene

TRIES = 60
"""So many interleavings are tried; most of what is broken shows in the first few."""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]

Content = dict[str, Any]


@pytest.fixture(autouse=True)
def no_shell_is_left() -> Iterator[None]:
    """End the shells that wait for answers which no longer come."""
    yield
    SCRIPTS.close()


def push(found: Scene) -> Content:
    """Return the workflow that starts with a push."""
    found_one: Content = next(w for w in found.workflows.values() if "push" in w["on"])
    return found_one


def deploy(found: Scene) -> Content:
    """Return the job that deploys."""
    (job,) = next(w for w in found.workflows.values() if "workflow_call" in w["on"])[
        "jobs"
    ].values()
    return Content(job) if not isinstance(job, dict) else job


def step(job: Content, name: str) -> Content:
    """Return a step by its name."""
    found: Content = next(step for step in job["steps"] if step["name"] == name)
    return found


def the_group_back_on_the_workflow(found: Scene) -> None:
    """As it was: one run of a ref at a time, and one that waits."""
    push(found)["concurrency"] = {"group": "ecr-push-${{ github.ref }}"}


def gated_jobs_in_one_group(found: Scene) -> None:
    """With a queue, but taken while an approval waits."""
    deploy(found)["concurrency"]["group"] = "deploy-${{ inputs.environment }}"


def the_build_asks_too(found: Scene) -> None:
    """As it was: the build has the environment, and the role, of what deploys."""
    job = push(found)["jobs"]["web-production-push"]
    job["environment"] = "production"
    step(job, "Assume the build role")["with"]["role-to-assume"] = "${{ vars.AWS_IAM_ROLE_ARN }}"
    for stack in found.stacks:
        if permissions := stack.get("locals", {}).get("deploy_role_permissions"):
            everything = {"Effect": "Allow", "Action": ["ecr:*"], "Resource": ["*"]}
            permissions["Statement"].append(everything)


def one_may_wait(found: Scene) -> None:
    """The default queue, in which a newcomer takes the place of another."""
    del deploy(found)["concurrency"]["queue"]


def nothing_is_said(found: Scene) -> None:
    """A superseded run is green, and says nothing."""
    decide = step(deploy(found), "Decide")
    decide["run"] = decide["run"].replace("gh workflow run", "")


def no_guard_of_ancestry(found: Scene) -> None:
    """Whatever runs, deploy."""
    step(deploy(found), "Decide")["run"] = 'echo next=deploy >> "$GITHUB_OUTPUT"\n'


def no_group_at_all(found: Scene) -> None:
    """Nothing orders what reads with what updates."""
    del deploy(found)["concurrency"]


def no_second_look(found: Scene) -> None:
    """As it was: what came after the comparison is replaced, whatever it is."""
    step(deploy(found), "Deploy and wait")["env"]["BY_HAND"] = "true"


def an_early_look(found: Scene) -> None:
    """A second look, and time between it and the update."""
    roll_out = step(deploy(found), "Deploy and wait")
    update = "deployment=$(aws ecs update-service"
    roll_out["run"] = roll_out["run"].replace(update, f"sleep 15\n{update}")


def a_look_that_binds_nobody(found: Scene) -> None:
    """A second look, and the update whatever it sees."""
    roll_out = step(deploy(found), "Deploy and wait")
    roll_out["run"] = roll_out["run"].replace('[ "$runs" != "$RAN" ]', "false")


def by_hand_looks_too(found: Scene) -> None:
    """A roll-back stops where something came since it has read what runs."""
    step(deploy(found), "Deploy and wait")["env"]["BY_HAND"] = "false"


def by_hand_as_automatic(found: Scene) -> None:
    """A roll-back compares commits, and asks GitHub."""
    deploy(found)["env"]["BY_HAND"] = "false"


def not_failed_is_enough(found: Scene) -> None:
    """As it was: what did not fail is promoted, and what was built is taken."""
    job = push(found)["jobs"]["web-production-deploy"]
    job["needs"] = ["web-staging-push", "web-staging-deploy"]
    job["if"] = "${{ !failure() && !cancelled() && !github.event.deleted }}"
    job["with"]["image"] = "${{ needs.web-staging-push.outputs.digest }}"


def built_is_enough(found: Scene) -> None:
    """What was built of the commit is promoted, whether or not it was deployed."""
    for job in push(found)["jobs"].values():
        for each in job.get("steps", []):
            if "$SOURCE.$GITHUB_SHA" in each.get("run", ""):
                each["run"] = each["run"].replace("$SOURCE.$GITHUB_SHA", "$GITHUB_SHA")


def no_rule_for_what_both_deployed(found: Scene) -> None:
    """Each environment has its rule, and staging's takes what production deployed as well."""
    for listed in rules(found):
        listed[:] = [r for r in listed if len(r["selection"].get("tagPatternList", ["*"])) == 1]


def what_runs_has_no_rule(found: Scene) -> None:
    """As it was: no rule knows what was deployed."""
    for listed in rules(found):
        listed[:] = [r for r in listed if r["selection"].get("tagPatternList", ["*"]) == ["*"]]


def any_workflow_is_trusted(found: Scene) -> None:
    """Without environments it is the workflow's file alone that tells the roles apart."""
    for stack in found.stacks:
        for name, local in stack.get("locals", {}).items():
            for statement in local["Statement"] if name.endswith("_role_trust") else ():
                like = statement["Condition"].get("StringLike", {})
                like.pop("token.actions.githubusercontent.com:job_workflow_ref", None)


def the_build_waits_too(found: Scene) -> None:
    """A wait timer on the environment in which the image is built."""
    for stack in found.stacks:
        made = stack.get("resource", {}).get("github_repository_environment", {})
        for environment in made.values():
            environment["wait_timer"] = 10


def no_bound(found: Scene) -> None:
    """A job that runs as long as GitHub lets it."""
    del deploy(found)["timeout-minutes"]


def a_short_session(found: Scene) -> None:
    """Credentials that end before the job may."""
    role = next(step for step in deploy(found)["steps"] if "configure-aws" in step.get("uses", ""))
    role["with"]["role-duration-seconds"] = 900


def what_runs_is_not_held(found: Scene) -> None:
    """Where the job that deployed it could not keep it, what runs has no tag of its own."""
    hold = step(deploy(found), "Hold the image")["env"]
    hold["TAGS"] = hold["TAGS"].replace("'COMPLETED'", "'NEVER'")


def another_attempt_waits_for_the_refused_one(found: Scene) -> None:
    """The group of a gated job is that of its run, whatever the attempt."""
    group = deploy(found)["concurrency"]
    group["group"] = group["group"].replace("github.run_attempt", "'1'")


def nothing_heals(found: Scene) -> None:
    """What a failed deployment registered stays the newest."""
    for each in deploy(found)["steps"]:
        if "always()" in str(each.get("if")):
            each["if"] = str(each["if"]).replace("always()", "success()")


Mutation = Callable[[Scene], None]
MUTATIONS: list[tuple[str, Mutation, set[int]]] = [
    ("gated", the_group_back_on_the_workflow, {1, 3}),
    ("gated", gated_jobs_in_one_group, {1, 5}),
    ("gated", the_build_asks_too, {2}),
    ("one", one_may_wait, {3}),
    ("one", nothing_is_said, {3}),
    ("one", no_guard_of_ancestry, {4}),
    ("one", no_group_at_all, {4}),
    ("gated", no_second_look, {4}),
    ("gated", an_early_look, {4}),
    ("gated", a_look_that_binds_nobody, {4}),
    ("one", by_hand_as_automatic, {5}),
    ("one", by_hand_looks_too, {5}),
    ("promoted", not_failed_is_enough, {6}),
    ("released", built_is_enough, {6}),
    ("released", no_rule_for_what_both_deployed, {8}),
    ("one", what_runs_has_no_rule, {8}),
    ("one", what_runs_is_not_held, {8}),
    ("gated", another_attempt_waits_for_the_refused_one, {1}),
    ("one", the_build_asks_too, {9}),
    ("one", the_build_waits_too, {2}),
    ("by_ref", any_workflow_is_trusted, {9}),
    ("server", no_guard_of_ancestry, {4}),
    ("one", no_bound, {10}),
    ("one", a_short_session, {10}),
    ("promoted", nothing_heals, {11}),
]


@pytest.mark.parametrize(
    ("name", "mutation", "properties"),
    MUTATIONS,
    ids=[f"{mutation.__name__}-{min(numbers)}" for _, mutation, numbers in MUTATIONS],
)
def test_what_is_broken_is_seen(name: str, mutation: Mutation, properties: set[int]) -> None:
    """A model that cannot see a property broken proves nothing."""
    broken = scene(name).copy()
    mutation(broken)

    walks = (broken.walk(random.Random(number).randbytes(100)) for number in range(TRIES))  # noqa: S311
    overtaken = (
        walk for begins in (pushed, rolled_back) for walk, _ in broken.overtaken(begins, delivered)
    )
    tries = chain(broken.stories(), overtaken, walks)
    assert any(properties & set(violations(walk)) for walk in tries)
