"""Where jsii keeps what it unpacks, and Node what it compiles; and their first filling.

A cache of its own is warmed once, and nothing else prunes or damages it. Beside each assembly that
it unpacks a worker of jsii writes an index; a process that ends too soon leaves it unwritten, and
every later run would pay a second or two for it. So the first run of an installed program warms the
cache in a process that waits, as ``make`` does at set-up.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from keyless_ecs.engine import libraries

JSII = "JSII_RUNTIME_PACKAGE_CACHE_ROOT"
_SWITCH = "JSII_RUNTIME_PACKAGE_CACHE"
_INDEX = ".jsii.runtime-index.v1"


def choose() -> None:
    """Give jsii and Node a cache, or none where nothing can be written; keep what the user set."""
    folder = next((each for each in _places() if _can_be_written(each)), None)
    if folder is None:
        if JSII not in os.environ:
            os.environ.setdefault(_SWITCH, "disabled")
        return
    ours = os.environ.setdefault(JSII, str(folder)) == str(folder)
    if ours and os.environ.get(_SWITCH) != "disabled":
        # https://nodejs.org/api/module.html#module-compile-cache
        os.environ.setdefault("NODE_COMPILE_CACHE", str(folder.with_name("node-cache")))


def _places() -> Iterator[Path]:
    """Yield where the caches may lie: with the packages that they are of, else with the user."""
    if sys.prefix != sys.base_prefix:
        yield Path(sys.prefix, "jsii-cache")
    # https://specifications.freedesktop.org/basedir-spec/latest/
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    yield Path(home, "keyless-ecs", "jsii-cache")


def _can_be_written(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK)


def is_cold() -> bool:
    """Tell whether the cache is this program's own and was never warmed."""
    choose()
    mark = _mark()
    return mark is not None and not mark.exists()


def warm_in_a_process() -> None:
    """Warm the cache. Where that fails, the run itself will say why."""
    # The package may be found by what main.py put on the path.
    root = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    subprocess.run(
        [sys.executable, "-m", "keyless_ecs.engine.bindings"],
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )


def wait_for_indexes(seconds: float) -> None:
    """Wait until everything unpacked has its index, and remember that the cache is warm."""
    folder = Path(os.environ.get(JSII, os.devnull))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if all(path.with_name(_INDEX).exists() for path in folder.rglob(".jsii")):
            break
        time.sleep(0.1)
    if mark := _mark():
        mark.touch()


def _mark() -> Path | None:
    """Return the file that says that the cache is warm for these bindings, if it is our own."""
    folder = Path(os.environ.get(JSII, os.devnull))
    engine = libraries.installed()
    # What is not installed whole cannot be warmed, and the run itself says so.
    if folder not in _places() or os.environ.get(_SWITCH) == "disabled" or engine.missing():
        return None
    versions = engine.versions
    return folder / f"warm-for-aws-{versions['aws']}-github-{versions['github']}"
