"""Where the state is: every backend as Terraform takes it, each stack in a place of its own."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from keyless_ecs import synthesis
from keyless_ecs.config import DeliveryFile
from keyless_ecs.output import states
from tests.conftest import Content
from tests.support.config import problems
from tests.support.terraform import needs_terraform

Delivered = Callable[[Content, str], Content]
Loaded = Callable[[Content], DeliveryFile]

KMS_KEY = "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-4def-8123-456789abcdef"
ROLE = "arn:aws:iam::123456789012:role/state"
GCP_KEY = "projects/acme/locations/eu/keyRings/terraform/cryptoKeys/state"
GITLAB = "https://gitlab.com/api/v4/projects/1/terraform/state/{stack}"
SUBSCRIPTION = "01234567-89ab-cdef-0123-456789abcdef"

SMALLEST: dict[str, Content] = {
    "local": {},
    "s3": {"bucket": "acme", "region": "eu-west-1"},
    "gcs": {"bucket": "acme"},
    "azurerm": {"storage_account": "acme", "container": "state"},
    "http": {"address": GITLAB},
    "remote": {"organization": "acme"},
    "cloud": {"organization": "acme"},
}
LARGEST: dict[str, Content] = {
    "local": {"path": "../../../states/{stack}.tfstate"},
    "s3": {
        **SMALLEST["s3"],
        "key": "{stack}/terraform.tfstate",
        "kms_key": KMS_KEY,
        "assume_role": ROLE,
    },
    "gcs": {
        "bucket": "acme",
        "prefix": "ecs/{stack}",
        "kms_key": GCP_KEY,
        "impersonate": "terraform@acme.iam.gserviceaccount.com",
    },
    "azurerm": {
        **SMALLEST["azurerm"],
        "key": "{stack}.tfstate",
        "resource_group": "state",
        "subscription_id": SUBSCRIPTION,
        "entra_id": False,
    },
    "http": {
        "address": GITLAB,
        "update_method": "PUT",
        "lock_address": f"{GITLAB}/lock",
        "lock_method": "POST",
        "unlock_method": "DELETE",
    },
    "remote": {"organization": "acme", "workspaces": "{stack}", "hostname": "tfe.acme.com"},
    "cloud": {
        "organization": "acme",
        "workspaces": "ecs-{stack}",
        "hostname": "tfe.acme.com",
        "project": "My project",
    },
}
NAME = "papyrus-production"


def written(delivered: Delivered, example: Content, kind: str, settings: Content) -> Content:
    """Return the Terraform settings of a stack whose state is in the place described."""
    example["state"] = {kind: settings}
    terraform: Content = delivered(example, NAME)["terraform"]
    return terraform


@pytest.mark.parametrize(
    ("kind", "settings", "block"),
    [
        ("local", LARGEST["local"], {"path": f"../../../states/{NAME}.tfstate"}),
        (
            "s3",
            LARGEST["s3"],
            {
                "bucket": "acme",
                "key": f"{NAME}/terraform.tfstate",
                "region": "eu-west-1",
                "encrypt": True,
                "use_lockfile": True,
                "kms_key_id": KMS_KEY,
                "assume_role": {"role_arn": ROLE},
            },
        ),
        ("gcs", SMALLEST["gcs"], {"bucket": "acme", "prefix": f"keyless-ecs/{NAME}"}),
        (
            "gcs",
            LARGEST["gcs"],
            {
                "bucket": "acme",
                "prefix": f"ecs/{NAME}",
                "kms_encryption_key": GCP_KEY,
                "impersonate_service_account": "terraform@acme.iam.gserviceaccount.com",
            },
        ),
        (
            "azurerm",
            SMALLEST["azurerm"],
            {
                "storage_account_name": "acme",
                "container_name": "state",
                "key": f"keyless-ecs/{NAME}.tfstate",
                "use_azuread_auth": True,
            },
        ),
        (
            "http",
            LARGEST["http"],
            {
                "address": GITLAB.format(stack=NAME),
                "update_method": "PUT",
                "lock_address": GITLAB.format(stack=NAME) + "/lock",
                "lock_method": "POST",
                "unlock_address": GITLAB.format(stack=NAME) + "/lock",
                "unlock_method": "DELETE",
            },
        ),
        (
            "remote",
            SMALLEST["remote"],
            {
                "hostname": "app.terraform.io",
                "organization": "acme",
                "workspaces": {"name": f"keyless-ecs-{NAME}"},
            },
        ),
    ],
)
def test_a_backend_says_where(
    example: Content, delivered: Delivered, kind: str, settings: Content, block: Content
) -> None:
    """The arguments are Terraform's own."""
    assert written(delivered, example, kind, settings)["backend"] == {kind: block}


