"""Each script of the jobs, run for real in every class of what it may meet."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import step
from tests.support.step import Done

pytestmark = pytest.mark.slow

OLD, NEW = "a" * 40, "b" * 40
DIGEST, OTHER = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
NAME = "papyrus-production"
REVISION = f"arn:aws:ecs:eu-west-1:123456789012:task-definition/{NAME}:7"
JOB = {
    "BY_HAND": "false",
    "ENVIRONMENT": "production",
    "IMAGE": DIGEST,
    "ECS_CLUSTER": "shelf",
    "ECS_SERVICE": "papyrus",
    "ECS_TASK_FAMILY": NAME,
    "ECS_TASK_TEMPLATE": f"{NAME}-template",
    "ECS_CONTAINER": "papyrus",
    "ECR_REPOSITORY": "papyrus",
    "ECR_ACCOUNT_ID": "123456789012",
    "ECR_REGION": "eu-west-1",
    "GITHUB_SHA": NEW,
    "GITHUB_REF_NAME": "main",
    "GITHUB_RUN_NUMBER": "12",
}
Answers = dict[str, Any]


def run(name: str, folder: Path, answers: Answers, **variables: str) -> Done:
    """Run a script of the deploy job."""
    return step.run(name, folder, answers, **{**JOB, **variables})


def service(state: str = "COMPLETED", revision: str = REVISION, **more: Any) -> Answers:
    """Return what ECS says of the service, whose one deployment is in *state*."""
    deployment = {"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": state}
    found = {"status": "ACTIVE", "taskDefinition": revision, "deployments": [deployment]}
    return {"services": [{**found, "runningCount": 1, "desiredCount": 1, **more}], "failures": []}


def tags(**values: str) -> list[dict[str, str]]:
    """Return tags of a revision as ECS gives them: ``commit`` for ``keyless-ecs:commit``."""
    return [{"key": f"keyless-ecs:{key}", "value": value} for key, value in values.items()]


DEPLOYED = tags(commit=OLD, push="11", digest=OTHER, template=f"{NAME}-template:3")
TEMPLATE = {"taskDefinition": {"family": f"{NAME}-template", "revision": 4}}


def described(running: list[dict[str, str]] | None, digest: str = OTHER) -> Answers:
    """Return the descriptions of the revision that runs, with these tags, and of the template."""
    containers = [{"name": "log", "image": "x"}, {"name": "web", "image": f"web@{digest}"}]
    definition = {"family": NAME, "revision": 7, "containerDefinitions": containers}
    revision = {"taskDefinition": definition, "tags": running}
    of_both = {REVISION: revision, f"{NAME}-template": TEMPLATE}
    return {"by": "task-definition", "answers": of_both}


# Read what runs


def test_what_runs_is_read_from_the_tags_of_its_revision(tmp_path: Path) -> None:
    """No second record can disagree with it."""
    answers = {"describe-services": service(), "describe-task-definition": described(DEPLOYED)}

    done = run("read_what_runs", tmp_path, answers)

    assert (done.status, done.outputs) == (
        0,
        {
            "state": "COMPLETED",
            "commit": OLD,
            "push": "11",
            "digest": OTHER,
            "template": f"{NAME}-template:3",
            "newest": f"{NAME}-template:4",
            "revision": REVISION,
        },
    )


@pytest.mark.parametrize(
    "running",
    [
        None,
        [],
        tags(commit="", push="", digest="", template=""),
        tags(commit="None", push="none", digest="latest", template="x"),
        tags(commit="$(id)", push="1 -o 1", digest=f"{OTHER} x", template="a:b"),
        tags(commit=f"{OLD}0", push="-1", digest=f"{OTHER}0", template=f"{NAME}:-1"),
        tags(push="0"),
    ],
)
def test_what_is_no_record_is_none(tmp_path: Path, running: list[dict[str, str]]) -> None:
    """Whoever may tag a revision could have written anything: it is looked at before it is used."""
    answers = {"describe-services": service(), "describe-task-definition": described(running)}

    found = run("read_what_runs", tmp_path, answers).outputs

    assert {key: found[key] for key in ("commit", "push", "digest", "template")} == {
        "commit": "",
        "push": "0",
        "digest": "",
        "template": "",
    }


def test_the_record_of_another_image_is_none(tmp_path: Path) -> None:
    """A file of an earlier version, run on an old tag, copies the tags of the revision it finds."""
    described_so = described(DEPLOYED, digest=DIGEST)
    answers = {"describe-services": service(), "describe-task-definition": described_so}

    found = run("read_what_runs", tmp_path, answers).outputs

    assert (found["commit"], found["digest"], found["push"]) == ("", "", "11")


@pytest.mark.parametrize("answer", [{"services": []}, service(status="INACTIVE")])
def test_a_service_that_is_not_there_fails(tmp_path: Path, answer: Answers) -> None:
    """It is named, with its cluster."""
    done = run("read_what_runs", tmp_path, {"describe-services": answer})

    assert done.status == 1
    assert "no active service papyrus in the cluster shelf" in done.said


def test_a_deployment_that_rolls_out_is_waited_for(tmp_path: Path) -> None:
    """So that what it deploys is what is compared with, should it fail."""
    answers = {
        "describe-services": [service("IN_PROGRESS"), service("IN_PROGRESS"), service("FAILED")],
        "describe-task-definition": described(DEPLOYED),
    }
    done = run("read_what_runs", tmp_path, answers)

    assert (done.outputs["state"], len(done.called("describe-services"))) == ("FAILED", 3)


def test_the_wait_for_another_deployment_ends(tmp_path: Path) -> None:
    """After ten minutes it is decided with what there is; by hand nothing waits."""
    answers = {
        "describe-services": service("IN_PROGRESS"),
        "describe-task-definition": described(DEPLOYED),
    }
    done = run("read_what_runs", tmp_path, answers)
    assert (done.outputs["state"], len(done.called("describe-services"))) == ("IN_PROGRESS", 40)

    done = run("read_what_runs", tmp_path, answers, BY_HAND="true")
    assert (done.outputs["state"], len(done.called("describe-services"))) == ("IN_PROGRESS", 1)


# Decide

RUNS = {
    "STATE": "COMPLETED",
    "COMMIT": OLD,
    "PUSH": "11",
    "DIGEST": OTHER,
    "TEMPLATE": "t:3",
    "NEWEST": "t:3",
}


@pytest.mark.parametrize(
    ("order", "runs", "next_"),
    [
        # Newer means: ahead of what runs, whichever run came later.
        ("ahead", {}, "deploy"),
        ("ahead", {"PUSH": "99"}, "deploy"),
        ("behind", {}, "superseded"),
        ("behind", {"PUSH": "1"}, "superseded"),
        ("behind", {"DIGEST": DIGEST}, "superseded"),
        # What failed does not run.
        ("behind", {"STATE": "FAILED"}, "deploy"),
        ("behind", {"STATE": "IN_PROGRESS"}, "superseded"),
        # Neither is an ancestor of the other: the later push.
        ("diverged", {}, "deploy"),
        ("diverged", {"PUSH": "12"}, "deploy"),
        ("diverged", {"PUSH": "13"}, "superseded"),
        ("Not Found (HTTP 404)", {}, "deploy"),
        ("Not Found (HTTP 404)", {"PUSH": "13"}, "superseded"),
        # Nothing was deployed yet.
        (None, {"COMMIT": "", "PUSH": "0", "DIGEST": ""}, "deploy"),
        (None, {"COMMIT": "", "PUSH": "13", "DIGEST": ""}, "superseded"),
        # The same image runs already, unless it failed or Terraform has changed the task.
        ("identical", {"DIGEST": DIGEST}, "keep"),
        ("identical", {"DIGEST": DIGEST, "PUSH": "13"}, "keep"),
        ("identical", {"DIGEST": DIGEST, "NEWEST": "t:4", "PUSH": "13"}, "deploy"),
        ("identical", {"DIGEST": DIGEST, "STATE": "FAILED"}, "deploy"),
        ("identical", {"DIGEST": DIGEST, "STATE": "IN_PROGRESS"}, "deploy"),
        # Another image of the same commit: the later push.
        ("identical", {}, "deploy"),
        ("identical", {"PUSH": "13"}, "superseded"),
    ],
)
def test_an_older_commit_never_replaces_a_newer_one(
    tmp_path: Path, order: str | None, runs: dict[str, str], next_: str
) -> None:
    """Three ends: it is deployed, it runs already, or it is superseded and says so."""
    done = run("decide", tmp_path, {"gh": order}, **RUNS | runs)

    assert (done.status, done.outputs) == (0, {"next": next_}), done.said
    assert bool(done.called("gh")) == (order is not None)
    asked = f"repos/Nickelth/Papyrus/compare/{OLD}...{NEW}?per_page=1"
    assert all(call[0:2] == ["gh", ["api", asked, "--jq", ".status"]] for call in done.calls)
    command = (
        f"gh workflow run ecs-deploy.yml --ref main -f environment=production -f image={DIGEST}"
    )
    assert (command in done.summary) == (next_ == "superseded")
    assert done.summary
    # What has no record is not named by nothing.
    assert "``" not in done.summary


def test_by_hand_asks_nothing(tmp_path: Path) -> None:
    """A roll-back must work while GitHub's API does not, whatever runs."""
    done = run("decide", tmp_path, {}, **RUNS, BY_HAND="true")

    assert (done.outputs, done.calls) == ({"next": "deploy"}, [])


