"""A provider that is started once in a process, and ends with it."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from keyless_ecs.rehearsal.terraform import running_provider
from tests.conftest import eventually
from tests.support.processes import is_running

# As terraform-plugin-sdk writes it.
SERVES = r"""#!/bin/sh
echo "Provider started, to attach Terraform set the TF_REATTACH_PROVIDERS env var:"
env >"$HOME/variables"
echo "	TF_REATTACH_PROVIDERS='{\"registry.terraform.io/x/aws\":{\"Pid\":$$,\"Test\":true}}'"
while :; do sleep 0.1; done
"""


def packed(folder: Path, script: str) -> Path:
    """Return an archive as HashiCorp packs a provider, with a *script* in its place."""
    archive = folder / "terraform-provider-aws.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("terraform-provider-aws_v3.39.0_x5", script)
    return archive


def test_it_is_started_once_and_nothing_of_the_user_reaches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Terraform gets its address; the provider gets no account of the user's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the user's")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    archive = packed(tmp_path, SERVES)

    where = running_provider.started(archive)

    assert where == {"Pid": where["Pid"], "Test": True}
    assert is_running(where["Pid"])
    assert running_provider.started(archive) is where
    (folder,) = tmp_path.glob("keyless-ecs-provider-*")
    assert "the user's" not in (folder / "variables").read_text()


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Whatever ends that; and what it unpacked goes."""
    code = (
        "import json, sys, time; from pathlib import Path\n"
        "from keyless_ecs.rehearsal.terraform import running_provider\n"
        "print(json.dumps(running_provider.started(Path(sys.argv[1]))), flush=True)\n"
        "time.sleep(600)"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code, packed(tmp_path, SERVES)],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
    )
    assert starter.stdout
    where: dict[str, Any] = json.loads(starter.stdout.readline())
    assert is_running(where["Pid"])

    starter.kill()
    starter.communicate()

    assert eventually(lambda: not is_running(where["Pid"]))
    assert eventually(lambda: not list(tmp_path.glob("keyless-ecs-provider-*")))


def test_one_that_does_not_start_is_an_error(tmp_path: Path) -> None:
    """And is not waited for: it says nothing and has ended."""
    with pytest.raises(RuntimeError, match=r"terraform-provider-aws\.zip does not start"):
        running_provider.started(packed(tmp_path, "#!/bin/sh\necho no\n"))
