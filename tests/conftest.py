"""Fixtures that every test shares: one warm Node process, and stacks read back as data."""

import gc
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from ruamel.yaml import YAML

from keyless_ecs.engine import bindings

with bindings.started():
    from cdktf import App, TerraformStack

from keyless_ecs import synthesis
from keyless_ecs.config import DeliveryFile, load
from keyless_ecs.config.providers import Providers
from keyless_ecs.config.state import State
from keyless_ecs.stacks import addresses
from keyless_ecs.stacks.stack import Stack
from tests.support.example import generated

if TYPE_CHECKING:
    from keyless_ecs.rehearsal.aws.server import LocalAws

ROOT = Path(__file__).parent.parent
# Stands still, while delivery.yaml is its user's.
EXAMPLE = ROOT / "tests/data/papyrus.yaml"
# What a test starts finds the package where this process does.
os.environ["PYTHONPATH"] = str(ROOT / "modules")

Content = dict[str, Any]
ReadContent = Callable[[], Content]
Resources = Callable[[str], dict[str, Content]]

# make test tries the same inputs every time; make soak looks for others, and for long.
hypothesis.settings.register_profile(
    "default", derandomize=True, deadline=None, database=None, max_examples=25
)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=5000)
_PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "default")
hypothesis.settings.load_profile(_PROFILE)
FEW = hypothesis.settings(
    max_examples=hypothesis.settings.get_profile(_PROFILE).max_examples // 5,
    # Making a failing input small would cost minutes.
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.reuse, hypothesis.Phase.generate],
)
"""For a test in which each input costs a run of Terraform."""
soaking = pytest.mark.skipif(_PROFILE != "soak", reason="run make soak")
"""For what takes minutes, and tries nothing that a smaller input does not."""


def pytest_configure() -> None:
    """Let Ctrl-C end what the tests start, also under ``nohup`` or a shell that ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # What the program says to type goes by how it was started: python -m pytest is no way.
    sys.argv = ["pytest", *sys.argv[1:]]
    gc.set_threshold(100_000, 20, 20)


def pytest_collection_finish() -> None:
    """Keep what is imported: to look through it again and again is a tenth of the time."""
    gc.freeze()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep tests in one process that share a fixture of their module: a server, a delivery.

    What wants an AWS is slow, whatever else it does.
    """
    if not isinstance(item, pytest.Function):
        return
    if "aws" in item.fixturenames:
        item.add_marker(pytest.mark.slow)
    fixtures = item._fixtureinfo.name2fixturedefs.values()
    shares = any(fixture[-1].scope == "module" for fixture in fixtures)
    if shares and not item.get_closest_marker("xdist_group"):
        item.add_marker(pytest.mark.xdist_group(item.path.stem))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread what takes long, and waits for Terraform's pauses, among what computes.

    Else all processes would wait first, and then all compute. The short ones come last, so that no
    process ends long after the others.
    """

    def group(item: pytest.Item) -> str:
        marker = item.get_closest_marker("xdist_group")
        return str(marker.args[0]) if marker else item.nodeid

    def groups(*marks: str) -> list[str]:
        found = [it for it in items if any(it.get_closest_marker(mark) for mark in marks)]
        return list(dict.fromkeys(map(group, found)))

    computing, long = groups("slow", "terraform"), [*groups("rehearsal"), "pipeline"]
    places = {name: place / len(computing) for place, name in enumerate(computing)}
    # By then two thirds of the others have begun.
    places |= {name: place / len(long) * 2 / 3 for place, name in enumerate(long)}
    items.sort(key=lambda item: places.get(group(item), 1))


def eventually(happens: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait until something *happens*, and tell whether it did."""
    end = time.monotonic() + seconds
    while not happens() and time.monotonic() < end:
        time.sleep(0.05)
    return happens()


@pytest.fixture
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a filesystem mirror with one version of one provider, for here and for a Mac."""
    folder = tmp_path_factory.mktemp("mirror")
    system, machine = platform.system().lower(), platform.machine()
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    for where in (f"{system}_{machine}", "darwin_arm64"):
        program = folder / f"example.com/acme/aws/6.25.0/{where}/terraform-provider-aws"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(where)
        program.chmod(0o755)
    return folder


@pytest.fixture
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    """Return an app for stacks that need no provider."""
    return App(outdir=str(tmp_path_factory.mktemp("cdktf")), skip_validation=True)


@pytest.fixture
def stack(app: App) -> TerraformStack:
    """Return an empty stack."""
    return Stack(app, "test", state=State(), providers=Providers())


@pytest.fixture
def content(app: App) -> ReadContent:
    """Return what synthesizes the stack and reads it back."""

    def read() -> Content:
        app.synth()
        return addresses.readable(
            json.loads(Path(app.outdir, "stacks/test/cdk.tf.json").read_text())
        )

    return read


@pytest.fixture
def resources(content: ReadContent) -> Resources:
    """Return what gives the resources of one type in *stack*, by name."""

    def of_type(type_: str) -> dict[str, Content]:
        found: dict[str, Content] = content().get("resource", {}).get(type_, {})
        return found

    return of_type


@pytest.fixture(scope="session")
def _synthesized() -> dict[tuple[str, str], str]:
    """Return the stacks that were synthesized already, by what was asked for."""
    return {}


@pytest.fixture
def delivered(
    loaded: Callable[[Content], DeliveryFile], _synthesized: dict[tuple[str, str], str]
) -> Callable[[Content, str], Content]:
    """Return what synthesizes one stack of a delivery file, given as data, and reads it."""

    def synthesize_one(data: Content, name: str) -> Content:
        asked = (json.dumps(data), name)
        if asked not in _synthesized:
            (stack,) = synthesis.synthesize(loaded(data), [name])
            _synthesized[asked] = stack.text
        return Content(json.loads(_synthesized[asked]))

    return synthesize_one


@pytest.fixture(scope="session")
def _example() -> Content:
    return Content(YAML(typ="safe").load(EXAMPLE))


@pytest.fixture
def example(_example: Content) -> Content:
    """Return the article's delivery file as data, for a test to change."""
    return deepcopy(_example)


@pytest.fixture(scope="session")
def generated_example() -> Path:
    """Return the folder with what the article's delivery file yields, to be read only."""
    return generated()


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[[Content], DeliveryFile]:
    """Return what writes data as a delivery file (JSON is YAML) and loads it."""

    def load_it(data: Content) -> DeliveryFile:
        path = tmp_path / "delivery.yaml"
        path.write_text(json.dumps(data, indent=2))
        return load(path)

    return load_it


@pytest.fixture(scope="module")
def aws() -> "Iterator[LocalAws]":
    """Return an AWS in this process, empty at the beginning of a module."""
    from keyless_ecs.rehearsal.aws import server

    with server.started() as running:
        yield running
