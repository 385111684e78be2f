"""Node starts before jsii, which notices nothing, and ends with the run however that ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from keyless_ecs.engine import libraries
from keyless_ecs.engine.kernel import _LOAD
from tests.conftest import EXAMPLE, ROOT, Content, eventually
from tests.support.command_line import files
from tests.support.config import of_services
from tests.support.script import run

LOOK = (
    "from keyless_ecs.engine import bindings\n"
    "with bindings.started():\n"
    "    import cdktf\n"
    "import jsii\n"
    "from keyless_ecs.engine.kernel import Kernel\n"
    "print(type(jsii.kernel.provider._process._process) is Kernel)\n"
    "print(cdktf.Token.is_unresolved(cdktf.Token.as_string({})))"
)
"""Prints whether jsii talks to a Kernel, and what that answers."""


@pytest.mark.slow
def test_jsii_talks_to_the_kernel_that_was_started() -> None:
    """Else every run is a sixth slower, and nothing else tells."""
    result = run(LOOK)

    assert (result.stdout, result.stderr) == ("True\nTrue\n", "")


@pytest.mark.slow
def test_jsiis_own_start_yields_the_same(tmp_path: Path, generated_example: Path) -> None:
    """The kernel is there for speed alone: where jsii starts its own, not a byte differs."""
    out = tmp_path / "out"
    result = run(
        "import sys\nfrom keyless_ecs.engine import bindings\nbindings.load_lazily()\nimport jsii\n"
        "from keyless_ecs.commands import main\n"
        f"sys.exit(main.main(['--config', {str(EXAMPLE)!r}, '--out', {str(out)!r}]))"
    )

    assert result.returncode == 0, result.stderr
    assert files(out) == files(generated_example)


def test_every_package_is_asked_for_beforehand() -> None:
    """The request is read from each package's source, which a new version may write otherwise."""
    for package in ("constructs", *libraries.installed().packages):
        source = Path(*__import__(package).__path__, "_jsii", "__init__.py").read_text()
        assert _LOAD.search(source), package


@pytest.mark.slow
def test_it_looks_ahead() -> None:
    """What is asked for in advance is there; an answer that is an error would be passed over."""
    result = run(
        "import json\nfrom keyless_ecs.engine import bindings, libraries\n"
        "from keyless_ecs.engine.kernel import Kernel\nbindings.load_lazily()\n"
        "packages = ('constructs', *libraries.installed().packages)\n"
        "kernel = Kernel.start(packages)\n"
        "hello, *loaded, last = (json.loads(kernel.stdout.readline()) for _ in range(6))\n"
        "print(last['ok']['value'])"
    )

    assert (result.stdout, result.stderr) == ("aws\n", "")


@pytest.mark.slow
def test_what_was_not_asked_for_is_loaded_by_jsii() -> None:
    """A package whose source looks otherwise is loaded when its import asks for it."""
    result = run(
        "import re\nfrom keyless_ecs.engine import kernel\n"
        f"kernel._LOAD = re.compile('(?!)')\n{LOOK}"
    )

    assert (result.stdout, result.stderr) == ("True\nTrue\n", "")


@pytest.mark.parametrize(
    ("before", "env"),
    [("import jsii", {}), ("", {"JSII_RUNTIME": "nowhere.js"})],
    ids=["jsii is imported", "a runtime of the user's own"],
)
def test_jsii_starts_its_own_where_it_should(before: str, env: dict[str, str]) -> None:
    """Whoever imports jsii first, or names another program for it, gets what jsii does."""
    script = (
        f"{before}\n"
        "from keyless_ecs.engine import bindings; from keyless_ecs.engine.kernel import Kernel\n"
        "bindings.load_lazily(); print(Kernel.start(['constructs']))"
    )

    assert run(script, **env).stdout == "None\n"


@pytest.mark.slow
def test_a_kernel_that_is_killed_is_named(tmp_path: Path) -> None:
    """By the system, for memory, say: one line, exit 2, nothing written."""
    script = (
        "import os, signal, sys\nfrom keyless_ecs.engine import kernel\n"
        "loaded = kernel.Kernel.loaded\n"
        "def killed(self):\n"
        "    asked = loaded(self); os.kill(self._pid, signal.SIGKILL); return asked\n"
        "kernel.Kernel.loaded = killed\n"
        "from keyless_ecs.commands import main\n"
        f"arguments = ['--config', {str(EXAMPLE)!r}, '--out', {str(tmp_path / 'out')!r}]\n"
        "sys.exit(main.main(arguments))"
    )

    result = run(script)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        f"{os.environ['JSII_NODE']} ended early; what it said, if anything, is above\n"
    )
    assert not (tmp_path / "out").exists()


@pytest.fixture
def many(example: Content, tmp_path: Path) -> Path:
    """Return a delivery file with more stacks than one process takes."""
    path = tmp_path / "many.yaml"
    path.write_text(json.dumps(of_services(example, 60)))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("workers", [False, True], ids=["alone", "workers"])
def test_an_interrupted_run_leaves_no_process(
    tmp_path: Path, many: Path, name: str, workers: bool
) -> None:
    """Whoever stops it, and whenever: no process goes on, no word is said, nothing is written."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    config = many if workers else EXAMPLE
    process = subprocess.Popen(
        [sys.executable, "main.py", "--config", config, "--out", tmp_path / "out"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    # With workers, Node is writing to their folders by then.
    assert eventually(
        lambda: any(temporary.glob("*/*/stacks/s1-*/cdk.tf.json" if workers else "*"))
    )
    children = psutil.Process(process.pid).children(recursive=True)

    # A terminal sends Ctrl-C to the whole group.
    send = os.killpg if name == "SIGINT" else os.kill
    send(process.pid, getattr(signal, name))
    status = process.wait(timeout=60)
    assert eventually(lambda: not any(child.is_running() for child in children))
    assert process.communicate()[1] == ""
    assert not (tmp_path / "out").exists()
    if name == "SIGKILL":
        assert status == -signal.SIGKILL
    else:
        assert status == 130
        assert list(temporary.iterdir()) == []
