"""Which versions of the providers Terraform may take."""

import operator
import re
from collections.abc import Callable
from importlib.machinery import PathFinder
from typing import Annotated

from pydantic import AfterValidator

from keyless_ecs.config.model import Model
from keyless_ecs.config.shown import shown
from keyless_ecs.config.text import Text
from keyless_ecs.versions import OLDEST

_INSTALLED = (core for core in OLDEST if PathFinder.find_spec(core) is not None)
BOUND = OLDEST[next(_INSTALLED, "cdktf")]
"""The versions that the JSON is written for."""

CONSTRAINTS = {provider: f"~> {version}" for provider, version in BOUND.items()}
"""What a stack takes unless the file says otherwise: patches, which the lock file tells apart.

https://developer.hashicorp.com/terraform/language/providers/requirements#version-constraints
"""

Version = tuple[int, int, int]
_TERM = re.compile(r"\s*(=|!=|>=|<=|~>|>|<|)\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?\s*", re.ASCII)
_COMPARISONS: dict[str, Callable[[Version, Version], bool]] = {
    "": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def admits(constraint: str, version: str) -> bool:
    """Tell whether Terraform would take *version* by *constraint*.

    https://developer.hashicorp.com/terraform/language/expressions/version-constraints

    Raises:
        ValueError: Terraform would not understand the constraint.
    """
    taken = _version(version.split("."))
    terms = []
    for text in constraint.split(","):
        term = _TERM.fullmatch(text)
        if term is None:
            raise ValueError(
                f"{shown(constraint)} is not a version constraint; use released versions with "
                '= != > >= < <= ~> and commas between: "~> 6.25" or ">= 6.25, < 8"'
            )
        terms.append(term)
    return all(_term_admits(term, taken) for term in terms)


def _term_admits(term: re.Match[str], taken: Version) -> bool:
    sign, *parts = term.groups()
    given = [part for part in parts if part is not None]
    if sign != "~>":
        return _COMPARISONS[sign](taken, _version(given))
    # Only the last part that is written may grow; of a single one, what stands behind it.
    fixed = max(len(given) - 1, 1)
    return taken >= _version(given) and taken[:fixed] == _version(given)[:fixed]


def _is_from(version: str, oldest: str) -> bool:
    return _version(version.split(".")) >= _version(oldest.split("."))


def _version(parts: list[str]) -> Version:
    major, minor, patch = (*map(int, parts), 0, 0)[:3]
    return major, minor, patch


def _admitting(provider: str) -> AfterValidator:
    def check(value: str) -> str:
        bound = BOUND[provider]
        # What another engine's JSON is written for takes this one's, which differs in no argument.
        known = {bound, *(versions[provider] for versions in OLDEST.values())}
        if not any(admits(value, version) for version in known if _is_from(version, bound)):
            raise ValueError(
                f"{shown(value)} does not admit {bound}, which the JSON is written for; "
                f'use one that does: "~> {bound.rpartition(".")[0]}"'
            )
        return value

    return AfterValidator(check)


class Providers(Model):
    """Versions of the Terraform providers, as constraints.

    Without one they are the patches of the release that the JSON is written for, which a constraint
    must admit. The versions in use stand in each stack's ``.terraform.lock.hcl``. On CDK Terrain
    (docs/decisions/0001-cdktf-and-its-successor.md) the defaults are others.
    """

    aws: Annotated[Text, _admitting("aws")] | None = None
    """Version constraint of ``hashicorp/aws``.

    Default: {aws_provider}
    Example: "~> 6.25"
    """
    github: Annotated[Text, _admitting("github")] | None = None
    """Version constraint of ``integrations/github``.

    Default: {github_provider}
    Example: "~> 6.9"
    """

    @property
    def keeps_colons(self) -> bool:
        """Whether every release of the GitHub provider that may be taken keeps names with colons.

        Before 6.13 it joins its ids with colons, and cannot tell those of a name from them.
        https://github.com/integrations/terraform-provider-github/pull/3079
        """
        constraint = self.github or CONSTRAINTS["github"]
        older = (f"6.{minor}.{patch}" for minor in range(9, 13) for patch in range(10))
        return not any(admits(constraint, version) for version in older)
