"""What would change, thing by thing, and the lines of the delivery file that keep it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from keyless_ecs.adoption.comparison import Compared
from keyless_ecs.yaml_text import to_yaml


def report(compared: Iterable[Compared]) -> Iterator[str]:
    """Yield a block for each thing, and at last all lines that keep what there is, as one file."""
    lines: dict[str, Any] = {}
    for it in compared:
        if not it.differences:
            yield f"{it.stack}: {it.thing}: {it.when} changes nothing"
            continue
        rows = [f"{it.stack}: {it.thing}: {it.when} changes"]
        width = max(len(difference.setting) for difference in it.differences)
        for difference in it.differences:
            row = f"  {difference.setting:{width}}  {difference.now} -> {difference.then}"
            rows.append(f"{row}\n  {'':{width}}  {difference.note}" if difference.note else row)
            lines = _merged(lines, difference.lines)
        yield "\n".join(rows)
    if lines:
        text = to_yaml(lines, words_in_line=True)
        yield "These lines of the delivery file keep what there is:\n\n" + text.rstrip()


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return both mappings as one, key by key."""
    merged = dict(one)
    for key, value in other.items():
        mine = merged.get(key)
        if isinstance(mine, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(mine, value)
        else:
            merged[key] = value
    return merged