@pytest.mark.parametrize("error", ["Bad Gateway (HTTP 502)", "Resource not accessible (HTTP 403)"])
def test_no_answer_is_no_decision(tmp_path: Path, error: str) -> None:
    """Only that a commit is gone counts as an answer; all else stops the job."""
    done = run("decide", tmp_path, {"gh": error}, **RUNS)

    assert (done.status, done.outputs) == (1, {})
    assert error in done.said


def test_the_host_is_the_one_of_the_run(tmp_path: Path) -> None:
    """Gh reads GH_HOST for Enterprise Server and ghe.com."""
    done = run(
        "decide", tmp_path, {"gh": "ahead"}, **RUNS, GITHUB_SERVER_URL="https://git.acme.com"
    )

    assert done.calls[0][2] == "git.acme.com"


def test_the_command_can_be_pasted_whatever_the_names_are(tmp_path: Path) -> None:
    """A ref and an environment may hold what a shell reads.

    P9: it names the ref of the run, as from the default branch GitHub refuses an environment that
    takes tags alone (ViewComponent/view_component#2703).
    """
    hostile = {"ENVIRONMENT": "it's $(id)", "GITHUB_REF_NAME": "fix/`id`#1"}
    done = run("decide", tmp_path, {"gh": "behind"}, **RUNS | hostile)

    (command,) = [line for line in done.summary.splitlines() if "gh workflow run" in line]
    words = step.words(command)
    assert words[5:8] == ["fix/`id`#1", "-f", "environment=it's $(id)"]


