"""What a rehearsal does in the local AWS, and what it reads there."""

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from keyless_ecs.config import Delivery, load
from keyless_ecs.github.workflows.scripts import script
from keyless_ecs.rehearsal import scenes
from keyless_ecs.rehearsal.aws import requests, server
from keyless_ecs.rehearsal.aws.gate import Decision
from keyless_ecs.rehearsal.aws.requests import Ask, Call
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.errors import UnexpectedOutcomeError
from keyless_ecs.rehearsal.github.store import GitHub
from keyless_ecs.rehearsal.pipeline import image
from keyless_ecs.rehearsal.pipeline import steps as steps_of_job
from keyless_ecs.rehearsal.pipeline.expressions import Contexts
from keyless_ecs.rehearsal.pipeline.job import RunningJob, StepFailedError
from keyless_ecs.rehearsal.report.record import Revision
from keyless_ecs.rehearsal.report.recorder import Recorder
from keyless_ecs.rehearsal.scene import existing, inventory, registry, roles, services
from keyless_ecs.trust import claims
from keyless_ecs.trust.evaluator import resolve
from tests.conftest import EXAMPLE
from tests.support.rehearsed import LOOKED_UP, STACK, generated

pytestmark = pytest.mark.slow

BOOTSTRAP = "public.ecr.aws/nginx/nginx:stable"
Client = Callable[[str], Any]
COMMIT = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"


def test_a_users_settings_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy stands between, no profile is looked for; both are there again afterwards."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with server.started() as running:
        assert running.client("ecs", "123456789012", "eu-west-1").list_clusters()
    assert os.environ["AWS_PROFILE"] == "nobody"


def test_each_begins_empty_and_ends() -> None:
    """What an earlier rehearsal left is gone, and nothing listens any more."""
    with server.started() as first:
        first.client("ecs", "123456789012", "eu-west-1").create_cluster(clusterName="left")
    with server.started() as second:
        assert not second.client("ecs", "123456789012", "eu-west-1").list_clusters()["clusterArns"]
    with pytest.raises(EndpointConnectionError):
        first.client("ecs", "123456789012", "eu-west-1").list_clusters()


@pytest.fixture(scope="module")
def delivery() -> Delivery:
    """Return the shipped example."""
    (found,) = load(EXAMPLE).deliveries()
    return found


@pytest.fixture
def client(aws: LocalAws, delivery: Delivery) -> Client:
    """Return what makes clients of the account's administrator."""
    return lambda service: aws.client(service, delivery.account.id, delivery.region)


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> GitHub:
    """Return a GitHub that has what the example names."""
    path = tmp_path_factory.mktemp("github") / "github.json"
    return existing.github(load(EXAMPLE), path)


@pytest.fixture(scope="module")
def delivered(aws: LocalAws, delivery: Delivery, github: GitHub) -> Delivery:
    """Make the example's registry, service and deploy role, as Terraform does."""
    ecs = aws.client("ecs", delivery.account.id, delivery.region)
    iam = aws.client("iam", delivery.account.id, delivery.region)
    aws.client("ecr", delivery.account.id, delivery.region).create_repository(
        repositoryName=delivery.image_repository
    )
    ecs.create_cluster(clusterName=delivery.cluster_name)
    ecs.register_task_definition(**definition(delivery))
    ecs.create_service(
        cluster=delivery.cluster_name,
        serviceName=delivery.service_name,
        taskDefinition=delivery.name,
        desiredCount=1,
    )
    iam.create_open_id_connect_provider(
        Url="https://token.actions.githubusercontent.com",
        ClientIDList=["sts.amazonaws.com"],
        ThumbprintList=["0" * 40],
    )
    repository = github.repository("Nickelth/Papyrus")
    ids = dict(
        zip(LOOKED_UP, (str(github.user("Nickelth")["id"]), str(repository["id"])), strict=True)
    )
    local = generated(STACK)["locals"]
    for name, kind in ((delivery.build_role, "build"), (delivery.deploy_role, "deploy")):
        iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(resolve(local[f"{kind}_role_trust"], ids)),
        )
        iam.put_role_policy(
            RoleName=name,
            PolicyName=kind,
            PolicyDocument=json.dumps(local[f"{kind}_role_permissions"]),
        )
    services.start_tasks(aws, delivery)
    return delivery


