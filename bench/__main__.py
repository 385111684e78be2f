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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from bench.measure import memory, seconds
from keyless_ecs.engine import bindings
from keyless_ecs.stacks import addresses

K = TypeVar("K")

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / "bench/node"
EXAMPLE = ROOT / "tests/data/papyrus.yaml"
MAIN: list[str | Path] = [sys.executable, ROOT / "main.py"]


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
        # The Node that the program itself chooses.
        node, stacks = bindings._node(), folder / "example/stacks"
        for kind in ("deep", "whole"):
            script: list[str | Path] = [node, NODE / f"{kind}.js", folder / kind, stacks]
            commands[kind] = partial(seconds, script, cwd=NODE)
    taken = interleaved(commands, times=9)
    for kind in commands.keys() - {"warm"}:
        if not _same(folder / kind, folder / "example"):
            raise SystemExit(f"{kind}.js makes other stacks than the example")
    mine = taken["warm"]
    # Apart: what a cold run unpacks keeps the disk busy into the next one.
    empty = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(folder / "cache")}
    cold = seconds(warm, cwd=ROOT, env=empty)
    yield _at_most("example, cold cache", cold, "s", "warm", mine, None)
    if not quick:
        # It finds not a byte that differs.
        plain: list[str | Path] = [sys.executable, ROOT / "bench/plain.py", "check", *out]
        yield _at_most("example", mine, "s", "plain import", seconds(plain, cwd=ROOT), 1 / 15)
        mib, anchor = memory(warm, cwd=ROOT).tree, memory(plain, cwd=ROOT).tree
        yield _at_most("example, memory", mib, "MiB", "plain import", anchor, 1 / 4)
    if "whole" in taken:
        yield _at_most("example", mine, "s", "Node, whole provider", taken["whole"], 1 / 4)
        yield _at_most("example", mine, "s", "Node, deep requires", taken["deep"], 3)


def _same(made: Path, example: Path) -> bool:
    """Say whether CDKTF's own JSON in *made* holds what the stacks in *example* hold."""
    for path in example.glob("stacks/*/cdk.tf.json"):
        wanted = json.loads(path.read_text())
        found = addresses.readable(json.loads((made / path.relative_to(example)).read_text()))
        if any(found.get(kind) != wanted.get(kind) for kind in _ELEMENTS):
            return False
    return True


_ELEMENTS = ("data", "locals", "output", "resource")


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
    measured = _environments(folder, (1, 10, 100, 300))
    yield measured.each("10 environments", 10, None)
    yield measured.each("100 environments", 100, None)
    yield measured.each("300 environments", 300, 2)
    yield measured.linear("environments")
    largest = {count: memory(measured.commands[count], cwd=ROOT).largest for count in (10, 300)}
    name = "300 environments, largest process"
    yield _at_most(name, largest[300], "MiB", "10 environments", largest[10], 2)


def _reached(folder: Path) -> Iterator[Row]:
    """The same of environments with a load balancer, scaling and a strategy each."""
    measured = _environments(folder, (1, 100, 300), _REACHED)
    yield measured.each("300 reached", 300, 2)
    yield measured.linear("reached")


@dataclass(frozen=True)
class Environments:
    """What files of so many environments took: seconds, by the number."""

    commands: Mapping[int, list[str | Path]]
    taken: Mapping[int, float]
    resources: int
    """Of one environment."""

    def over(self, count: int) -> float:
        """Return the seconds that *count* environments take over one."""
        return self.taken[count] - self.taken[1]

    def each(self, name: str, count: int, most: float | None) -> Row:
        """Return the row of a resource's milliseconds, of which there may be *most*."""
        each = self.over(count) * 1000 / ((count - 1) * self.resources)
        anchor = self.taken[1] * 1000 / self.resources
        target = f"at most {most} ms on two cores" if most else ""
        reached = not most or each <= most
        of_one = "one environment, start-up included"
        return Row(f"{name}, per resource", each, "ms", of_one, anchor, target, reached)

    def linear(self, name: str) -> Row:
        """Return the row that compares 300 environments with 100."""
        return _at_most(f"300 {name}", self.over(300), "s", f"100 {name}", self.over(100), 3.3)


def _environments(folder: Path, counts: Sequence[int], settings: str = "") -> Environments:
    commands: dict[int, list[str | Path]] = {}
    kind = "reached" if settings else "plain"
    for count in counts:
        config = folder / f"{kind}-{count}.yaml"
        config.write_text(_delivery_file(count, settings))
        commands[count] = [*MAIN, "--config", config, "--out", folder / f"{kind}-{count}"]
    taken = interleaved(
        {count: partial(seconds, command, cwd=ROOT) for count, command in commands.items()},
        times=3,
    )
    stack = json.loads((folder / f"{kind}-1/stacks/s0-production/cdk.tf.json").read_text())
    return Environments(commands, taken, sum(map(len, stack["resource"].values())))


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
