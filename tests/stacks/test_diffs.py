"""Diffs are as small as what they mean: a reviewer reads every line of them."""

import copy
import difflib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from keyless_ecs import synthesis
from keyless_ecs.config import DeliveryFile
from keyless_ecs.synthesis import files
from tests.conftest import Content
from tests.support.config import changed

pytestmark = pytest.mark.slow

Loaded = Callable[[Content], DeliveryFile]
Files = dict[str, str]

MANIFEST = "manifest.json"
LISTS = {MANIFEST, "README.md", "atlantis.yaml"}
"""What names every stack."""
PUSH = "workflows/Papyrus/.github/workflows/ecr-push.yml"
DEPLOY = "workflows/Papyrus/.github/workflows/ecs-deploy.yml"
OWNER = "stacks/papyrus-production/cdk.tf.json"
SERVICE = "services.papyrus"
ENVIRONMENT = f"{SERVICE}.environments.production"


@pytest.fixture
def written(loaded: Loaded) -> Callable[[Content], Files]:
    """Return what gives every file that a delivery file yields, by its path."""

    def write(data: Content) -> Files:
        file = loaded(data)
        stacks = synthesis.synthesize(file, file.stack_names())
        made = {str(path): text for path, text in files.files(file, stacks).items()}
        return {**made, MANIFEST: synthesis.to_json(files.manifest(stacks))}

    return write


def places(before: Files, after: Files) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield each place that differs: its file, the lines that went and those that came."""
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, "").splitlines(), after.get(path, "").splitlines()
        for tag, i, j, k, m in difflib.SequenceMatcher(
            None, old, new, autojunk=False
        ).get_opcodes():
            if tag != "equal":
                yield path, old[i:j], new[k:m]


def test_a_service_touches_no_other(written: Callable[[Content], Files], example: Content) -> None:
    """It adds its files, and an entry to the lists that name every stack."""
    example["github"]["code_owners"] = ["@acme/platform"]
    before = written(example)
    example["services"]["scroll"] = {**example["services"]["papyrus"], "repository": "Scroll"}

    after = written(example)
    assert {path for path in before if after[path] != before[path]} == LISTS
    assert sorted(after.keys() - before.keys()) == [
        "stacks/scroll-production/README.md",
        "stacks/scroll-production/cdk.tf.json",
        "workflows/Scroll/.github/workflows/ecr-push.yml",
        "workflows/Scroll/.github/workflows/ecs-deploy.yml",
        "workflows/Scroll/CODEOWNERS",
    ]


@pytest.mark.parametrize("registry", [{"name": "papyrus-staging"}, {"from": "production"}])
def test_an_environment_touches_no_other_stack(
    written: Callable[[Content], Files], example: Content, registry: Content
) -> None:
    """Besides its own file it changes the lists that name every stack, and the workflows.

    A repository has one pair of them: their triggers, jobs and choices name its environments.
    """
    before = written(example)
    example["services"]["papyrus"]["environments"]["staging"] = {
        "account": "main",
        "deploy_from": {"branches": ["develop"]},
        "registry": registry,
    }

    after = written(example)
    staging = "stacks/papyrus-staging"
    assert after.keys() - before.keys() == {f"{staging}/cdk.tf.json", f"{staging}/README.md"}
    # The registry from which it deploys keeps its images, and the tags that it goes by.
    owner = {OWNER} if "from" in registry else set()
    assert {path for path in before if after[path] != before[path]} == {
        *LISTS,
        *owner,
        PUSH,
        DEPLOY,
    }
    gone = [line for path, lines, _ in places(before, after) if path == OWNER for line in lines]
    assert all("MUTABLE" in line or "rulePriority" in line for line in gone)
    # Nothing that stood in a workflow goes: what is there already runs as before.
    assert not [gone for path, gone, _ in places(before, after) if path in (PUSH, DEPLOY) and gone]


def test_an_account_touches_no_other(written: Callable[[Content], Files], example: Content) -> None:
    """One more account is one more stack."""
    before = written(example)
    example["accounts"]["test"] = {"id": "210987654321", "region": "eu-west-1"}

    after = written(example)
    test = "stacks/account-test"
    assert after.keys() - before.keys() == {f"{test}/cdk.tf.json", f"{test}/README.md"}
    assert {path for path in before if after[path] != before[path]} == LISTS


def test_a_puller_from_another_account_is_let_in(
    written: Callable[[Content], Files], example: Content
) -> None:
    """Besides what stays, the owner of the images says whom it lets deploy them."""
    environments = example["services"]["papyrus"]["environments"]
    example["accounts"]["test"] = {"id": "210987654321", "region": "eu-west-1"}
    before = written(example)
    environments["canary"] = {
        "account": "test",
        "deploy_from": {"branches": ["develop"]},
        "registry": {"from": "production"},
    }

    came = [new for path, _, new in places(before, written(example)) if path == OWNER]
    assert sum('"aws_ecr_repository_policy": {' in "".join(new) for new in came) == 1
    assert sum('"registry_pull_policy": {' in "".join(new) for new in came) == 1


@pytest.mark.parametrize(
    ("path", "value", "count"),
    [
        (f"{ENVIRONMENT}.count", 2, 1),
        (f"{ENVIRONMENT}.logs.retention_days", 90, 1),
        (f"{ENVIRONMENT}.deployment.maximum_percent", 300, 1),
        # What may wait is in a concurrency group of its own, which the workflow names.
        (f"{ENVIRONMENT}.github.wait_minutes", 5, 2),
        (f"{ENVIRONMENT}.github.variables", {"A": "1"}, 1),
        (f"{SERVICE}.task.memory", 1024, 1),
        (f"{SERVICE}.task.task_role_policies", ["arn:aws:iam::aws:policy/A"], 1),
        (f"{SERVICE}.container.command", ["serve"], 1),
        (f"{SERVICE}.container.variables", {"A": "1"}, 1),
        # Also of what runs until the first deployment.
        (f"{SERVICE}.container.port", 9090, 3),
        (f"{SERVICE}.registry.tags", "immutable", 1),
        (f"{SERVICE}.tags", {"team": "shop"}, 1),
        (f"{SERVICE}.build.dockerfile", "prod.Dockerfile", 1),
        # The number, and the rule's description, which names it.
        (f"{SERVICE}.registry.keep_images", 9, 2),
        # Each of the two roles, the variable, and each workflow that asks for it.
        (f"{ENVIRONMENT}.trust.session_hours", 2, 5),
        # In each of the two stacks of the account.
        ("accounts.main.tags", {"cost-center": "42"}, 2),
        ("accounts.main.assume_role", "arn:aws:iam::123456789012:role/terraform", 2),
        ("providers.aws", "~> 6.25", 2),
    ],
)
def test_a_setting_changes_one_place(
    written: Callable[[Content], Files], example: Content, path: str, value: Any, count: int
) -> None:
    """What a reviewer must understand is what the author meant."""
    before = written(copy.deepcopy(example))

    found = list(places(before, written(changed(example, path, value))))
    # The page beside a stack says in words what its JSON says.
    found = [place for place in found if not place[0].endswith("README.md")]
    assert len(found) == count, found