def definition(delivery: Delivery, **differing: Any) -> dict[str, Any]:
    """Return a revision of the example's task."""
    containers = [{"name": delivery.container_name, "image": BOOTSTRAP, "essential": True}]
    return {
        "family": delivery.name,
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [{"name": "log", "image": "x"}, *containers],
        **differing,
    }


@dataclass
class Pipeline:
    """Runs steps with a role, in *folder*."""

    aws: LocalAws
    delivery: Delivery
    identity: claims.Job
    role: str
    folder: Path

    def run(self, *steps: dict[str, Any], log_in: bool = True) -> dict[str, str]:
        """Run steps and return the outputs of the last."""
        contexts = Contexts({"github": {}})
        job = RunningJob(
            self.aws, self.folder, contexts, self.identity, environment={"GITHUB_SHA": COMMIT}
        )
        first = step(
            "aws-actions/configure-aws-credentials",
            role_to_assume=self.delivery.role_arn(self.role),
            aws_region=self.delivery.region,
        )
        last = {**steps[-1], "id": "last"}
        steps_of_job.run(
            job,
            [*([first] if log_in else []), *steps[:-1], last],
            Recorder(lambda _: None),
            title="job",
        )
        outputs: dict[str, str] = contexts.values["steps"]["last"]["outputs"]
        return outputs

    def failure(self, *steps: dict[str, Any], log_in: bool = True) -> str:
        """Return why the last of these steps fails."""
        with pytest.raises(StepFailedError) as failed:
            self.run(*steps, log_in=log_in)
        return str(failed.value)


def step(action: str, **inputs: str) -> dict[str, Any]:
    """Return a step; an input has ``-`` where its name here has ``_``."""
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    return {"uses": f"{action}@v1", "with": given}


LOG_IN = step("aws-actions/amazon-ecr-login")
RENDER = step(
    "aws-actions/amazon-ecs-render-task-definition",
    task_definition="task-definition.json",
    container_name="papyrus",
    image="registry/papyrus@sha256:1",
)
DEPLOY: dict[str, Any] = {
    "run": script("roll_out"),
    "env": {
        "BY_HAND": "true",
        "TASK_DEFINITION": "${{ steps.render.outputs.task-definition }}",
        "ECS_CLUSTER": STACK,
        "ECS_SERVICE": STACK,
        "WAIT_MINUTES": "1",
    },
}


def push(registry: str, tag: str = COMMIT, repository: str = "papyrus") -> dict[str, Any]:
    """Return a step that pushes."""
    tags = f"{registry}/{repository}:{tag}"
    return step("docker/build-push-action", push="true", platforms="linux/arm64", tags=tags)


@pytest.fixture
def pipeline(aws: LocalAws, delivered: Delivery, github: GitHub, tmp_path: Path) -> Pipeline:
    """Return what deploys the example, with a task definition as a step leaves it."""
    (tmp_path / "task-definition.json").write_text(json.dumps(definition(delivered)))
    identity = job(github, delivered.github_environment)
    return Pipeline(aws, delivered, identity, delivered.deploy_role, tmp_path)


@pytest.fixture
def building(aws: LocalAws, delivered: Delivery, github: GitHub, tmp_path: Path) -> Pipeline:
    """Return what builds the example's image."""
    identity = job(github, delivered.build_environment)
    return Pipeline(aws, delivered, identity, delivered.build_role, tmp_path)


def job(github: GitHub, environment: str) -> claims.Job:
    """Return what a token says of a job of the example in one of its environments."""
    return claims.Job(
        owner="Nickelth",
        owner_id=str(github.user("Nickelth")["id"]),
        repository="Papyrus",
        repository_id=str(github.repository("Nickelth/Papyrus")["id"]),
        ref="refs/heads/main",
        environment=environment,
    )


REGISTRY = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"


