"""Where the caches lie, and that the first run of an installed program fills them."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from keyless_ecs.engine import cache
from tests.conftest import ROOT
from tests.support.script import A_RUN, SET_BY_US, run


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a process that nobody has prepared; give the variables back afterwards."""
    for name in SET_BY_US:
        monkeypatch.delenv(name, raising=False)


def test_the_caches_lie_in_the_virtual_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go with what they are of."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    cache.choose()
    assert os.environ["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] == str(tmp_path / "jsii-cache")
    assert os.environ["NODE_COMPILE_CACHE"] == str(tmp_path / "node-cache")


def test_else_they_lie_with_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment belongs to somebody else, or there is none."""
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    cache.choose()
    place = tmp_path / "keyless-ecs/jsii-cache"
    assert os.environ["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] == str(place)


def test_a_cache_is_cold_until_it_was_warmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And again for other bindings, but never where it is the user's own."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (tmp_path / "jsii-cache").mkdir()

    assert cache.is_cold()
    cache.wait_for_indexes(seconds=0)
    assert not cache.is_cold()
    (mark,) = (tmp_path / "jsii-cache").iterdir()
    mark.rename(mark.with_name("warm-for-aws-0.0.0-github-0.0.0"))
    assert cache.is_cold()
    monkeypatch.setenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT", "/elsewhere")
    assert not cache.is_cold()


@dataclass(frozen=True)
class Filled:
    """What two runs at once left behind, the first of a program that somebody has installed."""

    folder: Path
    out: Path
    runs: list[subprocess.CompletedProcess[str]]

    @property
    def env(self) -> dict[str, str]:
        """The variables for a run with these caches."""
        return {
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(self.folder / "jsii-cache"),
            "NODE_COMPILE_CACHE": str(self.folder / "node-cache"),
        }


FIRST = "import sys; sys.prefix = sys.base_prefix; " + A_RUN.replace("'adopt'", "*sys.argv[1:]")
"""A run of a program that may not write to where it is installed."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Fill caches once, for all that need some of their own: it takes several seconds."""
    home = tmp_path_factory.mktemp("filled")
    found = Filled(home / "keyless-ecs", home / "out", [])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", FIRST, "synth", "--out", found.out],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if k not in SET_BY_US}
            | {"XDG_CACHE_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        said = process.communicate()
        found.runs.append(subprocess.CompletedProcess([], process.returncode, *said))
    return found


@pytest.mark.slow
def test_two_runs_at_once_do_not_disturb_each_other(
    filled: Filled, generated_example: Path
) -> None:
    """Not even with a cache that neither has warmed, into one output folder."""
    for done in filled.runs:
        assert re.fullmatch(
            r"(setting up the bindings, once: about ten seconds\n)?"
            r"(waiting for another run \(process \d+ since [\d:]+\)\n)?"
            r"(next: .*\n)*",
            done.stderr,
        )
    assert [done.returncode for done in filled.runs] == [0, 0]
    stack = "stacks/papyrus-production/cdk.tf.json"
    assert (filled.out / stack).read_bytes() == (generated_example / stack).read_bytes()


@pytest.mark.slow
def test_the_first_run_fills_them(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that is not written costs every later run a second or two."""
    assert any(done.stderr.startswith("setting up the bindings") for done in filled.runs)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setenv("XDG_CACHE_HOME", str(filled.folder.parent))

    assert not cache.is_cold()
    unpacked = list(filled.folder.rglob(".jsii"))
    assert len(unpacked) == 4
    assert all(path.with_name(".jsii.runtime-index.v1").exists() for path in unpacked)
    # Else every run would read all 40 MB of the tarballs again.
    assert len(list(filled.folder.glob("jsii-cache/*.digest"))) == 4


@pytest.mark.slow
def test_a_run_leaves_nothing_behind(filled: Filled, tmp_path: Path) -> None:
    """Neither in the folder of temporary files nor in the caches, which would grow without end."""
    env = {**filled.env, "TMPDIR": str(tmp_path)}
    assert run(A_RUN, **env).returncode == 0
    before = set(filled.folder.rglob("*"))
    assert before

    result = run(A_RUN, **env)
    assert result.returncode == 0, result.stderr
    assert list(tmp_path.iterdir()) == []
    assert set(filled.folder.rglob("*")) == before


@pytest.mark.slow
def test_a_damaged_cache_is_named(filled: Filled) -> None:
    """What jsii unpacked can be cut short by a full disk; the message says what to delete."""
    cut = {path: path.read_bytes() for path in filled.folder.rglob("cdktf/*/*/.jsii*")}
    assert cut
    for assembly in cut:
        assembly.write_text("")

    result = run(A_RUN, **filled.env)
    assert result.returncode == 2
    where = filled.env["JSII_RUNTIME_PACKAGE_CACHE_ROOT"]
    assert result.stderr.startswith(f"jsii cannot use what it unpacked in {where}; delete that")
    for assembly, content in cut.items():
        assembly.write_bytes(content)
