"""Changes of a delivery file that would end what runs: each stops, and each has a road."""

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from keyless_ecs.commands import main
from tests.conftest import EXAMPLE, Content
from tests.support.command_line import Result, Run, files
from tests.support.config import changed

pytestmark = pytest.mark.slow

STATE = {"s3": {"bucket": "acme", "region": "eu-west-1"}}

Written = Callable[..., Result]

SERVICE = "services.papyrus"
PRODUCTION = f"{SERVICE}.environments.production"


def put(path: Path, data: Content) -> Path:
    """Write a delivery file whose states are in a bucket: it cannot be seen what they hold."""
    path.write_text(json.dumps({**data, "state": STATE}))
    return path


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what the example yields."""
    folder = tmp_path_factory.mktemp("written")
    config = put(folder / "delivery.yaml", YAML(typ="safe").load(EXAMPLE))
    assert main.main(["--config", str(config), "--out", str(folder / "out")]) == 0
    return folder / "out"


@pytest.fixture
def write(run: Run, tmp_path: Path, written: Path) -> Written:
    """Return what runs the program on another delivery file, where the example's folder is."""
    shutil.copytree(written, tmp_path / "out")

    def run_on(data: Content, *flags: str) -> Result:
        config = put(tmp_path / "delivery.yaml", data)
        return run("--config", config, "--out", tmp_path / "out", *flags)

    return run_on


def renamed(data: Content, path: str, key: str, **settings: Any) -> Content:
    """Return *data* with another *key* in the place of the last one of *path*."""
    data = copy.deepcopy(data)
    *above, last = path.split(".")
    node = data
    for part in above:
        node = node[part]
    node[key] = {**node.pop(last), **settings}
    return data


CLUSTER = "aws_ecs_cluster.cluster"
ECS_SERVICE = "aws_ecs_service.service"
ENVIRONMENTS = {
    f"github_repository_environment.{name}" for name in ("environment", "build_environment")
}
FAMILY = "github_actions_environment_variable.environment_ECS_TASK_FAMILY"
LOGS = "aws_cloudwatch_log_group.logs"
PROVIDER = "aws_iam_openid_connect_provider.github_oidc"
REGISTRY = "aws_ecr_repository.registry"
REGIONAL = {CLUSTER, ECS_SERVICE, LOGS, REGISTRY}


@pytest.mark.parametrize(
    ("path", "value", "stopped"),
    [
        (
            "accounts.main.region",
            "eu-west-1",
            REGIONAL,
        ),
        (
            f"{PRODUCTION}.region",
            "eu-west-1",
            REGIONAL,
        ),
        (f"{PRODUCTION}.service_name", "shop", {ECS_SERVICE}),
        (f"{PRODUCTION}.cluster", {"name": "shop"}, {CLUSTER, ECS_SERVICE}),
        (f"{PRODUCTION}.cluster", {"existing": "shop"}, {CLUSTER, ECS_SERVICE}),
        (f"{PRODUCTION}.cluster", {"existing": "papyrus-production"}, {CLUSTER}),
        (f"{PRODUCTION}.logs", {"name": "/shop"}, {LOGS}),
        (f"{PRODUCTION}.task", {"family": "shop"}, {FAMILY}),
        (f"{PRODUCTION}.trust", {"role_name": "shop"}, {"aws_iam_role.deploy_role"}),
        (f"{SERVICE}.task", {"existing_execution_role": "shop"}, {"aws_iam_role.execution_role"}),
        (f"{SERVICE}.registry", {"name": "shop"}, {REGISTRY}),
        (f"{SERVICE}.registry", {"encryption": "KMS"}, {REGISTRY}),
        (f"{SERVICE}.repository", "Shop", ENVIRONMENTS),
        (f"{PRODUCTION}.github", {"name": "shop"}, ENVIRONMENTS),
        (
            "accounts.main.oidc_provider",
            "existing",
            {PROVIDER},
        ),
    ],
)
def test_what_destroys_stops_and_goes_on_when_accepted(
    write: Written, tmp_path: Path, example: Content, path: str, value: Any, stopped: set[str]
) -> None:
    """S6. Nothing is written before each address that would go was named: terraform#16200.

    Region, account, names, encryption: AWS and GitHub change none of these of what is there.
    """
    before = files(tmp_path / "out")
    data = changed(example, path, value)

    refused = write(data)
    assert refused.returncode == 2
    assert files(tmp_path / "out") == before
    *_, flags = refused.stderr.splitlines()
    assert set(flags.replace("--accept", "").split()) == stopped
    assert "without that: " in refused.stderr

    assert write(data, *flags.split()).returncode == 0
    assert write(data).returncode == 0


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{SERVICE}.task", {"memory": 1024}),
        (f"{SERVICE}.container", {"port": 80}),
        (f"{SERVICE}.registry", {"keep_images": 5, "tags": "immutable"}),
        (f"{PRODUCTION}.count", 3),
        (f"{PRODUCTION}.network", {"subnets": ["subnet-0123456789abcdef0"]}),
        (f"{PRODUCTION}.deploy_from", {"branches": ["main", "next"]}),
        (f"{PRODUCTION}.exec", True),
        ("accounts.main.tags", {"team": "shop"}),
        ("accounts.main.assume_role", "arn:aws:iam::123456789012:role/terraform"),
    ],
)
def test_what_changes_in_place_goes_on(
    write: Written, example: Content, path: str, value: Any
) -> None:
    """Nobody is asked about what destroys nothing that matters: else nobody would read it."""
    assert write(changed(example, path, value)).stderr.count("--accept") == 0


