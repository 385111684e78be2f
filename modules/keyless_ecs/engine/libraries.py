"""What the program runs on: CDKTF, or CDK Terrain, its successor, where only that is installed.

Every construct imports ``cdktf`` and its bindings by their own names. CDK Terrain has the same
classes in packages of other names; :func:`name_as_cdktf` lets those names stand for its modules.
docs/decisions/0001-cdktf-and-its-successor.md says why, and how to switch.
"""

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from keyless_ecs.versions import VERSIONS


@dataclass(frozen=True)
class Engine:
    """A library of constructs and its bindings, by the names under which Python imports them.

    *versions* are those of the Terraform providers that the bindings were generated from.
    """

    name: str
    core: str
    aws: str
    github: str
    versions: Mapping[str, str]

    @property
    def packages(self) -> tuple[str, str, str]:
        """All that must be installed, each after what it needs."""
        return self.core, self.aws, self.github

    def missing(self) -> list[str]:
        """Return the packages that are not installed. Nothing is imported for it."""
        return [package for package in self.packages if PathFinder.find_spec(package) is None]


ENGINES = (
    Engine(
        name="CDKTF",
        core="cdktf",
        aws="cdktf_cdktf_provider_aws",
        github="cdktf_cdktf_provider_github",
        versions=VERSIONS["cdktf"],
    ),
    Engine(
        name="CDK Terrain",
        core="cdktn",
        aws="cdktn_provider_aws",
        github="cdktn_provider_github",
        versions=VERSIONS["cdktn"],
    ),
)
"""In the order of preference; the source imports the first by its own names."""


def installed() -> Engine:
    """Return the first engine that is installed whole, and the first of all where none is."""
    return next((engine for engine in ENGINES if not engine.missing()), ENGINES[0])


def name_as_cdktf(engine: Engine) -> None:
    """Let the names that the source imports stand for the modules of *engine*, none of them twice.

    A second copy of a module would hold other classes than those that jsii knows.
    """
    names = dict(zip(ENGINES[0].packages, engine.packages, strict=True))
    if engine is not ENGINES[0] and not any(isinstance(each, _Alias) for each in sys.meta_path):
        # Before the others, which would find a submodule by its parent's path and load it again.
        sys.meta_path.insert(0, _Alias(names))


class _Alias(MetaPathFinder, Loader):
    """Imports a module by another name: its own, with the first part exchanged."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Answer for the names that stand for others."""
        package = fullname.partition(".")[0]
        return ModuleSpec(fullname, self) if package in self._names else None

    def exec_module(self, module: ModuleType) -> None:
        """Put the module that is meant in the place of the empty one made for the import."""
        package, dot, rest = module.__name__.partition(".")
        meant = importlib.import_module(f"{self._names[package]}{dot}{rest}")
        sys.modules[module.__name__] = meant