# Find the image

MANIFEST = '{\n  "schemaVersion": 2\n}\n'
REPOSITORIES = {"repositories": [{"repositoryUri": "registry/papyrus"}]}


def image(digest: str, *names: str, pushed: float = 1.0) -> Answers:
    """Return an image as ECR describes it."""
    named = {"imageTags": list(names)} if names else {}
    return {"imageDigest": digest, "imagePushedAt": pushed, **named}


def registry(*images: Answers, taken: dict[str, str] | None = None) -> Answers:
    """Return a registry's answers; *taken* are the digests of tags."""
    found = {"images": [], "failures": [{"failureCode": "ImageNotFound"}]}
    by_digest = {f"imageDigest={one['imageDigest']}": {"imageDetails": [one]} for one in images}
    return {
        "describe-images": {
            "by": "image-ids",
            "answers": by_digest,
            "else": "ImageNotFoundException",
        }
        if images
        else "ImageNotFoundException",
        "describe-repositories": REPOSITORIES,
        "batch-get-image": {
            "by": "image-ids",
            "answers": {
                f"imageTag={tag}": {"images": [{"imageId": {"imageDigest": digest}}]}
                for tag, digest in (taken or {}).items()
            },
            "else": found,
        },
    }


def test_the_image_of_a_push_is_its_digest(tmp_path: Path) -> None:
    """Of the commit of the run, whatever other names the image has."""
    done = run("find_image", tmp_path, registry(image(DIGEST, OLD, "runs.other")))

    assert done.outputs == {
        "digest": DIGEST,
        "uri": f"registry/papyrus@{DIGEST}",
        "commit": NEW,
        "runs": f"runs.{NAME}",
        "held": f"runs.{NAME}.next",
        "kept": f"{NAME}.{NEW}",
    }
    where = {"registry-id": "123456789012", "region": "eu-west-1"}
    assert all(where.items() <= call[1].items() for call in done.calls)


def test_a_second_image_of_a_commit_is_kept_beside_the_first(tmp_path: Path) -> None:
    """Its tag would be taken from the first, which then could expire."""
    answers = registry(image(DIGEST, NEW), taken={f"{NAME}.{NEW}": OTHER})
    assert run("find_image", tmp_path, answers).outputs["kept"] == f"{NAME}.{NEW}-{'1' * 12}"

    answers = registry(image(DIGEST, NEW), taken={f"{NAME}.{NEW}": DIGEST})
    assert run("find_image", tmp_path, answers).outputs["kept"] == f"{NAME}.{NEW}"


def test_an_image_that_is_gone_fails(tmp_path: Path) -> None:
    """In the registry's own words."""
    done = run("find_image", tmp_path, registry())

    assert done.status == 1
    assert "ImageNotFoundException" in done.said