def test_a_cloud_block_stands_alone(example: Content, delivered: Delivered) -> None:
    """Terraform refuses it beside a backend."""
    terraform = written(delivered, example, "cloud", LARGEST["cloud"])

    assert "backend" not in terraform
    assert terraform["cloud"] == {
        "hostname": "tfe.acme.com",
        "organization": "acme",
        "workspaces": {"name": f"ecs-{NAME}", "project": "My project"},
    }


@pytest.mark.parametrize(
    ("settings", "version"),
    [
        ({}, "1.10.0"),
        ({"lock_file": False}, "1.5.0"),
        ({"lock_file": False, "assume_role": ROLE}, "1.6.0"),
    ],
)
def test_terraform_is_new_enough(
    example: Content, delivered: Delivered, settings: Content, version: str
) -> None:
    """An older one would stop at an argument that it does not know."""
    terraform = written(delivered, example, "s3", {**SMALLEST["s3"], **settings})

    assert terraform["required_version"] == f">= {version}"


@pytest.mark.parametrize("kind", SMALLEST)
def test_every_stack_has_a_place_of_its_own(example: Content, loaded: Loaded, kind: str) -> None:
    """Two stacks in one state would destroy each other's resources."""
    example["state"] = {kind: LARGEST[kind]}
    file = loaded(example)

    stacks = synthesis.synthesize(file, file.stack_names())
    places = {states.place(stack.text) for stack in stacks}
    assert len(places) == len(stacks) == 2
    assert None not in places


@pytest.fixture
def server() -> Iterator[str]:
    """Return the address of a server that keeps states, and locks, as Terraform asks."""
    states: dict[str, bytes] = {}
    locked: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def do_GET(self) -> None:
            self._answer(200 if self.path in states else 404, states.get(self.path, b""))

        def do_POST(self) -> None:
            states[self.path.partition("?")[0]] = self._body()
            self._answer(200)

        def do_LOCK(self) -> None:
            self._body()
            locked.add(self.path)
            self._answer(200)

        def do_UNLOCK(self) -> None:
            self._body()
            self._answer(200 if self.path in locked else 409)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}/{{stack}}"
    httpd.shutdown()
    httpd.server_close()


def run_terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform in *folder* with no cloud's credentials, and nothing to ask for any."""
    quiet = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "TF_IN_AUTOMATION": "1",
    }
    command = ["terraform", f"-chdir={folder}", *arguments, "-input=false", "-no-color"]
    return subprocess.run(command, capture_output=True, text=True, env=quiet, timeout=120)


def backend_alone(terraform: Content) -> str:
    """Return a file with a stack's backend and one resource that needs no provider."""
    only = {key: terraform[key] for key in ("backend", "cloud") if key in terraform}
    return json.dumps({"terraform": only, "resource": {"terraform_data": {"x": {"input": "x"}}}})


@needs_terraform
@pytest.mark.terraform
@pytest.mark.parametrize(
    ("kind", "stops_at"),
    [
        ("s3", "No valid credential sources found"),
        ("gcs", "could not find default credentials"),
        ("azurerm", "could not configure AzureCli Authorizer"),
        ("remote", "Failed to request discovery document"),
        ("cloud", "Failed to request discovery document"),
    ],
)
@pytest.mark.parametrize("extent", [SMALLEST, LARGEST], ids=["smallest", "largest"])
def test_terraform_knows_every_argument(
    example: Content,
    delivered: Delivered,
    tmp_path: Path,
    extent: dict[str, Content],
    kind: str,
    stops_at: str,
) -> None:
    """It reads the whole block, and stops only for want of credentials or of the network."""
    settings = extent[kind]
    if kind in ("remote", "cloud"):
        settings = {**settings, "hostname": "tfe.invalid"}
    terraform = written(delivered, example, kind, settings)
    file = tmp_path / "main.tf.json"
    file.write_text(backend_alone(terraform))

    result = run_terraform(tmp_path, "init")
    assert result.returncode == 1
    assert stops_at in result.stderr

    block = terraform.get("cloud") or terraform["backend"][kind]
    block["no_such_argument"] = "x"
    file.write_text(backend_alone(terraform))
    assert stops_at not in run_terraform(tmp_path, "init").stderr


