"""Where the caches lie, and that the first run of an installed program fills them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from keyless_ecs.engine import cache
from tests.conftest import ROOT
from tests.support.script import SET_BY_US


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


@pytest.mark.slow
def test_the_first_run_fills_them_and_the_second_says_nothing(tmp_path: Path) -> None:
    """An index that is not written costs every later run a second or two."""
    caches = {"XDG_CACHE_HOME": str(tmp_path / "caches"), "PYTHONPATH": str(ROOT / "modules")}
    script = (
        "import sys; sys.prefix = sys.base_prefix\n"
        "from keyless_ecs.engine import cache\n"
        "cold = cache.is_cold()\n"
        "if cold: cache.warm_in_a_process()\n"
        "print(cold)"
    )
    # The process that warms is started with the same interpreter, which is in an environment.
    environment = {k: v for k, v in os.environ.items() if k not in SET_BY_US} | caches

    def said() -> str:
        command = [sys.executable, "-c", script]
        return subprocess.run(command, env=environment, capture_output=True, text=True).stdout

    folder = tmp_path / "caches/keyless-ecs/jsii-cache"
    assert said() == "True\n"
    assert said() == "False\n"
    unpacked = list(folder.rglob(".jsii"))
    assert len(unpacked) == 4
    assert all(path.with_name(".jsii.runtime-index.v1").exists() for path in unpacked)
    # Else every run would read all 40 MB of the tarballs again.
    assert len(list(folder.glob("*.digest"))) == 4