@pytest.mark.parametrize(
    ("names", "commit", "kept"),
    [
        ([OLD, f"runs.{NAME}"], OLD, OLD),
        ([f"{NAME}.{OLD}"], "", "1" * 64),
        (["c" * 64, "v1"], "c" * 64, "c" * 64),
        ([], "", "1" * 64),
    ],
)
def test_by_hand_a_digest_is_of_the_commit_that_its_tag_names(
    tmp_path: Path, names: list[str], commit: str, kept: str
) -> None:
    """Without one it is of no commit, and kept under its own digest."""
    done = run("find_image", tmp_path, registry(image(DIGEST, *names)), BY_HAND="true")

    # It may roll out beside one that a push deploys.
    assert done.outputs["held"] == f"runs.{NAME}.hand"
    assert (done.outputs["commit"], done.outputs["kept"]) == (commit, f"{NAME}.{kept}")


@pytest.mark.parametrize(
    ("source", "images", "found"),
    [
        # Where images are built: what was deployed, else what was built.
        ("", [image(OTHER, OLD)], OTHER),
        ("", [image(OTHER, f"{NAME}.{OLD}"), image(DIGEST, OLD)], OTHER),
        ("", [image(OTHER, f"staging.{OLD}")], None),
        # Where they are promoted: what was deployed here, else in the environment before.
        ("staging.", [image(OTHER, f"staging.{OLD}")], OTHER),
        ("staging.", [image(OTHER, f"{NAME}.{OLD}"), image(DIGEST, f"staging.{OLD}")], OTHER),
        ("staging.", [image(OTHER, OLD), image(DIGEST)], None),
        # Of several, the youngest.
        (
            "staging.",
            [
                image(DIGEST, f"staging.{OLD}", pushed=1),
                image(OTHER, f"staging.{OLD}-{'2' * 12}", pushed=2),
            ],
            OTHER,
        ),
    ],
)
def test_by_hand_a_commit_names_what_may_run(
    tmp_path: Path, source: str, images: list[Answers], found: str | None
) -> None:
    """What the environment deployed, else what the one before did; only a digest passes by."""
    answers = registry(*images)
    answers["describe-images"]["else"] = {"imageDetails": images}
    answers["describe-images"] = [{"imageDetails": images}]
    done = run("find_image", tmp_path, answers, BY_HAND="true", IMAGE=OLD, SOURCE=source)

    assert done.outputs.get("digest") == found
    assert (done.status, done.outputs.get("commit")) == ((0, OLD) if found else (1, None))
    if not found:
        assert f"there is no image of {OLD} that production may run" in done.said


@pytest.mark.parametrize("given", ["main", "v1.2.3", OLD[:7], "sha256:12", "", "$(id)", "a' || 'b"])
def test_by_hand_an_image_is_a_commit_or_a_digest(tmp_path: Path, given: str) -> None:
    """Anything else is a name that can be moved, or a mistake: nothing is asked."""
    done = run("find_image", tmp_path, {}, BY_HAND="true", IMAGE=given)

    assert (done.status, done.calls) == (1, [])
    assert f"'{given}' is neither a whole commit SHA nor a digest" in done.said


# Fill in the template


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (
            {"COMMIT": NEW},
            tags(commit=NEW, push="12", digest=DIGEST, template=f"{NAME}-template:4"),
        ),
        (
            {"COMMIT": "", "BY_HAND": "true"},
            tags(push="11", digest=DIGEST, template=f"{NAME}-template:4"),
        ),
        # A later push had brought this very image, for which there is another template by now.
        (
            {"COMMIT": NEW, "PUSH": "13", "RUNS": DIGEST},
            tags(commit=NEW, push="13", digest=DIGEST, template=f"{NAME}-template:4"),
        ),
        (
            {"COMMIT": NEW, "PUSH": "13"},
            tags(commit=NEW, push="12", digest=DIGEST, template=f"{NAME}-template:4"),
        ),
    ],
)
def test_the_template_says_what_is_deployed(
    tmp_path: Path, variables: dict[str, str], expected: list[dict[str, str]]
) -> None:
    """All that Terraform described, in the family that runs, with four tags more."""
    owned = [{"key": "service", "value": "papyrus"}]
    whole = {
        "family": f"{NAME}-template",
        "cpu": "256",
        "containerDefinitions": [{"command": [""]}],
    }
    newest = f"{NAME}-template:4"
    given = {"PUSH": "11", "DIGEST": DIGEST, "RUNS": OTHER, "NEWEST": newest, **variables}
    for before in (owned, [], None):
        answers = {"describe-task-definition": {"taskDefinition": whole, "tags": before}}
        done = run("fill_in_template", tmp_path, answers, **given)

        assert done.status == 0, done.said
        assert done.called("describe-task-definition")[0]["task-definition"] == given["NEWEST"]
        assert json.loads((tmp_path / "task-definition.json").read_text()) == {
            **whole,
            "family": NAME,
            "tags": [*(before or []), *expected],
        }


