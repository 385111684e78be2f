"""Which refs get in, as IAM is told it: its ``*`` covers slashes, so what is too much is said."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from keyless_ecs.config.refs import (
    ANY,
    EVERYTHING,
    STAR,
    Refs,
    Tokens,
    canonical,
    expanded,
    meet,
    overlap,
    tokens,
)


@dataclass
class Conditions:
    """The values of ``StringLike`` and ``StringNotLike`` in one statement."""

    like: list[str] = field(default_factory=list)
    not_like: list[str] = field(default_factory=list)


def statements(refs: Refs) -> list[Conditions]:
    """Return what admits exactly *refs*, one statement where that is possible.

    What one pattern must exclude another may allow: ``feature/*`` covers ``feature/a/b`` in IAM,
    and with ``feature/a/b`` itself beside it each has a statement of its own.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
    """
    made: list[tuple[Conditions, list[str]]] = []
    for pattern in refs.allowed:
        excluded = list(_excluded(pattern, refs))
        for conditions, patterns in made:
            if _fit(excluded, patterns, conditions.not_like, pattern, refs):
                break
        else:
            conditions, patterns = Conditions(), []
            made.append((conditions, patterns))
        patterns.append(pattern)
        _add(conditions.like, _globs(pattern))
        _add(conditions.not_like, excluded)
    return [conditions for conditions, _ in made]


def _fit(
    excluded: list[str], patterns: list[str], not_like: list[str], pattern: str, refs: Refs
) -> bool:
    """Tell whether neither *pattern* nor the other *patterns* lose by what the other excludes."""
    lost = (each for each in not_like if each not in excluded)
    if any(_hits(each, pattern) for each in lost):
        return False
    return not any(
        _hits(each, other)
        for other in patterns
        for each in excluded
        if each not in list(_excluded(other, refs))
    )


def _globs(pattern: str) -> Iterator[str]:
    """Yield *pattern* as IAM has it; the star of a segment covers too much there."""
    for each in expanded(pattern):
        yield each.replace(EVERYTHING, STAR)


def _excluded(pattern: str, refs: Refs) -> Iterator[str]:
    """Yield what IAM must keep out though *pattern* covers it there."""
    if STAR in pattern and EVERYTHING not in pattern:
        # A ref with as many slashes has none within a star.
        first, _, rest = pattern.partition(STAR)
        yield f"{first}{'*/' * (rest.count('/') + 1)}*"
    for refused in refs.refused:
        if overlap(refused, pattern):
            yield from _globs(refused)


def _hits(glob: str, pattern: str) -> bool:
    return any(meet(_as_iam(glob), tokens(each)) for each in expanded(canonical(pattern)))


def _as_iam(glob: str) -> Tokens:
    return tuple(ANY if token in (STAR, ANY) else token for token in tokens(glob))


def _add(values: list[str], more: Iterator[str] | list[str]) -> None:
    values.extend(each for each in more if each not in values)
