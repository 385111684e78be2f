"""Patterns of branches and tags, matched as GitHub does: by its policies, and by its filters."""

import re
from collections.abc import Iterable


def fnmatch_covers(pattern: str, name: str) -> bool:
    """Tell whether a *pattern* of a deployment policy covers a branch's or tag's *name*.

    That is Ruby's ``File.fnmatch`` where no wildcard covers a slash but ``**/``, any number of
    folders (https://docs.github.com/en/rest/deployments/branch-policies). Neither git nor GitHub
    has names with a part that begins with a period, so Ruby's rule for those is left out.

    A ruleset's pattern covers a full ref in the same way.
    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/creating-rulesets-for-a-repository
    """
    try:
        return bool(re.fullmatch(_expression(pattern), name, re.DOTALL))
    except re.error:
        return False  # such as the range [z-a], which Ruby matches with nothing


def _expression(pattern: str) -> str:
    """Return *pattern* as a regular expression."""
    expression, at = "", 0
    while at < len(pattern):
        folders = at == 0 or pattern[at - 1] == "/"
        if folders and pattern.startswith("**/", at):
            expression, at = expression + "(?:[^/]+/)*", at + 3
        elif pattern[at] == "*":
            expression, at = expression + "[^/]*", at + 1
        elif pattern[at] == "?":
            expression, at = expression + "[^/]", at + 1
        elif found := re.compile(r"\[([!^]?)((?:\\.|[^\]\\])+)\]").match(pattern, at):
            negated = "^" if found[1] else ""
            inside = re.sub(r"(?<!\\)[\[&~|^]", r"\\\g<0>", found[2])
            expression, at = f"{expression}(?!/)[{negated}{inside}]", found.end()
        elif pattern[at] == "[":
            return r"(?!)"  # a set without an end matches nothing
        else:
            at += pattern[at] == "\\" and at + 1 < len(pattern)
            expression, at = expression + re.escape(pattern[at]), at + 1
    return expression


def filter_takes(patterns: Iterable[str], name: str) -> bool:
    """Tell whether a filter of ``on.push`` takes a branch's or tag's *name*.

    ``*`` ends at a slash, ``**`` does not; the last pattern that matches has its say, and one with
    ``!`` says no.
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet

    Raises:
        ValueError: A pattern has wildcards that nothing here writes.
    """
    taken = False
    for pattern in patterns:
        if _filter(pattern.removeprefix("!")).fullmatch(name):
            taken = not pattern.startswith("!")
    return taken


def _filter(pattern: str) -> re.Pattern[str]:
    if odd := re.search(r"[?+\[\]!\\]", pattern):
        raise ValueError(f"{odd[0]!r} of the filter {pattern!r}")
    parts = re.split(r"(\*\*/|\*\*|\*)", pattern)
    stars = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return re.compile("".join(stars.get(part) or re.escape(part) for part in parts))
