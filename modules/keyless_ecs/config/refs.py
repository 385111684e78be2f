"""Patterns of branches and tags: one language, which GitHub and AWS each get in their own.

``*`` stands for any characters within one segment, ``**`` as a segment of its own for any number
of segments: for none or more where others follow, for one or more at the end. So Git reads
``.gitignore``; each place that a pattern is written to reads it in a way of its own:

- GitHub's filter ``on.push`` likewise
  (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet);
- its deployment policies likewise, but for a ``**`` at the end, which there is a ``*``
  (https://docs.github.com/en/rest/deployments/branch-policies, Ruby's ``File.fnmatch``);
- IAM knows ``*`` alone, and it covers slashes
  (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).

What not all three can say is refused.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from keyless_ecs.config.shown import as_name, shown

EVERYTHING = "**"
ANY, STAR = "**", "*"
"""Tokens beside single characters: any characters, and any characters but a slash."""

Tokens = tuple[str, ...]

_ALLOWED = re.compile(r"[A-Za-z0-9_À-ÖØ-öø-ÿ./#@*-]{1,244}")
"""Letters of Western Europe too: IAM takes U+0020 to U+00FF in a policy, and Git any.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""
_FOLLOWS = re.compile(r"(?<![^/])\*\*/")
"""A ``**`` before further segments."""
# The star that IAM can tell from a ** beside it: the last of the segment before it.
_BOTH = re.compile(r"[^*]*\*/\*\*(/[^*]+)?")


@dataclass(frozen=True)
class Refs:
    """The full refs that may deploy: what a pattern of *allowed* covers, and none of *refused*."""

    allowed: tuple[str, ...]
    refused: tuple[str, ...] = ()

    def admits(self, ref: str) -> bool:
        """Tell whether *ref* may deploy."""
        return any(matches(pattern, ref) for pattern in self.allowed) and not any(
            matches(pattern, ref) for pattern in self.refused
        )

    def takes(self, pattern: str, *, of: "Refs") -> bool:
        """Tell whether whatever comes through *pattern*, which is one of *of*, may deploy here."""
        refused = [each for each in self.refused if each not in of.refused]
        return any(covers(each, pattern) for each in self.allowed) and not any(
            overlap(each, pattern) for each in refused
        )

    @property
    def examples(self) -> list[str]:
        """A ref that may deploy for each pattern of *allowed*, as far as there is one."""
        found = (next(filter(self.admits, _examples(pattern)), None) for pattern in self.allowed)
        return [ref for ref in found if ref]


def full(branches: Sequence[str], tags: Sequence[str], exceptions: Sequence[str]) -> Refs:
    """Return the patterns of names as those of full refs.

    An exception is one for branches and for tags, as far as it takes something away there.
    """
    allowed = (
        *(f"refs/heads/{name}" for name in branches),
        *(f"refs/tags/{name}" for name in tags),
    )
    refused = (f"refs/{kind}/{name}" for kind in ("heads", "tags") for name in exceptions)
    return Refs(allowed, tuple(r for r in refused if any(overlap(r, one) for one in allowed)))


def _examples(pattern: str) -> Iterator[str]:
    """Yield refs that *pattern* covers: 1, 2, … in place of its wildcards, and the like."""
    for fill in ("{}", "x{}", "{}z", "q{}.0"):
        first, *rest = re.split(r"\*+", canonical(pattern))
        yield first + "".join(fill.format(n) + part for n, part in enumerate(rest, start=1))


def problem(pattern: str) -> str | None:
    """Say why *pattern* cannot be used and what to write, or None where it can."""
    if pattern.startswith("refs/"):
        name = pattern.split("/", 2)[-1]
        return f'{shown(pattern)} is a full ref; use the name alone: "{as_name(name)}"'
    if pattern.startswith("!"):
        # As on.push writes it.
        return (
            f"{shown(pattern)}: what may not deploy is named apart; write deploy_from: "
            f'{{except: ["{as_name(pattern[1:])}"]}}'
        )
    if not _ALLOWED.fullmatch(pattern):
        # In the three places, these mean three things.
        return (
            f"{shown(pattern)} is not a branch or tag pattern; use a name in which * stands for "
            "any characters (? [ ] + mean different things to Git, GitHub and AWS)"
            f"{_other_letter(pattern)}"
        )
    if pattern == "HEAD":
        return f"{shown(pattern)} is what is checked out, and no branch's name; name the branch"
    segments = pattern.split("/")
    if "" in segments or any(map(_no_segment, segments)) or pattern[0] == "-":
        return (
            f"{shown(pattern)} is no name that Git takes; use one without // or .., no segment of "
            "which begins with a period or ends with one, no / at its ends and no - before it"
        )
    if not pattern.strip("*/"):
        said = (
            f"{shown(pattern)} matches every ref, so whoever can push could deploy; name them: main"
        )
        opt_in = ", or, where nothing is protected, any_branch: true"
        return said + (opt_in if "**" in pattern else "")
    if any("**" in each and each != "**" for each in segments):
        wanted = re.sub(r"\*\*+", "*", pattern)
        return (
            f"{shown(pattern)}: beside other characters ** is but a * to GitHub's environments; "
            f'use "{as_name(wanted)}"'
        )
    plain = canonical(pattern)
    if segments.count("**") > 2:
        return f"{shown(pattern)} has more than two **, a document of its own for AWS; use fewer"
    if "**" in segments and "*" in plain.replace("**", "") and not _BOTH.fullmatch(plain):
        return (
            f"{shown(pattern)} mixes * and ** as AWS, whose * covers slashes, cannot; "
            "write the names beside ** out"
        )
    return None