# Hold and keep the image


BOTH = f"a={DIGEST} b={DIGEST}"


def tagging(put: Any, tagged: str | None = None, manifest: str = MANIFEST) -> Answers:
    """Return a registry's answers: to ``put-image``, and to which image has the tag."""
    whole = {"images": [{"imageManifest": manifest, "imageManifestMediaType": "m/type"}]}
    of_tag = {"images": [{"imageId": {"imageDigest": tagged}}] if tagged else []}
    batch = {"by": "image-ids", "answers": {f"imageDigest={DIGEST}": whole}, "else": of_tag}
    return {"put-image": put, "batch-get-image": batch}


@pytest.mark.parametrize("manifest", [MANIFEST, MANIFEST.rstrip(), "{}\n\n", '{"a": "\\u00fc é"}'])
def test_an_image_gets_its_tags_with_its_own_manifest(tmp_path: Path, manifest: str) -> None:
    """To the byte: the digest is that of the manifest, line ends included."""
    done = run(
        "tag_image",
        tmp_path,
        tagging({}, manifest=manifest),
        DIGEST=DIGEST,
        TAGS=f"a={DIGEST} b={DIGEST}",
    )

    assert (done.status, done.outputs) == (0, {"digest": DIGEST})
    assert [call["image-tag"] for call in done.called("put-image")] == ["a", "b"]
    for call in done.called("put-image"):
        assert call["image-manifest"] == manifest
        assert call["image-manifest-media-type"] == "m/type"
        assert call["image-digest"] == DIGEST


@pytest.mark.parametrize(
    ("error", "tagged"),
    [
        ("ImageAlreadyExistsException", DIGEST),
        # Another job has moved it on since.
        ("ImageAlreadyExistsException", OTHER),
        ("ImageTagAlreadyExistsException", DIGEST),
    ],
)
def test_a_tag_that_the_image_has_is_no_error(tmp_path: Path, error: str, tagged: str) -> None:
    """ECR refuses it either way, by whether tags are immutable. aws/containers-roadmap#2179."""
    done = run("tag_image", tmp_path, tagging(error, tagged), DIGEST=DIGEST, TAGS=BOTH)

    assert (done.status, done.outputs, len(done.called("put-image"))) == (0, {"digest": DIGEST}, 2)


@pytest.mark.parametrize(
    ("error", "tagged"),
    [("ImageTagAlreadyExistsException", OTHER), ("AccessDeniedException", None)],
)
def test_a_tag_on_another_image_is_an_error(tmp_path: Path, error: str, tagged: str | None) -> None:
    """And then nothing is said to be deployed."""
    done = run(
        "tag_image", tmp_path, tagging(error, tagged), DIGEST=DIGEST, TAGS=f"a={DIGEST} b={DIGEST}"
    )

    assert (done.status, done.outputs) == (1, {})
    assert error in done.said


def test_what_runs_is_held_too(tmp_path: Path) -> None:
    """It need not be what was kept last: a deployment may end before it has kept its image."""
    running = {"images": [{"imageManifest": "{}", "imageManifestMediaType": "old/type"}]}
    answers = tagging({})
    answers["batch-get-image"]["answers"][f"imageDigest={OTHER}"] = running
    tags_of = f"runs={OTHER} runs.next={DIGEST}"

    done = run("tag_image", tmp_path, answers, DIGEST=DIGEST, TAGS=tags_of)

    assert [(call["image-tag"], call["image-digest"]) for call in done.called("put-image")] == [
        ("runs", OTHER),
        ("runs.next", DIGEST),
    ]


@pytest.mark.parametrize("running", ["", OTHER])
def test_nothing_is_held_where_nothing_runs(tmp_path: Path, running: str) -> None:
    """Before the first deployment, or when somebody has deleted the image that runs."""
    gone = {"images": [], "failures": [{"failureCode": "ImageNotFound"}]}
    answers = tagging({})
    answers["batch-get-image"]["answers"][f"imageDigest={OTHER}"] = gone

    done = run("tag_image", tmp_path, answers, DIGEST=DIGEST, TAGS=f"runs={running} next={DIGEST}")

    assert (done.status, [call["image-tag"] for call in done.called("put-image")]) == (0, ["next"])
    assert (OTHER in done.said) == bool(running)


# Deploy and wait


def rolling(*answers: Answers) -> Answers:
    """Return AWS's answers to the look before the update, and while a deployment rolls out."""
    return {
        "register-task-definition": {"taskDefinition": {"taskDefinitionArn": REVISION}},
        "update-service": {"service": {"deployments": [{"id": "ecs-svc/1", "status": "PRIMARY"}]}},
        "describe-services": [service(revision=OLD_REVISION), *answers],
        "describe-task-definition": {"tags": DEPLOYED},
    }


