"""``make bench``: the performance table, and bench/results.json.

Every ratio is between figures of one run, because machines differ and drift: quote those.
``python -m bench --quick`` leaves out what takes minutes.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from bench.measure import memory, seconds
from keyless_ecs.engine import bindings

K = TypeVar("K")

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / "bench/node"
EXAMPLE = ROOT / "tests/data/papyrus.yaml"
MAIN: list[str | Path] = [sys.executable, ROOT / "main.py"]
RESOURCES = 24
"""What one environment of the example has."""


@dataclass(frozen=True)
class Row:
    """A figure beside its anchor, and what the ratio between them must reach."""

    name: str
    value: float
    unit: str
    anchor: str
    anchor_value: float
    target: str
    reached: bool


def main() -> int:
    """Measure, print the table, write the results; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the plain import and scale")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            *_example(Path(folder), quick=quick),
            *_refusal(Path(folder)),
            *([] if quick else _scale(Path(folder))),
            *([] if quick else _reached(Path(folder))),
        ]
    print(f"{'':34}  {'measured':>12}  {'anchor':>12}  ratio  must be")
    for row in rows:
        ratio = row.value / row.anchor_value if row.anchor_value else 0
        print(
            f"{row.name:34}  {row.value:>8.2f} {row.unit:3}  {row.anchor_value:>8.2f} {row.unit:3}"
            f"  {ratio:5.2f}  {row.target}{'' if row.reached else '  MISSED'}  ({row.anchor})"
        )
    results = ROOT / "bench/results.json"
    results.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    return 0 if all(row.reached for row in rows) else 1


def _example(folder: Path, *, quick: bool) -> Iterator[Row]:
    """The example: warm, cold, with the plain import, and from Node itself."""
    out: list[str | Path] = ["--config", EXAMPLE, "--out", folder / "example"]
    warm = [*MAIN, *out]
    seconds(warm, cwd=ROOT)  # compiles what Python has not compiled yet
    commands: dict[str, Callable[[], float]] = {"warm": lambda: seconds(warm, cwd=ROOT)}
    if _install_node_packages():
        for kind in ("deep", "whole"):
            # The Node that the program itself chooses.
            script: list[str | Path] = [bindings._node(), NODE / f"{kind}.js", folder / kind]
            commands[kind] = partial(seconds, script, cwd=NODE)
    taken = interleaved(commands, times=9)
    mine = taken["warm"]
    # Apart: what a cold run unpacks keeps the disk busy into the next one.
    empty = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(folder / "cache")}
    cold = seconds(warm, cwd=ROOT, env=empty)
    yield _at_most("example, cold cache", cold, "s", "warm", mine, None)
    if not quick:
        plain: list[str | Path] = [sys.executable, ROOT / "bench/plain.py", *out]
        yield _at_most("example", mine, "s", "plain import", seconds(plain, cwd=ROOT), 1 / 15)
        mib, anchor = memory(warm, cwd=ROOT).tree, memory(plain, cwd=ROOT).tree
        yield _at_most("example, memory", mib, "MiB", "plain import", anchor, 1 / 4)
    if "whole" in taken:
        yield _at_most("example", mine, "s", "Node, whole provider", taken["whole"], 1 / 4)
        yield _at_most("example", mine, "s", "Node, deep requires", taken["deep"], 3)


def _refusal(folder: Path) -> Iterator[Row]:
    """A bad delivery file, which must be refused before Node starts."""
    bad = folder / "bad.yaml"
    bad.write_text(EXAMPLE.read_text().replace("port: 8080", "prot: 8080"))
    taken = interleaved(
        {
            "bad": lambda: seconds([*MAIN, "--config", bad], cwd=ROOT, expect=2),
            "python": lambda: seconds([sys.executable, "-c", "pass"], cwd=ROOT),
        },
        times=9,
    )
    mine, python = taken["bad"], taken["python"]
    target = "at most 0.25 s more"
    yield Row("a bad file refused", mine, "s", "bare Python", python, target, mine - python <= 0.25)


