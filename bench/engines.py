"""``make cdktn``: what CDKTF and CDK Terrain write for the same delivery files, compared.

``python -m bench.engines CDKTF_PYTHON CDKTN_PYTHON`` runs ``main.py`` in both environments. Only
versions may differ: those of the engines and of the providers that their bindings pin.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.__main__ import ROOT, interleaved
from bench.measure import memory, seconds

FILES = ("tests/data/papyrus.yaml", "tests/data/large.yaml")
TIMES = 7

JsonPath = tuple[str | int, ...]


def main(pythons: Sequence[str]) -> int:
    """Compare, then measure; 1 where anything but versions differs."""
    with tempfile.TemporaryDirectory() as folder:
        same = [_compare_and_measure(pythons, ROOT / file, Path(folder)) for file in FILES]
    return 0 if all(same) else 1


def _compare_and_measure(pythons: Sequence[str], config: Path, folder: Path) -> bool:
    outputs = [folder / config.stem / str(index) for index, _ in enumerate(pythons)]
    commands: dict[str, list[str | Path]] = {
        python: [python, ROOT / "main.py", "--config", config, "--out", out]
        for python, out in zip(pythons, outputs, strict=True)
    }
    timed = {each: partial(seconds, command, cwd=ROOT) for each, command in commands.items()}
    taken = interleaved(timed, times=TIMES)
    allowed, unexpected = compare(*outputs)

    stacks = sum(1 for _ in outputs[0].rglob("cdk.tf.json"))
    print(f"{config.relative_to(ROOT)}, {stacks} stacks")
    for said, count in sorted(allowed.items()):
        print(f"  {said} ({count} files)")
    for said in unexpected or ["nothing else differs"]:
        print(f"  {said}")
    for python, command in commands.items():
        print(f"  {taken[python]:5.2f} s  {memory(command, cwd=ROOT).tree:4.0f} MiB  {python}")
    return not unexpected


def compare(one: Path, other: Path) -> tuple[Counter[str], list[str]]:
    """Return how the files of two folders differ: as they may, in how many files, and otherwise."""
    allowed, unexpected = Counter[str](), []
    files = [
        {path.relative_to(folder): path.read_text() for path in folder.rglob("*") if path.is_file()}
        for folder in (one, other)
    ]
    for path in sorted(files[0].keys() | files[1].keys()):
        mine, theirs = (each.get(path) for each in files)
        if mine is None or theirs is None or path.suffix != ".json":
            if mine != theirs:
                unexpected.append(f"{path}: differs, or is in one folder alone")
            continue
        for where, values in differences(json.loads(mine), json.loads(theirs)):
            said = f"{'.'.join(map(str, where))}: {' | '.join(map(json.dumps, values))}"
            if may_differ(where):
                allowed[said] += 1
            else:
                unexpected.append(f"{path}: {said}")
    return allowed, unexpected


def differences(
    one: Any, other: Any, path: JsonPath = ()
) -> Iterator[tuple[JsonPath, tuple[Any, Any]]]:
    """Yield where two JSON values differ, with both values; null where there is none."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            if key in one and key in other:
                yield from differences(one[key], other[key], (*path, key))
            else:
                yield (*path, key), (one.get(key), other.get(key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, (*path, index))
    elif one != other or type(one) is not type(other):
        yield path, (one, other)


def may_differ(path: JsonPath) -> bool:
    """Tell the version of the engine (in the manifest, and in each stack's note) or a provider."""
    match path:
        case ("version",) | ("//", "metadata", "version"):
            return True
        case ("terraform", "required_providers", _, "version"):
            return True
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