def test_a_push_makes_an_image(building: Pipeline, client: Client) -> None:
    """Manifest, configuration and layer are those of the OCI, and hold together by digests."""
    assert building.run(LOG_IN) == {"registry": REGISTRY}
    digest = building.run(LOG_IN, push(REGISTRY))["digest"]

    ecr = client("ecr")
    (found,) = ecr.batch_get_image(repositoryName="papyrus", imageIds=[{"imageTag": COMMIT}])[
        "images"
    ]
    assert found["imageId"]["imageDigest"] == digest
    assert registry.pushed(building.aws, building.delivery, COMMIT) == digest
    manifest = json.loads(found["imageManifest"])
    assert (manifest["schemaVersion"], manifest["mediaType"]) == (2, image.MANIFEST)
    assert manifest["config"]["mediaType"] == image.CONFIG
    assert [layer["mediaType"] for layer in manifest["layers"]] == [image.LAYER]


def test_an_image_is_made_of_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """One commit, one image, whenever it is built; another commit, another image."""

    class Ecr:
        """Takes an image as ECR does."""

        def __init__(self) -> None:
            self.blobs: list[bytes] = []

        def batch_check_layer_availability(self, **_: Any) -> Any:
            return {"layers": []}

        def initiate_layer_upload(self, **_: Any) -> Any:
            return {"uploadId": "1"}

        def upload_layer_part(self, **given: Any) -> None:
            assert given["partLastByte"] == len(given["layerPartBlob"]) - 1
            self.blobs.append(given["layerPartBlob"])

        def complete_layer_upload(self, **given: Any) -> None:
            assert given["layerDigests"] == [sha256(self.blobs[-1])]

        def put_image(self, **given: Any) -> Any:
            digest = sha256(given["imageManifest"].encode())
            self.manifest = json.loads(given["imageManifest"])
            return {"image": {"imageId": {"imageDigest": digest}}}

    def pushed(commit: str) -> tuple[str, Ecr]:
        ecr = Ecr()
        return image.push(ecr, "papyrus", "x", commit, platform="linux/arm64"), ecr

    digest, ecr = pushed(COMMIT)
    config, layer = ecr.blobs
    described = [ecr.manifest["config"], *ecr.manifest["layers"]]
    assert [(d["digest"], d["size"]) for d in described] == [
        (sha256(blob), len(blob)) for blob in ecr.blobs
    ]
    said, files = json.loads(config), gzip.decompress(layer)
    assert (said["os"], said["architecture"]) == ("linux", "arm64")
    assert said["rootfs"] == {"type": "layers", "diff_ids": [sha256(files)]}
    with tarfile.open(fileobj=io.BytesIO(files)) as archive:
        content = archive.extractfile("commit")
        assert content is not None
        assert content.read().decode() == COMMIT
    monkeypatch.setattr("time.time", lambda: 1.0)
    assert pushed(COMMIT)[0] == digest
    assert pushed("another")[0] != digest


def sha256(blob: bytes) -> str:
    """Return a digest as registries write it."""
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


@pytest.mark.parametrize(
    ("step_", "says"),
    [
        (push("other.example"), "no login for other.example"),
        (push(REGISTRY, tag=""), "invalid reference format"),
        (push(REGISTRY, repository="secrets"), f"failed to push {REGISTRY}/secrets.*AccessDenied"),
        (step("docker/build-push-action", push="false", tags="x"), "does not push"),
        (step("docker/build-push-action", tags="x"), "required and not supplied: push"),
    ],
)
def test_a_push_that_fails(building: Pipeline, step_: dict[str, Any], says: str) -> None:
    """Another registry, no tag, another repository, nothing to push."""
    assert re.search(says, building.failure(LOG_IN, step_))


def test_a_push_wants_a_login(building: Pipeline) -> None:
    """Credentials of AWS are none of the registry's."""
    assert f"no login for {REGISTRY}" in building.failure(push(REGISTRY))


