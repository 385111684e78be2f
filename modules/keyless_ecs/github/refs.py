"""Which refs deploy, as each place of GitHub is told it; see :mod:`keyless_ecs.config.refs`."""

import re
from collections.abc import Sequence
from itertools import pairwise

from keyless_ecs.config.delivery import Delivery
from keyless_ecs.config.refs import EVERYTHING, Refs, canonical, overlap

_KINDS = {"branches": "refs/heads/", "tags": "refs/tags/"}


def fnmatch_pattern(pattern: str) -> str:
    """Return *pattern* as deployment policies and rulesets have it, by Ruby's ``File.fnmatch``.

    There ``**`` at the end is but a ``*``.
    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/creating-rulesets-for-a-repository
    """
    pattern = canonical(pattern)
    return f"{pattern}/*" if pattern.endswith(EVERYTHING) else pattern


def push_filters(deliveries: Sequence[Delivery]) -> dict[str, list[str]]:
    """Return ``branches`` and ``tags`` of ``on.push`` for the environments of one repository.

    An exception stands there where none of the environments takes what it excludes; else the
    condition of the job has it, and the role always.
    """
    found = {}
    for kind, prefix in _KINDS.items():
        of_kind = [_of_kind(delivery.deploy_from.refs, prefix) for delivery in deliveries]
        taken = [pattern for refs in of_kind for pattern in refs.allowed]
        refused = [
            pattern
            for refs in of_kind
            for pattern in refs.refused
            if not any(_takes(other, pattern) for other in of_kind)
        ]
        found[kind] = [
            *dict.fromkeys(canonical(pattern) for pattern in taken),
            *dict.fromkeys(f"!{canonical(pattern)}" for pattern in refused),
        ]
    return {kind: patterns for kind, patterns in found.items() if patterns}


def _of_kind(refs: Refs, prefix: str) -> Refs:
    def names(patterns: Sequence[str]) -> tuple[str, ...]:
        return tuple(each.removeprefix(prefix) for each in patterns if each.startswith(prefix))

    return Refs(names(refs.allowed), names(refs.refused))


def _takes(refs: Refs, excluded: str) -> bool:
    """Tell whether something that *excluded* covers may deploy by *refs*."""
    return excluded not in refs.refused and any(overlap(excluded, one) for one in refs.allowed)


def condition(refs: Refs) -> str:
    """Return when a job runs: for the refs that its environment takes.

    Expressions know no patterns. What slips through is refused by the environment's deployment
    policies, or where it is an exception by the role; nothing that may deploy is kept out.
    """
    allowed = " || ".join(_expression(pattern, exact=False) for pattern in refs.allowed)
    refused = [f"!{_expression(each, exact=True)}" for each in refs.refused if _can_be_exact(each)]
    if not refused:
        return allowed
    return " && ".join([f"({allowed})" if len(refs.allowed) > 1 else allowed, *refused])


def _parts(pattern: str) -> list[str]:
    """Return what stands before, between and behind the wildcards of *pattern*."""
    return re.split(r"\*\*(?=/)|\*+", canonical(pattern))


def _expression(pattern: str, *, exact: bool) -> str:
    first, *others = _parts(pattern)
    if not others:
        return f"(github.ref == '{first}')" if exact else f"github.ref == '{first}'"
    *between, last = others
    said = [f"startsWith(github.ref, '{first}')"]
    said += [f"contains(github.ref, '{part}')" for part in between if exact]
    said += [f"endsWith(github.ref, '{last}')"] if last else []
    return f"({' && '.join(said)})" if len(said) > 1 else said[0]


def _can_be_exact(pattern: str) -> bool:
    """Tell whether an expression can say just what *pattern* does.

    Not where a part may be found in the one before it, as the ``-`` of ``rel-*-*`` is.
    """
    parts = [part for part in _parts(pattern) if part]
    return len(parts) < 4 and not any(part[0] in before for before, part in pairwise(parts))