OLD_REVISION = REVISION.replace(":7", ":5")
WAITING = {
    "TASK_DEFINITION": "/t.json",
    "DIGEST": DIGEST,
    "WAIT_MINUTES": "30",
    "RAN": OLD_REVISION,
    "WAS": "COMPLETED",
}


def another(state: str = "COMPLETED") -> Answers:
    """Return a service that deploys another revision."""
    answer = service(state, OLD_REVISION)
    answer["services"][0]["deployments"][0]["id"] = "ecs-svc/2"
    return answer


def test_it_ends_when_the_deployment_is_complete(tmp_path: Path) -> None:
    """And the old tasks are gone: one deployment, its own, with all its tasks."""
    two = service()
    two["services"][0]["deployments"].append({"id": "ecs-svc/0", "status": "ACTIVE"})
    answers = rolling(service("IN_PROGRESS"), two, service(runningCount=0), service())

    done = run("roll_out", tmp_path, answers, **WAITING)

    assert (done.status, len(done.called("describe-services"))) == (0, 5), done.said
    assert done.called("register-task-definition")[0]["cli-input-json"] == "file:///t.json"
    assert done.called("update-service")[0]["task-definition"] == REVISION
    assert set(done.called("update-service")[0]) == {
        *("cluster", "service", "task-definition", "query", "output")
    }


@pytest.mark.parametrize(
    ("last", "why"),
    [
        (service("FAILED", OLD_REVISION), "failed and was rolled back"),
        (another(), "was rolled back, or replaced by another"),
        (another("IN_PROGRESS"), "was rolled back, or replaced by another"),
        ({"services": []}, "was rolled back, or replaced by another"),
    ],
)
def test_a_deployment_that_comes_to_nothing_says_what_runs(
    tmp_path: Path, last: Answers, why: str
) -> None:
    """Rolled back, or overtaken by another: red, with what runs and how to repeat it."""
    after = last if last["services"] else another()
    answers = rolling(service("IN_PROGRESS"), last, after)
    done = run("roll_out", tmp_path, answers, **WAITING, SECONDS="61")

    assert done.status == 1
    assert why in done.summary
    assert f"{NAME}:5 is what the service is to run now, of commit {OLD}" in done.summary
    assert f"-f environment=production -f image={DIGEST}" in done.summary


SINCE = REVISION.replace(":7", ":6")


@pytest.mark.parametrize(
    ("of", "commit"), [(DEPLOYED, OLD), (tags(digest=OTHER), "unknown"), (None, "unknown")]
)
def test_what_has_come_since_the_comparison_is_not_replaced(
    tmp_path: Path, of: list[dict[str, str]] | None, commit: str
) -> None:
    """Whoever has the service run another: a newer push, a person, ECS by rolling back, Terraform.

    It is looked at directly before the update, with nothing in between.
    """
    answers = rolling() | {
        "describe-services": service("IN_PROGRESS", SINCE),
        "describe-task-definition": {"tags": of},
    }
    done = run("roll_out", tmp_path, answers, **WAITING | {"WAIT_MINUTES": "0"})

    assert done.status == 1
    assert [operation for operation, _ in done.calls] == [
        "register-task-definition",
        "describe-services",
        "describe-task-definition",
    ]
    why = f"another has begun since it was compared with {NAME}:5"
    assert f"The deployment of {NAME}:7 was not begun: {why}." in done.summary
    assert f"{NAME}:6 is what the service is to run now, of commit {commit}.\n" in done.summary
    assert "To try again, re-run this job" in done.summary
    assert f"-f environment=production -f image={DIGEST}" in done.summary
    assert f"::error::the deployment of {NAME}:7 was not begun" in done.said


@pytest.mark.parametrize(
    ("before", "now", "updates"),
    [
        ("FAILED", "FAILED", True),
        ("FAILED", "IN_PROGRESS", False),
        ("FAILED", "COMPLETED", False),
        # It was waited for, for ten minutes.
        ("IN_PROGRESS", "COMPLETED", True),
    ],
)
def test_what_had_failed_may_run_by_now(
    tmp_path: Path, before: str, now: str, updates: bool
) -> None:
    """An older commit may replace what failed. A service that is made anew may begin with it."""
    answers = rolling() | {"describe-services": service(now, OLD_REVISION)}
    done = run("roll_out", tmp_path, answers, **WAITING | {"WAS": before, "WAIT_MINUTES": "0"})

    assert bool(done.called("update-service")) is updates