def test_a_rendered_definition_has_the_image_in_its_container(pipeline: Pipeline) -> None:
    """There and nowhere else; the file that was read stays."""
    rendered = Path(pipeline.run(RENDER)["task-definition"])

    content = json.loads(rendered.read_text())
    before = json.loads((pipeline.folder / "task-definition.json").read_text())
    assert [c["image"] for c in content["containerDefinitions"]] == [
        "x",
        "registry/papyrus@sha256:1",
    ]
    assert before["containerDefinitions"][1]["image"] == BOOTSTRAP


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "Task definition file does not exist: task-definition.json"),
        ("", "Invalid task definition format"),
        ("null", "Invalid task definition format"),
        ("{}", "Invalid task definition format"),
        ('{"containerDefinitions": []}', "Invalid task definition format"),
        ('{"containerDefinitions": [{"name": "web"}]}', "matching name: papyrus; there is web"),
    ],
)
def test_a_definition_that_cannot_be_rendered(
    pipeline: Pipeline, content: str | None, says: str
) -> None:
    """The step says what is wrong with the file."""
    path = pipeline.folder / "task-definition.json"
    path.unlink()
    if content is not None:
        path.write_text(content)

    assert says in pipeline.failure(RENDER)


EMPTY = {
    "containerDefinitions": [
        {
            "name": "papyrus",
            "image": BOOTSTRAP,
            "command": ["sh", "-c", ""],
            "environment": [{"name": "EMPTY", "value": ""}, {"name": "ü", "value": "\u2028 '\"$`"}],
            "dockerLabels": {"empty": ""},
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": ""}},
            "mountPoints": [],
            "linuxParameters": {"capabilities": {"add": [], "drop": []}},
            "readonlyRootFilesystem": False,
            "cpu": 0,
        },
    ],
    "volumes": [{"name": "data", "host": {}}],
    "placementConstraints": [],
    "tags": [{"key": "keyless-ecs:digest", "value": "sha256:1"}, {"key": "empty", "value": ""}],
}
"""What the action for it would change: amazon-ecs-deploy-task-definition leaves out whatever is
empty, in lists and at every depth (cleanNullKeys in its index.js at c465972, v2.6.3)."""


