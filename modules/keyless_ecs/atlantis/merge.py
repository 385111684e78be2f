"""The projects of this program in an ``atlantis.yaml`` that is somebody's own."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from keyless_ecs.atlantis import projects, rules
from keyless_ecs.atlantis.projects import WHEN_MODIFIED, Project
from keyless_ecs.atlantis.splice import data_of, spliced
from keyless_ecs.config import DeliveryFile
from keyless_ecs.config.problems import BadFileError, Problem
from keyless_ecs.config.state import State
from keyless_ecs.config.yaml_file import YamlFile


class BadAtlantisFileError(BadFileError):
    """The file to merge into cannot be used."""


@dataclass(frozen=True)
class Merge:
    """The *text* that a file shall have, and by name what that does to our projects in it."""

    text: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(self.added or self.changed or self.removed)


def merge(path: Path, file: DeliveryFile) -> Merge:
    """Return what the file at *path* becomes with the projects of *file*; write nothing.

    A project is ours where its folder is a stack's. It gets what the delivery file says and keeps
    what somebody added: further keys, files to watch, projects to wait for. A setting that left
    the delivery file stays too, since taking a requirement away must be somebody's decision.
    Everything else in the file stays as it is, to the byte.

    Raises:
        BadAtlantisFileError: With every problem in it, each with its line.
    """
    ours = projects.projects(file)
    names = tuple(project["name"] for project in ours)
    if not path.parent.is_dir():
        raise _bad(path, f"{path.parent} is no folder; name a file in one that is there")
    if path.exists() and not path.is_file():
        # The write would put a file in the place of a device, and a pipe is never read to its end.
        raise _bad(path, "is no regular file; name one, or a path where none is yet")
    comments = _only_comments(path)
    if comments is not None:
        header = comments or projects.HEADER_OF_A_MERGED_FILE
        return Merge(projects.text(file, header=header), names)

    document = YamlFile(path, begin="version: 3", raises=BadAtlantisFileError)
    with path.open(encoding="utf-8", newline="") as opened:
        text = opened.read()
    try:
        data = data_of(text)
    except MarkedYAMLError as error:  # a tag, which the document keeps and nobody understands
        line = error.problem_mark.line + 1
        raise _bad(path, f"line {line}: {error.problem}") from None
    findings = list(rules.findings(data))
    change = _change(_sound(data, findings), ours, projects.folder(file))
    findings += rules.clashes(change.outcome(), ours=set(names))
    if not findings:
        findings += rules.dependencies(change.outcome())
    if findings:
        raise BadAtlantisFileError(
            path,
            [Problem(document.line(location), location, message) for location, message in findings],
        )

    wanted = _wanted(data, change)
    if wanted == data:
        return Merge(text)
    above = {key: wanted[key] for key in wanted if key != "projects" or key not in data}
    merged = spliced(text, data, above, change.items, change.added)
    try:
        as_wanted = data_of(merged) == wanted
    except (YAMLError, RecursionError):
        as_wanted = False
    if not as_wanted:
        raise _bad(
            path,
            "cannot be edited without loss as it is written; write each project under a dash of "
            "its own, each of its keys on a line of its own, and what changes without aliases",
        )
    return Merge(
        merged,
        tuple(project["name"] for project in change.added),
        tuple(change.changed[at]["name"] for at in sorted(change.changed)),
        tuple(change.old[at]["name"] for at in sorted(change.leaving)),
    )


def _sound(data: Mapping[str, Any], findings: Sequence[rules.Finding]) -> list[Project]:
    """Return the projects of a file, empty in place of those with a problem of their own."""
    listed = data.get("projects") or []
    bad = {location[1] for location, _ in findings if location[0] == "projects" and location[1:]}
    if not isinstance(listed, list):
        return []
    return [{} if at in bad else project for at, project in enumerate(listed)]


def warnings(path: Path, file: DeliveryFile) -> Iterator[str]:
    """Yield why Atlantis would not do what is expected of it with the file at *path*."""
    if file.state == State():
        yield (
            "the state is a file in the stack's folder, and Atlantis deletes its copy of the "
            "repository with the pull request: set state in the delivery file before it applies"
        )
    folder = path.parent / projects.folder(file)
    if not folder.is_dir():
        yield (
            f"{folder} is not there: put generated/ there, or say in atlantis.root of the "
            "delivery file where it lies"
        )


def _bad(path: Path, message: str) -> BadAtlantisFileError:
    return BadAtlantisFileError(path, [Problem(0, (), message)])


def _only_comments(path: Path) -> str | None:
    """Return the comments of a file that holds nothing else, or that is not there."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        return None
    return None if re.search(r"^\s*[^#\s]", text, re.MULTILINE) else text


