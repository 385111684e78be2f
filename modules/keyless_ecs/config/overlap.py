"""Which rules of one listener match the same requests, where nothing says which goes first."""

from collections.abc import Iterator, Sequence
from itertools import product

from keyless_ecs.config.reach import Reach, band


def first_overlap(reaches: Sequence[Reach]) -> Iterator[tuple[Reach, Reach, str]]:
    """Yield each of *reaches* whose rule matches what that of an earlier one in its band does.

    Bands are in order already, see :func:`keyless_ecs.config.reach.rule_priority`; within one the
    order is by chance. With it come the earlier one, and the name or path in which they meet.
    """
    by_host: dict[tuple[int, str], list[Reach]] = {}
    with_wildcards: dict[int, list[Reach]] = {}
    for reach in reaches:
        of_band = band(reach.domain)
        exact = [name for name in reach.domain.names if "*" not in name]
        others = [other for name in exact for other in by_host.get((of_band, name), ())]
        others += with_wildcards.get(of_band, ())
        met = ((other, value) for other in others for value in _meet(reach, other))
        if found := next(met, None):
            yield reach, *found
        for name in exact:
            by_host.setdefault((of_band, name), []).append(reach)
        if len(exact) < len(reach.domain.names) or not exact:
            with_wildcards.setdefault(of_band, []).append(reach)


def _meet(one: Reach, other: Reach) -> Iterator[str]:
    names = _common(one.domain.names, other.domain.names)
    if names is None:
        return
    paths = _common(one.domain.paths, other.domain.paths)
    if paths is not None:
        yield paths or names or "*"


def _common(ones: Sequence[str], others: Sequence[str]) -> str | None:
    """Return one of *ones* that meets one of *others*; empty for both if one matches anything."""
    if not ones or not others:
        return (*ones, *others, "")[0]
    return next((one for one, other in product(ones, others) if meet(one, other)), None)


def meet(one: str, other: str) -> bool:
    """Tell whether two patterns, of ``*`` and ``?``, match one text.

    As ELB matches them: ``*`` stands for none or more characters, ``?`` for exactly one.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
    """
    if not set("*?") & {*one, *other}:
        return one == other
    # Whether the first characters of *one*, in rows, and of *other* can be of one text.
    row = [True, *(False for _ in other)]
    for column, letter in enumerate(other, 1):
        row[column] = row[column - 1] and letter == "*"
    for mine in one:
        above, row = row, [row[0] and mine == "*"]
        for column, theirs in enumerate(other, 1):
            either = mine == "*" or theirs == "*"
            same = mine == theirs or "?" in (mine, theirs)
            row.append(
                (either and (above[column] or row[column - 1])) or (same and above[column - 1])
            )
    return row[-1]