def test_what_is_registered_is_what_was_rendered(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the field: but for what ECS gives and does not take, nothing is added, changed or lost."""
    described = {
        **definition(pipeline.delivery, revision=3, status="ACTIVE", compatibilities=["FARGATE"]),
        **EMPTY,
        "registeredAt": "2026-11-26T15:00:00+00:00",
    }
    (pipeline.folder / "task-definition.json").write_text(json.dumps(described))
    asks, received = requests.asks, list[Any]()

    def noting(call: Call, *, account: str) -> list[Ask] | None:
        if call.operation == "RegisterTaskDefinition":
            received.append(call.parameters)
        return asks(call, account=account)

    monkeypatch.setattr(requests, "asks", noting)
    pipeline.run({**RENDER, "id": "render"}, DEPLOY)

    (rendered,) = pipeline.folder.glob("rendered*.json")
    given = {"revision", "status", "compatibilities", "registeredAt"}
    expected = {key: value for key, value in described.items() if key not in given}
    expected["containerDefinitions"][0]["image"] = "registry/papyrus@sha256:1"
    assert received == [json.loads(rendered.read_text())] == [expected]


def test_a_deployment_moves_the_service(pipeline: Pipeline) -> None:
    """To a revision that is new, and was registered from the file.

    After a push the service is looked at before, and still runs what was compared with.
    """
    before, it = services.running(pipeline.aws, pipeline.delivery), pipeline.delivery
    ran = f"arn:aws:ecs:{it.region}:{it.account.id}:task-definition/{before.task_definition}"
    after_a_push = {**DEPLOY, "env": {**DEPLOY["env"], "BY_HAND": "false", "RAN": ran}}
    tagged = [{"key": "keyless-ecs:digest", "value": "sha256:1"}]
    what = definition(pipeline.delivery, memory="1024", revision=3, status="ACTIVE", tags=tagged)
    (pipeline.folder / "task-definition.json").write_text(json.dumps(what))

    pipeline.run({**RENDER, "id": "render"}, after_a_push)

    after = services.running(pipeline.aws, pipeline.delivery)
    assert before != after
    assert after.image == "registry/papyrus@sha256:1"
    assert services.newest(pipeline.aws, pipeline.delivery) == (after.task_definition, 1024)


def test_a_deployment_past_the_record_is_refused(pipeline: Pipeline) -> None:
    """A revision that does not say what it deploys: an old workflow file writes such."""
    what = definition(pipeline.delivery, tags=[{"key": "service", "value": "papyrus"}])
    (pipeline.folder / "task-definition.json").write_text(json.dumps(what))

    said = pipeline.failure({**RENDER, "id": "render"}, DEPLOY)
    assert "not authorized to perform: ecs:RegisterTaskDefinition" in said


@pytest.mark.parametrize(
    ("differing", "says"),
    [
        (
            {"ECS_SERVICE": "other"},
            "not authorized to perform: ecs:UpdateService on resource: .*other",
        ),
        ({"ECS_CLUSTER": "other"}, "perform: ecs:UpdateService on resource: .*/other/"),
    ],
)
def test_a_deployment_to_what_is_not_the_roles(
    pipeline: Pipeline, differing: dict[str, str], says: str
) -> None:
    """The role reaches its own service alone."""
    tagged = [{"key": "keyless-ecs:digest", "value": "sha256:1"}]
    what = definition(pipeline.delivery, tags=tagged)
    (pipeline.folder / "task-definition.json").write_text(json.dumps(what))
    step_ = {**DEPLOY, "env": {**DEPLOY["env"], **differing}}

    assert re.search(says, pipeline.failure({**RENDER, "id": "render"}, step_))


def test_a_definition_of_another_family_is_not_registered(pipeline: Pipeline) -> None:
    """Nor one that lacks what ECS requires."""
    path = pipeline.folder / "task-definition.json"
    path.write_text(json.dumps(definition(pipeline.delivery, family="other")))
    said = pipeline.failure({**RENDER, "id": "render"}, DEPLOY)
    assert "ecs:RegisterTaskDefinition" in said
    without_family = definition(pipeline.delivery)
    del without_family["family"]
    path.write_text(json.dumps(without_family))
    assert "family" in pipeline.failure({**RENDER, "id": "render"}, DEPLOY)


def test_tokens_are_tried_at_sts(aws: LocalAws, delivered: Delivery, github: GitHub) -> None:
    """Each fares as the trust policy wants it."""
    tried = list(roles.tried(aws, github, delivered))

    assert len(tried) > 100
    assert all(claim.as_expected for claim in tried)
    assert {claim.admitted for claim in tried} == {True, False}
    assert {(claim.role, claim.by) for claim in tried} == {
        (delivered.build_role, "sts"),
        (delivered.deploy_role, "sts"),
    }


def test_a_token_that_cannot_be_judged_is_not_refused(
    aws: LocalAws, delivered: Delivery, github: GitHub, client: Client
) -> None:
    """An error of the rehearsal's own must not pass for a hostile token that was kept out."""
    iam = client("iam")
    name = delivered.deploy_role
    whole = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    odd = json.loads(json.dumps(whole).replace("StringEquals", "StringNotEqualsIgnoreCase"))
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(odd))
    try:
        with pytest.raises(ClientError, match="StringNotEqualsIgnoreCase is not evaluated"):
            list(roles.tried(aws, github, delivered))
    finally:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(whole))


def test_permissions_are_counted_by_what_they_cover(aws: LocalAws, delivered: Delivery) -> None:
    """A call counts for the statement that let it through, and where it was allowed."""
    role = delivered.role_arn(delivered.deploy_role)
    own = "arn:aws:ecr:ap-northeast-1:123456789012:repository/papyrus"
    look, elsewhere = Ask("ecr:DescribeImages", own), Ask("ecr:DescribeImages", f"{own}-2")
    decisions = [
        Decision(role, look, allowed=True),
        Decision(role, look, allowed=True),
        Decision(role, look, allowed=False),
        Decision(role, elsewhere, allowed=True),
        Decision(f"{role}-2", look, allowed=True),
    ]

    found = list(roles.permissions(aws, delivered, decisions))

    assert {(p.sid, p.action, p.resource): p.uses for p in found if p.uses} == {
        ("EcrFindImage", "ecr:DescribeImages", own): 2
    }
    assert len(found) > 10