@dataclass(frozen=True)
class _Change:
    """What happens to the projects of a file, each by its position in *old*."""

    old: Sequence[Project]
    added: list[Project] = field(default_factory=list)
    changed: dict[int, Project] = field(default_factory=dict)
    leaving: set[int] = field(default_factory=set)
    ours: set[int] = field(default_factory=set)

    @property
    def items(self) -> list[Project | None]:
        """For each of the old projects what shall stand there."""
        return [
            None if at in self.leaving else self.changed.get(at, project)
            for at, project in enumerate(self.old)
        ]

    def outcome(self) -> rules.Placed:
        """Return all projects, ours first, so that what clashes with them is what is reported."""
        items = [(at, item) for at, item in enumerate(self.items) if item]
        items.sort(key=lambda item: item[0] not in self.ours)
        return [
            *((("projects",), project) for project in self.added),
            *((("projects", at), item) for at, item in items),
        ]


def _change(old: Sequence[Project], ours: Sequence[Project], folder: PurePosixPath) -> _Change:
    change = _Change(old)
    by_folder: dict[str, list[int]] = {}
    for at, project in enumerate(old):
        if project and rules.home(project)[1] == "default":
            by_folder.setdefault(rules.home(project)[0], []).append(at)
    matched = {}
    for project in ours:
        there = by_folder.pop(project["dir"], [])
        # Somebody may have a second project in our folder, for a workflow of their own.
        same_name = [at for at in there if old[at].get("name") == project["name"]]
        for at in (same_name or there)[:1]:
            matched[at] = project
        if not there:
            change.added.append(project)
    change.ours.update(matched)
    for where, there in by_folder.items():
        change.leaving.update(at for at in there if _was_ours(old[at], where, folder))
    known = {old[at].get("name") for at in (*matched, *change.leaving)}
    for at, project in matched.items():
        new = _updated(old[at], project, known)
        if new != old[at]:
            change.changed[at] = new
    return change


def _was_ours(project: Project, where: str, folder: PurePosixPath) -> bool:
    """Tell whether *project* is that of a stack that left: it must say so in three places.

    A folder alone is no proof: with the root of the repository as ours, ``stacks/vpc`` may be
    anybody's.
    """
    path = PurePosixPath(where)
    watched = (project.get("autoplan") or {}).get("when_modified") or []
    return (
        path.parent == folder
        and str(project.get("name") or "").endswith(path.name)
        and set(WHEN_MODIFIED) <= set(watched)
    )


def _updated(old: Project, ours: Project, known: set[Any]) -> Project:
    """Return *old* with what *ours* says; *known* are names that our projects had until now."""
    new = {**old, **ours, "dir": old["dir"]}
    autoplan = old.get("autoplan") or {}
    watched = autoplan.get("when_modified") or []
    new["autoplan"] = {
        **autoplan,
        "when_modified": [*watched, *(name for name in WHEN_MODIFIED if name not in watched)],
    }
    wanted = ours.get("depends_on", [])
    others = [name for name in old.get("depends_on") or [] if name in wanted or name not in known]
    waits = [*others, *(name for name in wanted if name not in others)]
    if waits or "depends_on" in old:
        new["depends_on"] = waits
    return new


def _wanted(data: Mapping[str, Any], change: _Change) -> dict[str, Any]:
    kept = [item for item in change.items if item is not None]
    wanted = {**data, "projects": [*kept, *change.added]}
    discovery = data.get("autodiscover") or {}
    # Where nothing was listed all was discovered, and our projects would end that. A list that is
    # there without the key was meant to be the whole.
    if not change.old and discovery.get("mode") in (None, "auto"):
        wanted["autodiscover"] = {**discovery, "mode": "enabled"}
    return wanted