@needs_terraform
@pytest.mark.terraform
def test_a_state_moves_by_the_three_steps(
    example: Content, delivered: Delivered, tmp_path: Path, server: str
) -> None:
    """As the refusal says: init as it is, the new file, ``init -migrate-state``."""
    old = written(delivered, example, "local", {"path": "old.tfstate"})
    new = written(delivered, example, "http", {"address": server, "lock_address": f"{server}/lock"})
    folder = tmp_path / "stack"
    folder.mkdir()
    file = folder / "main.tf.json"
    file.write_text(backend_alone(old))
    for step in (["init"], ["apply", "-auto-approve"]):
        assert run_terraform(folder, *step).returncode == 0

    file.write_text(backend_alone(new))
    migrated = run_terraform(folder, "init", "-migrate-state", "-force-copy")
    assert migrated.returncode == 0, migrated.stderr
    assert "No changes" in run_terraform(folder, "plan").stdout


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        (
            {"s3": {**SMALLEST["s3"], "key": "all.tfstate"}},
            ".s3.key: 'all.tfstate' would be one state for all stacks; "
            "put {stack} where their names stand",
        ),
        (
            {"s3": {**SMALLEST["s3"], "key": "../{stack}"}},
            ".s3.key: '../{stack}' is not a key; "
            'use names with slashes between them: "delivery/{stack}.tfstate"',
        ),
        (
            {"s3": {**SMALLEST["s3"], "secret_key": "hunter2"}},
            ".s3.secret_key: a credential never stands in this file; "
            "leave it out and set AWS_SECRET_ACCESS_KEY where Terraform runs",
        ),
        (
            {"local": {"path": "../all.tfstate"}},
            ".local.path: '../all.tfstate' would be one state for all stacks; "
            "put {stack} where their names stand",
        ),
        (
            {"local": {"path": "/var/{stack}.tfstate"}},
            ".local.path: '/var/{stack}.tfstate' is not a path for state; "
            "use one relative to the stack's folder that ends in .tfstate",
        ),
        (
            {"http": {"address": "https://me:hunter2@acme.com/{stack}"}},
            ".http.address: the value looks like a credential, and those never stand in this file; "
            "take it out, and have it replaced if others could read the file",
        ),
        (
            {"http": {"address": "http://acme.com/{stack}"}},
            ".http.address: the value is not an address for state; "
            "use https:// and a path, without user, password or query",
        ),
        (
            {"http": {"address": GITLAB, "lock_method": "POST"}},
            ".http: there is a method to lock and no address; set lock_address",
        ),
        (
            {"cloud": {"organization": "acme", "workspaces": "x" * 73 + "{stack}"}},
            f".cloud.workspaces: '{'x' * 60}…' would have more than the 90 characters "
            "of a workspace; use a shorter template",
        ),
        (
            {"cloud": {"organization": "acme", "hostname": "https://tfe.acme.com"}},
            ".cloud.hostname: 'https://tfe.acme.com' is not a host name; "
            "use it without https:// and path",
        ),
        (
            {"gcs": SMALLEST["gcs"], "s3": SMALLEST["s3"]},
            ": gcs and s3: state is in one place; keep one of them",
        ),
        (
            {"s3": None},
            ": s3 says nothing, and the state would be a file; say where it is, or leave s3 out",
        ),
        (
            {"pg": {}},
            ".pg: unknown key; use one of azurerm, cloud, gcs, http, local, remote, s3",
        ),
    ],
)
def test_a_bad_place_is_refused(
    tmp_path: Path, example: Content, place: Content, problem: str
) -> None:
    """With its line and the mend, and no credential in the message."""
    example["state"] = place

    (line,) = problems(tmp_path / "bad.yaml", example)
    assert line == f"state{problem}"
    assert "hunter2" not in line