def test_the_registry_is_emptied(aws: LocalAws, delivered: Delivery, client: Client) -> None:
    """Tagged or not; and an empty one may stay empty."""
    ecr = client("ecr")
    for commit in ("one", "two"):
        image.push(ecr, "papyrus", "latest", commit, platform="linux/amd64")
    assert len(ecr.list_images(repositoryName="papyrus")["imageIds"]) > 1

    registry.empty(aws, delivered)
    registry.empty(aws, delivered)

    assert ecr.list_images(repositoryName="papyrus")["imageIds"] == []


@pytest.mark.parametrize(
    ("kept", "lost"),
    [
        # As many as a registry keeps of what was deployed, before all other images.
        ([("papyrus-production.*", 2), ("*", 1)], None),
        # What runs was pushed before them all.
        ([("papyrus-production.*", 1), ("*", 1)], "one"),
        ([("*", 5)], "one"),
    ],
)
def test_what_expires_is_seen(
    aws: LocalAws,
    delivered: Delivery,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    kept: list[tuple[str, int]],
    lost: str | None,
) -> None:
    """Many builds push out what the rules do not hold; an image that is needed is missed."""
    settings = delivered.registry.model_copy(update={"keep_deployed": 2})
    environment = delivered.environment.model_copy(update={"registry": settings})
    root = replace(delivered, environment=environment)
    rules = [
        {
            "rulePriority": number,
            "selection": {
                "tagStatus": "tagged",
                "tagPatternList": [pattern],
                "countType": "imageCountMoreThan",
                "countNumber": count,
            },
            "action": {"type": "expire"},
        }
        for number, (pattern, count) in enumerate(kept, start=1)
    ]
    client("ecr").put_lifecycle_policy(
        repositoryName="papyrus", lifecyclePolicyText=json.dumps({"rules": rules})
    )
    registry.empty(aws, delivered)
    monkeypatch.setattr(scenes, "BUILDS", 4)
    for commit in ("none", "one", "two"):
        registry.build(aws, root, commit, ["papyrus-production"] if commit != "none" else [])
    digests = {name: registry.pushed(aws, root, name) for name in ("one", "two")}
    monkeypatch.setattr(services, "running", lambda *_: Revision("it:1", f"x@{digests['one']}"))

    if lost:
        with pytest.raises(UnexpectedOutcomeError, match=f"needs {digests[lost]}, which has"):
            scenes.many_builds(aws, root, [root])
    else:
        # All but one of the builds, and the one before that nobody deployed.
        assert scenes.many_builds(aws, root, [root]) == 4
        assert set(digests.values()) <= {it.digest for it in registry.images(aws, root)}


def test_the_inventory_names_what_is_there(
    aws: LocalAws, delivered: Delivery, github: GitHub, client: Client
) -> None:
    """Everything that a stack makes, on all pages of a list, and no revisions."""
    before = inventory.taken(aws, github, [delivered])
    for number in range(101):
        client("iam").create_role(RoleName=f"r{number}", AssumeRolePolicyDocument="{}")
        client("logs").create_log_group(logGroupName=f"g{number}")
    github.create_variable("Nickelth/Papyrus", None, "X", "1")
    client("ecs").create_cluster(clusterName="gone")
    client("ecs").delete_cluster(cluster="gone")
    client("ecs").register_task_definition(**definition(delivered))

    place = f"{delivered.account.id} {delivered.region}"
    assert {
        f"{place} ECR repository papyrus",
        f"{place} ECS cluster {STACK}",
        f"{place} ECS service arn:aws:ecs:ap-northeast-1:123456789012:service/{STACK}/{STACK}",
        f"{place} OIDC provider arn:aws:iam::123456789012:oidc-provider/"
        "token.actions.githubusercontent.com",
        f"{place} role {delivered.deploy_role}",
        f"{place} security group default",
    } <= before
    assert inventory.taken(aws, github, [delivered]) - before == {
        *(f"{place} role r{number}" for number in range(101)),
        *(f"{place} log group g{number}" for number in range(101)),
        "Nickelth/Papyrus variables X",
    }
