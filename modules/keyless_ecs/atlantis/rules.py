"""What Atlantis takes in an ``atlantis.yaml``: its own checks, made before it sees the file.

After ``server/core/config/raw`` and ``parser_validator.go`` in github.com/runatlantis/atlantis. It
refuses unknown keys there too, so this names every key of every part that it reads strictly.
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence, Set
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from keyless_ecs.config.loader import message_of
from keyless_ecs.config.problems import Location
from keyless_ecs.config.text import did_you_mean, matching

Finding = tuple[Location, str]


class _Rules(BaseModel):
    # Go's YAML reads the text of a number where text is asked for.
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


Name = Annotated[
    str,
    matching(
        r"[A-Za-z0-9_.~/-]+",
        "cannot name a project; use letters, digits and any of - _ . ~ /",
    ),
]
Dir = Annotated[
    str,
    matching(
        r"(?!.*\.\.).+", 'is not a folder below the repository\'s root; write it without ".."'
    ),
]
Branch = Annotated[
    str, matching(r"/.*/", "is not a pattern; begin and end it with a slash: /main/")
]
# https://pkg.go.dev/github.com/hashicorp/go-version
Version = Annotated[
    str,
    matching(
        r"v?\d+(\.\d+)*(-[0-9A-Za-z.~-]+|[A-Za-z~][0-9A-Za-z.~-]*)?(\+[0-9A-Za-z.~-]+)?",
        "is not a version; use numbers with dots between them: 1.11.4",
    ),
]
IgnoredPath = Annotated[
    str, matching(r"(?!/).*", "is relative to the repository's root; begin it without a slash")
]
Requirements = list[Literal["approved", "mergeable", "undiverged"]]


class Autoplan(_Rules):
    """When a project is planned unasked."""

    enabled: bool | None = None
    when_modified: list[str] | None = None


class AutoDiscover(_Rules):
    """Whether folders that no project names are planned."""

    mode: Literal["auto", "enabled", "disabled"] | None = None
    ignore_paths: list[IgnoredPath] | None = None


class RepoLocks(_Rules):
    """When a project locks the repository."""

    mode: Literal["disabled", "on_plan", "on_apply"] | None = None


class Project(_Rules):
    """One folder and workspace."""

    name: Name | None = None
    branch: Branch | None = None
    dir: Dir
    workspace: str | None = None
    workflow: str | None = None
    terraform_distribution: Literal["terraform", "opentofu"] | None = None
    terraform_version: Version | None = None
    autoplan: Autoplan | None = None
    plan_requirements: Requirements | None = None
    apply_requirements: Requirements | None = None
    import_requirements: Requirements | None = None
    depends_on: list[str] | None = None
    delete_source_branch_on_merge: bool | None = None
    repo_locking: bool | None = None
    repo_locks: RepoLocks | None = None
    execution_order_group: int | None = None
    policy_check: bool | None = None
    custom_policy_check: bool | None = None
    silence_pr_comments: list[Literal["plan", "apply"]] | None = None
    glob_file_match: list[str] | None = None

    @model_validator(mode="after")
    def _patterns(self) -> Self:
        is_pattern = any(letter in self.dir for letter in "*?[")
        if is_pattern and self.name is not None:
            raise ValueError("a pattern in dir stands for many projects; leave out its name")
        if not is_pattern and self.glob_file_match is not None:
            raise ValueError("glob_file_match is for a pattern in dir; leave it out")
        return self


class Stage(_Rules):
    """The steps of one command. Each step's own form is left to Atlantis."""

    steps: list[Any] | None = None


StageName = Literal["plan", "policy_check", "apply", "import", "state_rm"]


class AtlantisFile(_Rules):
    """A whole ``atlantis.yaml``."""

    version: Literal[2, 3]
    projects: list[Project] | None = None
    workflows: dict[str, dict[StageName, Stage | None] | None] | None = None
    policies: dict[str, Any] | None = None
    autodiscover: AutoDiscover | None = None
    automerge: bool | None = None
    parallel_plan: bool | None = None
    parallel_apply: bool | None = None
    delete_source_branch_on_merge: bool | None = None
    emoji_reaction: str | None = None
    allowed_regexp_prefixes: list[str] | None = None
    abort_on_execution_order_fail: bool | None = None
    repo_locks: RepoLocks | None = None
    silence_pr_comments: list[Literal["plan", "apply"]] | None = None


def findings(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what Atlantis would refuse in any single part of the file."""
    try:
        AtlantisFile.model_validate(data)
    except ValidationError as error:
        for detail in error.errors():
            location = tuple(part for part in detail["loc"] if part != "[key]")
            yield location, message_of(detail, location, AtlantisFile)


Placed = Sequence[tuple[Location, Mapping[str, Any]]]
"""Projects, each with its place in the file."""


def home(project: Mapping[str, Any]) -> tuple[str, str]:
    """Return the folder and the workspace of *project*, as Atlantis compares them."""
    return posixpath.normpath(f"./{project['dir']}"), project.get("workspace") or "default"


def _meet(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether one pull request can see both: patterns of branches may exclude each other."""
    branches = one.get("branch"), other.get("branch")
    return None in branches or branches[0] == branches[1]


def clashes(projects: Placed, *, ours: Set[str] = frozenset()) -> Iterator[Finding]:
    """Yield which *projects* Atlantis could not tell apart; *ours* are the names that we give."""
    yield from _names(projects, ours)
    yield from _homes(projects)


def _names(projects: Placed, ours: Set[str]) -> Iterator[Finding]:
    seen: dict[str, list[Mapping[str, Any]]] = {}
    for location, project in projects:
        if project.get("name") is None:
            continue
        name = str(project["name"])
        if first := next((p for p in seen.get(name, ()) if _meet(p, project)), None):
            mend = (
                "take this one out if its stack moved, else give it another name or set "
                "atlantis.name_prefix in the delivery file"
                if name in ours
                else "give one of them another"
            )
            yield (
                (*location, "name"),
                f"{name!r} is the name of the project in {first['dir']} already; {mend}",
            )
        seen.setdefault(name, []).append(project)


def _homes(projects: Placed) -> Iterator[Finding]:
    seen: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for location, project in projects:
        others = seen.setdefault(home(project), [])
        if project.get("name") is None and any(_meet(other, project) for other in others):
            folder, workspace = home(project)
            yield (
                (*location, "dir"),
                f"another project has {folder} in the workspace {workspace} already; "
                "give each a name",
            )
        others.append(project)


def dependencies(projects: Placed) -> Iterator[Finding]:
    """Yield which of *projects*, all that there are, would wait for nothing or for ever."""
    places = {str(project["name"]): place for place, project in projects if project.get("name")}
    graph: dict[str, list[str]] = {}
    for place, project in projects:
        for name in map(str, project.get("depends_on") or ()):
            if name not in places:
                mend = did_you_mean(name, places) if places else "leave it out"
                yield (*place, "depends_on"), f"{name!r} is no project's name; {mend}"
            elif project.get("name"):
                graph.setdefault(str(project["name"]), []).append(name)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        ring = error.args[1][::-1]
        yield (
            (*places[ring[0]], "depends_on"),
            f"{' waits for '.join(ring)}, so that none can be applied; leave one of these out",
        )