def _scale(folder: Path) -> Iterator[Row]:
    """1 to 300 environments: time per resource over the start-up, memory of each process."""
    commands: dict[int, list[str | Path]] = {}
    for count in (1, 10, 100, 300):
        config = folder / f"{count}.yaml"
        config.write_text(_delivery_file(count))
        commands[count] = [*MAIN, "--config", config, "--out", folder / str(count)]
    taken = interleaved(
        {count: partial(seconds, command, cwd=ROOT) for count, command in commands.items()},
        times=3,
    )
    over = {count: taken[count] - taken[1] for count in taken}
    for count in (10, 100, 300):
        each = over[count] * 1000 / (count * RESOURCES)
        target, reached = ("at most 2 ms on two cores", each <= 2) if count == 300 else ("", True)
        name, anchor = f"{count} environments, per resource", taken[1] * 1000 / RESOURCES
        yield Row(name, each, "ms", "one environment, start-up included", anchor, target, reached)
    yield _at_most("300 environments", over[300], "s", "100 environments", over[100], 3.3)
    largest = {count: memory(commands[count], cwd=ROOT).largest for count in (10, 300)}
    name = "300 environments, largest process"
    yield _at_most(name, largest[300], "MiB", "10 environments", largest[10], 2)


def _reached(folder: Path) -> Iterator[Row]:
    """The same of environments with a load balancer, scaling and a strategy each."""
    commands: dict[int, list[str | Path]] = {}
    for count in (1, 100, 300):
        config = folder / f"reached-{count}.yaml"
        config.write_text(_delivery_file(count, _REACHED))
        commands[count] = [*MAIN, "--config", config, "--out", folder / f"reached-{count}"]
    taken = interleaved(
        {count: partial(seconds, command, cwd=ROOT) for count, command in commands.items()},
        times=3,
    )
    stack = json.loads((folder / "reached-1/stacks/s0-production/cdk.tf.json").read_text())
    resources = sum(map(len, stack["resource"].values()))
    over = {count: taken[count] - taken[1] for count in taken}
    each, anchor = over[300] * 1000 / (300 * resources), taken[1] * 1000 / resources
    yield Row(
        "300 reached, per resource",
        each,
        "ms",
        "one environment, start-up included",
        anchor,
        "at most 2 ms on two cores",
        each <= 2,
    )
    yield _at_most("300 reached", over[300], "s", "100 reached", over[100], 3.3)


def _at_most(
    name: str, value: float, unit: str, anchor: str, anchor_value: float, ratio: float | None
) -> Row:
    if ratio is None:
        return Row(name, value, unit, anchor, anchor_value, "", reached=True)
    target = f"at most {ratio:.3g} times"
    return Row(name, value, unit, anchor, anchor_value, target, value <= ratio * anchor_value)


def interleaved(commands: Mapping[K, Callable[[], float]], *, times: int) -> dict[K, float]:
    """Return each command's median. They take turns, so that a drifting machine drifts for all."""
    taken: dict[K, list[float]] = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            taken[name].append(command())
    return {name: statistics.median(values) for name, values in taken.items()}


_REACHED = (
    "        domain: s{number}.example.com\n"
    "        autoscaling: {{min: 2, max: 10}}\n"
    "        deployment: canary\n"
)


def _delivery_file(count: int, settings: str = "") -> str:
    services = "".join(
        f"  s{number}:\n    repository: r{number}\n    container: {{port: 8080}}\n"
        "    environments:\n"
        "      production:\n"
        "        account: main\n"
        '        deploy_from: {branches: [main], tags: ["v*"]}\n'
        f"{settings.format(number=number)}"
        for number in range(count)
    )
    account = '{id: "123456789012", region: eu-west-1}'
    return (
        f"version: 1\ngithub: {{owner: acme}}\naccounts:\n  main: {account}\nservices:\n{services}"
    )


def _install_node_packages() -> bool:
    """Install what the Node programs need; without npm their rows are left out, with a word."""
    if (NODE / "node_modules").is_dir():
        return True
    if not shutil.which("npm"):
        print("no npm on PATH: the rows that compare with Node are left out", file=sys.stderr)
        return False
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=NODE, check=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