def test_what_was_compared_with_is_looked_at_directly_before_the_update(tmp_path: Path) -> None:
    """Two calls with nothing in between; by hand nothing is compared, and nothing is looked at."""
    same = service(revision=OLD_REVISION)
    answers = rolling() | {"describe-services": [same, service()]}
    done = run("roll_out", tmp_path, answers, **WAITING)
    assert (done.status, [operation for operation, _ in done.calls[:3]]) == (
        0,
        ["register-task-definition", "describe-services", "update-service"],
    )

    answers = rolling() | {"describe-services": service(revision=SINCE)}
    done = run("roll_out", tmp_path, answers, **WAITING, BY_HAND="true")
    assert (done.status, [operation for operation, _ in done.calls[:2]]) == (
        0,
        ["register-task-definition", "update-service"],
    )


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("AccessDeniedException", "An error occurred (AccessDeniedException)"),
        (
            {"services": []},
            "::error::there is no active service papyrus in the cluster shelf any more",
        ),
        (service(status="INACTIVE", deployments=[]), "::error::there is no active service papyrus"),
    ],
)
def test_nothing_is_updated_where_nothing_was_seen(tmp_path: Path, answer: Any, says: str) -> None:
    """No answer to the last look is none that allows the update; and a service can be gone."""
    answers = rolling() | {"describe-services": answer}
    done = run("roll_out", tmp_path, answers, **WAITING | {"WAIT_MINUTES": "0"})

    assert done.status != 0
    assert says in done.said
    assert done.called("update-service") == []


def test_what_failed_with_nothing_to_go_back_to_was_not_rolled_back(tmp_path: Path) -> None:
    """The circuit breaker goes back to what had completed, if anything had.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    answers = rolling(service("FAILED")) | {"describe-task-definition": {"tags": DEPLOYED}}
    done = run("roll_out", tmp_path, answers, **WAITING)

    assert done.status == 1
    assert (
        f"The deployment of {NAME}:7 failed. {NAME}:7 is what the service is to run" in done.summary
    )


def test_the_wait_has_a_bound(tmp_path: Path) -> None:
    """As long as the environment says, and no longer."""
    done = run(
        "roll_out", tmp_path, rolling(service("IN_PROGRESS")), **WAITING | {"WAIT_MINUTES": "0"}
    )

    assert done.status == 1
    assert "did not become stable in 0 minutes" in done.summary


@pytest.mark.parametrize("operation", ["register-task-definition", "update-service"])
def test_what_aws_refuses_stops_it(tmp_path: Path, operation: str) -> None:
    """In AWS's own words, and nothing after it is called."""
    done = run("roll_out", tmp_path, rolling() | {operation: "AccessDeniedException"}, **WAITING)

    assert done.status != 0
    assert "AccessDeniedException" in done.said
    assert done.calls[-1][0] == operation


# The newest revision is the one that runs


def revisions(
    running: list[dict[str, str]], newest: list[dict[str, str]], *, deployed: bool = False
) -> Answers:
    """Return AWS's answers: the tags of the revision that runs and of the newest one."""
    containers = [{"name": "papyrus", "image": "registry/papyrus@x", "command": [""]}]
    whole = {"family": "was", "containerDefinitions": containers}
    of_both = {REVISION: {"taskDefinition": whole, "tags": running}, NAME: {"tags": newest}}
    return {
        "describe-services": service(),
        "describe-task-definition": {"by": "task-definition", "answers": of_both},
        "batch-get-image": {"images": [{"imageId": {"imageDigest": OTHER}}] if deployed else []},
    }


FAILED = tags(commit=NEW, push="12", digest=DIGEST, template=f"{NAME}-template:4")
TO_REGISTER = {"image": "registry/papyrus@x", "revision": REVISION}
AGAIN = {"TASK_DEFINITION": "/t", "REVISION": REVISION}


@pytest.mark.parametrize(
    ("running", "newest"),
    [(DEPLOYED, DEPLOYED), (DEPLOYED, DEPLOYED[::-1]), ([], []), ([], tags(digest="none"))],
)
def test_the_newest_revision_is_left_where_it_runs(
    tmp_path: Path, running: list[dict[str, str]], newest: list[dict[str, str]]
) -> None:
    """Compared is what they say they deploy, so that one that was registered again is not again."""
    done = run("compare_newest", tmp_path, revisions(running, newest))

    assert (done.status, done.outputs, done.summary) == (0, {}, "")


def test_a_roll_back_is_what_will_run(tmp_path: Path) -> None:
    """While a failed deployment is rolled back, the service names what it goes back to."""
    answers = revisions(DEPLOYED, FAILED) | {"describe-services": service("IN_PROGRESS")}

    assert run("compare_newest", tmp_path, answers).outputs == TO_REGISTER