def test_a_registry_that_moves_between_stacks(write: Written, example: Content) -> None:
    """S6. The growth that README shows: an environment before the first takes its registry over."""
    grown = changed(example, f"{PRODUCTION}.registry", {"from": "staging"})
    staging = {"account": "main", "deploy_from": {"branches": ["main"]}}
    grown = changed(grown, f"{SERVICE}.environments.staging", staging)

    refused = write(grown)
    assert refused.returncode == 2
    assert "papyrus-staging takes it over: write adopt: [registry]" in refused.stderr
    assert "state rm aws_ecr_repository.registry aws_ecr_lifecycle_policy." in refused.stderr


RENAMES = [
    (PRODUCTION, "live", f"{SERVICE}.environments.live", "production"),
    (SERVICE, "scroll", "services.scroll", "papyrus"),
]


@pytest.mark.parametrize(("path", "key", "place", "was"), RENAMES)
def test_a_rename_is_taken_for_a_rename(
    write: Written, example: Content, path: str, key: str, place: str, was: str
) -> None:
    """The message says so before it says how to destroy; what it says then destroys nothing."""
    refused = write(renamed(example, path, key))
    assert refused.returncode == 2
    said = f"renamed to {place}? put the old key back, or write was: {was} there"
    assert refused.stderr.index(said) < refused.stderr.index("destroy")

    mended = write(renamed(example, path, key, was=was))
    assert "its state would move" in mended.stderr
    assert "--accept" not in mended.stderr
    assert write(renamed(example, path, key, was=was), "--move-state").returncode == 0


@pytest.mark.parametrize(("path", "key", "place", "was"), RENAMES)
def test_a_former_key_that_was_taken_out_is_asked_for(
    write: Written, example: Content, path: str, key: str, place: str, was: str
) -> None:
    """Without it each name would follow the new key: one road for all of them, not one for each."""
    assert write(renamed(example, path, key, was=was), "--move-state").returncode == 0

    refused = write(renamed(example, path, key))

    assert refused.returncode == 2
    assert f"write was: {was} at {place}, and everything keeps its name" in refused.stderr
    assert "service_name:" not in refused.stderr


@pytest.mark.parametrize(("path", "key", "was"), [(it[0], it[1], it[3]) for it in RENAMES])
def test_a_renamed_thing_keeps_its_names(
    write: Written, tmp_path: Path, example: Content, path: str, key: str, was: str
) -> None:
    """All but its tags, its stack's name and the place of its state are what they were."""
    (before,) = tmp_path.glob("out/stacks/papyrus-*/cdk.tf.json")
    text = before.read_text()
    write(renamed(example, path, key, was=was), "--move-state")
    (after,) = (
        it for it in tmp_path.glob("out/stacks/*/cdk.tf.json") if key in it.parent.name.split("-")
    )

    old, new = json.loads(text), json.loads(after.read_text())
    assert new["resource"] == old["resource"]
    assert new["locals"] == old["locals"]


def test_a_renamed_account_keeps_its_provider(write: Written, example: Content) -> None:
    """To destroy the account's stack would lock every pipeline out; M4."""
    data = renamed(example, "accounts.main", "prod")
    data = changed(data, f"{PRODUCTION}.account", "prod")

    refused = write(data)
    assert "renamed to accounts.prod? put the old key back, or write was: main" in refused.stderr
    assert "state rm aws_iam_openid_connect_provider.github_oidc" in refused.stderr
    mended = changed(data, "accounts.prod.was", "main")
    assert write(mended, "--move-state").returncode == 0


def test_a_second_delivery_file_in_one_folder(write: Written, example: Content) -> None:
    """Another file owns what is there: nothing of it is to be destroyed; M3."""
    other = copy.deepcopy(example)
    other["services"] = {"shop": {**example["services"]["papyrus"], "repository": "Shop"}}

    refused = write(other)
    assert refused.returncode == 2
    assert "renamed" not in refused.stderr
    elsewhere = refused.stderr.index(
        "of another delivery file? write this one elsewhere: --out DIR"
    )
    assert elsewhere < refused.stderr.index("destroy")
