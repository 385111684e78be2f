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
from keyless_ecs.versions import VERSIONS

_INSTALLED = (core for core in VERSIONS if PathFinder.find_spec(core) is not None)
BOUND = VERSIONS[next(_INSTALLED, "cdktf")]
"""The versions that the JSON is written for."""

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


def _version(parts: list[str]) -> Version:
    major, minor, patch = (*map(int, parts), 0, 0)[:3]
    return major, minor, patch


def _admitting(provider: str) -> AfterValidator:
    def check(value: str) -> str:
        bound = BOUND[provider]
        if not admits(value, bound):
            raise ValueError(
                f"{shown(value)} does not admit {bound}, which the JSON is written for; "
                f'use one that does: "~> {bound.rpartition(".")[0]}"'
            )
        return value

    return AfterValidator(check)


class Providers(Model):
    """Versions of the Terraform providers, as constraints.

    Without one it is exactly the version that the JSON is written for, which a constraint must
    admit. The versions in use stand in each stack's ``.terraform.lock.hcl``. On CDK Terrain
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