def _no_segment(segment: str) -> bool:
    """https://git-scm.com/docs/git-check-ref-format."""
    return segment.startswith(".") or segment.endswith((".", ".lock")) or ".." in segment


def _other_letter(pattern: str) -> str:
    beyond = (each for each in pattern if not each.isascii() and not _ALLOWED.fullmatch(each))
    other = next(beyond, None)
    return (
        f" ({shown(other)} is no letter of Western Europe, and IAM takes no other)" if other else ""
    )


def canonical(pattern: str) -> str:
    """Return the shortest pattern of the same meaning: ``a/**/*`` is ``a/**``."""
    return pattern.removesuffix("/*") if pattern.endswith("**/*") else pattern


def matches(pattern: str, ref: str) -> bool:
    """Tell whether *pattern* covers *ref*."""
    return _expression(canonical(pattern)).fullmatch(ref) is not None


@lru_cache(maxsize=4096)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"((?<![^/])\*\*/|\*\*|\*)", pattern)
    stars = {"**/": "(?:.+/)?", "**": ".+", "*": "[^/]*"}
    return re.compile("".join(stars.get(part) or re.escape(part) for part in parts), re.DOTALL)


def expanded(pattern: str) -> Iterator[str]:
    """Yield patterns that cover together what *pattern* does, in which each ``**`` takes part.

    ``a/**/b`` is ``a/b`` and ``a/**/b``.
    """
    pattern = canonical(pattern)
    follows = _FOLLOWS.search(pattern)
    if follows is None:
        yield pattern
        return
    before, after = pattern[: follows.start()], pattern[follows.end() :]
    for rest in expanded(after):
        yield before + rest
        yield f"{before}**/{rest}"


def tokens(pattern: str) -> Tokens:
    """Return *pattern* as tokens: characters, :data:`STAR` and :data:`ANY`."""
    return tuple(re.findall(r"\*\*|.", pattern, re.DOTALL))


def overlap(one: str, other: str) -> bool:
    """Tell whether there is a ref that both patterns cover."""
    return any(
        meet(tokens(mine), tokens(theirs)) for mine in expanded(one) for theirs in expanded(other)
    )


def covers(wide: str, narrow: str) -> bool:
    """Tell whether *wide* covers whatever *narrow* does; a doubtful case is none."""
    # What stands for the wildcards of the one is taken by those of the other: so is all else.
    return all(
        matches(wide, each.replace("**", "\0/\0").replace("*", "\0"))
        and matches(wide, each.replace("**", "\0").replace("*", "\0"))
        for each in expanded(narrow)
    )


def meet(one: Tokens, other: Tokens) -> bool:
    """Tell whether there is a text that both rows of tokens cover."""
    pending, seen = [(0, 0)], {(0, 0)}
    while pending:
        mine, theirs = pending.pop()
        if mine == len(one) and theirs == len(other):
            return True
        for step in _steps(one, mine, other, theirs):
            if step not in seen:
                seen.add(step)
                pending.append(step)
    return False


def _steps(one: Tokens, mine: int, other: Tokens, theirs: int) -> Iterator[tuple[int, int]]:
    left = one[mine] if mine < len(one) else ""
    right = other[theirs] if theirs < len(other) else ""
    if left in (STAR, ANY):
        yield mine + 1, theirs
        if right and right not in (STAR, ANY) and not (left == STAR and right == "/"):
            yield mine, theirs + 1
    if right in (STAR, ANY):
        yield mine, theirs + 1
        if left and left not in (STAR, ANY) and not (right == STAR and left == "/"):
            yield mine + 1, theirs
    if left and left == right:
        yield mine + 1, theirs + 1