def test_what_runs_is_registered_once_more(tmp_path: Path) -> None:
    """After a failed deployment a service made anew would begin with what failed."""
    reserved = [{"key": "aws:cloudformation:stack-name", "value": "x"}]
    done = run("compare_newest", tmp_path, revisions([*reserved, *DEPLOYED], FAILED))

    assert done.outputs == TO_REGISTER
    rendered = json.loads((tmp_path / "what-runs.json").read_text())
    assert rendered["family"] == NAME
    assert sorted(rendered["tags"], key=lambda tag: tag["key"]) == sorted(
        DEPLOYED, key=lambda tag: tag["key"]
    )
    assert rendered["containerDefinitions"][0]["command"] == [""]


def test_the_placeholder_is_registered_again_only_before_the_first_deployment(
    tmp_path: Path,
) -> None:
    """P7. A service that is made anew never comes back with it once something was deployed.

    https://github.com/cloudposse/terraform-aws-ecs-alb-service-task/issues/93
    """
    done = run("compare_newest", tmp_path, revisions([], FAILED))
    assert done.outputs == TO_REGISTER
    # The role registers nothing that says of no image.
    rendered = json.loads((tmp_path / "what-runs.json").read_text())
    assert rendered["tags"] == tags(digest="none")

    done = run("compare_newest", tmp_path, revisions([], FAILED, deployed=True))
    assert done.outputs == {}
    assert f"production runs {NAME}:7, which no deployment made" in done.summary


def test_a_revision_made_by_hand_may_have_another_container(tmp_path: Path) -> None:
    """There is nothing that could be rendered, and it is said."""
    done = run("compare_newest", tmp_path, revisions([], FAILED), ECS_CONTAINER="other")

    assert (done.status, done.outputs) == (0, {})
    assert "has no container other" in done.summary


def test_roles_of_others_are_said(tmp_path: Path) -> None:
    """What was made by hand runs with roles that the job may not pass on."""
    refused = "AccessDeniedException: not authorized to perform: iam:PassRole"
    answers: Answers = {"describe-services": service(), "register-task-definition": refused}
    done = run("register_again", tmp_path, answers, **AGAIN)
    assert done.status == 0
    assert f"newest revision of {NAME} is not the one that production runs" in done.summary

    refused = "AccessDeniedException: not authorized to perform: ecs:RegisterTaskDefinition"
    answers["register-task-definition"] = refused
    done = run("register_again", tmp_path, answers, **AGAIN)
    assert done.status == 1
    assert "ecs:RegisterTaskDefinition" in done.said

    answers["register-task-definition"] = {"taskDefinition": {"taskDefinitionArn": REVISION}}
    done = run("register_again", tmp_path, answers, **AGAIN)
    assert (done.status, done.summary) == (0, "")


def test_what_runs_no_more_is_not_registered_again(tmp_path: Path) -> None:
    """Who had the service run another since has registered that one, or took the newest."""
    other = REVISION.replace(":7", ":8")
    done = run("register_again", tmp_path, {"describe-services": service(revision=other)}, **AGAIN)

    assert (done.status, done.summary) == (0, "")
    assert [call for call in done.calls if "register-task-definition" in call] == []


# The companion's jobs


def test_an_image_is_built_once(tmp_path: Path) -> None:
    """A second run of the commit finds what the first one pushed."""
    found = {"images": [{"imageId": {"imageDigest": DIGEST}}]}
    assert run("look_for_built", tmp_path, {"batch-get-image": found}).outputs == {"digest": DIGEST}

    none = {"images": [], "failures": [{"failureCode": "ImageNotFound"}]}
    assert run("look_for_built", tmp_path, {"batch-get-image": none}).outputs == {"digest": ""}


def test_what_another_run_deployed_is_waited_for(tmp_path: Path) -> None:
    """P10. Its deployment to the environment before may still be under way.

    A tag on a commit that was never built waits with a bound, and then is told what to do.
    """
    none = {"imageDetails": [image(OTHER, NEW), image(OTHER)]}
    there = {"imageDetails": [*none["imageDetails"], image(DIGEST, f"shop-staging.{NEW}")]}

    done = run("find_deployed", tmp_path, {"describe-images": [none, there]}, SOURCE="shop-staging")
    assert (done.status, done.outputs) == (0, {"digest": DIGEST})

    done = run("find_deployed", tmp_path, {"describe-images": none}, SOURCE="shop-staging")
    assert (done.status, len(done.calls), done.outputs) == (1, 30, {})
    assert f"shop-staging has not deployed `{NEW}`" in done.summary
