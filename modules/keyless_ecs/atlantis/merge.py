"""The projects of this program in an ``atlantis.yaml`` that is somebody's own.

They stand between two marks under ``projects:``. What is outside is the user's, whatever keys
Atlantis knows by then: it is looked at for names and folders that clash with ours, and stays to the
byte.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from keyless_ecs import yaml_text
from keyless_ecs.atlantis import projects
from keyless_ecs.atlantis.projects import WHEN_MODIFIED, Project
from keyless_ecs.config import DeliveryFile
from keyless_ecs.config.problems import BadFileError, Location, Problem
from keyless_ecs.config.shown import shown
from keyless_ecs.config.state import State
from keyless_ecs.config.yaml_file import YamlFile

BEGIN, END = "# BEGIN keyless-ecs", "# END keyless-ecs"
_LINE = re.compile(r"[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029]|$)")
"""As YAML counts lines."""
_COMMENT = re.compile(r"(^|\s)#")


class BadAtlantisFileError(BadFileError):
    """The file to merge into cannot be used."""


@dataclass(frozen=True)
class Merge:
    """The *text* that a file shall have, and by name what that does to our projects in it."""

    text: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    moved: bool = False
    """Whether projects of ours come into the block that stood outside, or in no block of lines."""

    def __bool__(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(self.added or self.changed or self.removed or self.moved)


@dataclass(frozen=True)
class _Item:
    """A project of the file: where it is in the list, its lines, and what it says."""

    at: int
    first: int
    last: int
    says: Any


def merge(path: Path, file: DeliveryFile) -> Merge:
    """Return what the file at *path* becomes with the projects of *file*; write nothing.

    A file of the version before, which had no marks, is recognised by our folders and names, and
    its projects of ours are moved between the marks.

    Raises:
        BadAtlantisFileError: With every problem in it, each with its line.
    """
    ours = projects.projects(file)
    if not path.parent.is_dir():
        raise _bad(path, f"{path.parent} is no folder; name a file in one that is there")
    if path.exists() and not path.is_file():
        # The write would put a file in the place of a device, and a pipe is never read to its end.
        raise _bad(path, "is no regular file; name one, or a path where none is yet")
    comments = _only_comments(path)
    if comments is not None:
        kept = [line for line in _LINE.findall(comments) if line.strip() not in (BEGIN, END)]
        header = "".join(kept) or projects.HEADER_OF_A_MERGED_FILE
        text = projects.text(file, header=header if header.endswith("\n") else header + "\n")
        added = tuple(project["name"] for project in ours)
        return Merge(_marked(text), added)
    yaml_file = YamlFile(path, begin="version: 3", raises=BadAtlantisFileError)
    with path.open(encoding="utf-8", newline="") as opened:
        text = opened.read()
    return _Merging(path, file, yaml_file, text).merge(ours)


class _Merging:
    """One file, read as YAML for the places of things and changed by lines."""

    def __init__(self, path: Path, file: DeliveryFile, read: YamlFile, text: str) -> None:
        self._path, self._folder, self._read = path, projects.folder(file), read
        self._lines = [line for line in _LINE.findall(text) if line]
        self._newline = "\r\n" if "\r\n" in text else "\n"
        try:
            root = YAML(typ="safe", pure=True).compose(text.removeprefix("\ufeff"))
        except (YAMLError, RecursionError, ValueError):
            raise _bad(path, "not YAML; try a YAML linter on it") from None
        self._root: MappingNode = root
        self._pair = next((pair for pair in root.value if pair[0].value == "projects"), None)

    def merge(self, ours: Sequence[Project]) -> Merge:
        """Return the merge of *ours*."""
        block = self._block()
        items = self._items()
        inside = [item for item in items if block and block[0] < item.first < block[1]]
        outside = [item for item in items if item not in inside]
        former = [item for item in outside if self._was_ours(item.says, ours)]
        theirs = [item for item in outside if item not in former]
        if problems := [
            *self._whole_file(bool(items)),
            *self._commented(block),
            *self._misplaced(inside),
            *self._clashes(theirs, ours),
            *self._would_be_lost(former, ours),
        ]:
            raise BadAtlantisFileError(self._path, problems)
        before = {str(item.says.get("name")): item.says for item in (*inside, *former)}
        names = [project["name"] for project in ours]
        if problems := list(self._waiting(theirs, before.keys() - {*names})):
            raise BadAtlantisFileError(self._path, problems)
        result = Merge(
            self._written(block, former, theirs, ours),
            added=tuple(name for name in names if name not in before),
            changed=tuple(
                project["name"]
                for project in ours
                if before.get(project["name"], project) != project
            ),
            removed=tuple(name for name in before if name not in names),
            moved=bool(former) or block is None,
        )
        self._compare(result.text, theirs, ours)
        return result

    def _whole_file(self, lists_projects: bool) -> Iterator[Problem]:
        """Yield what is wrong beside the projects: the version, and a discovery that would end."""
        if self._read.data.get("version") not in (2, 3):
            found = shown(self._read.data.get("version"))
            yield self._problem_at(("version",), f"{found} is not known; use 3")
        discovery = self._read.data.get("autodiscover", {"mode": "enabled"})
        mode = discovery.get("mode") if isinstance(discovery, Mapping) else None
        if not lists_projects and mode in (None, "auto"):
            yield self._problem_at(
                ("autodiscover",),
                "finds nothing more once a project is listed, as ours will be; write "
                "autodiscover: {mode: enabled}, or disabled",
            )

    def _block(self) -> tuple[int, int] | None:
        """Return the lines of the two marks, None where there are none."""
        marks = [
            (number, line.strip())
            for number, line in enumerate(self._lines)
            if line.strip() in (BEGIN, END)
        ]
        if not marks:
            return None
        if [mark for _, mark in marks] != [BEGIN, END]:
            number, mark = marks[-1] if len(marks) == 1 else marks[1]
            raise self._problem(
                number,
                f"{mark!r} is not one of a pair; there must be one {BEGIN!r} and, below it, one "
                f"{END!r}",
            )
        (begin, _), (end, _) = marks
        if self._pair is None or begin <= self._pair[0].start_mark.line:
            raise self._problem(
                begin, f"{BEGIN!r} stands not under projects; move both marks there"
            )
        return begin, end

    def _items(self) -> list[_Item]:
        if self._pair is None:
            return []
        node, says = self._pair[1], self._read.data["projects"]
        if says is None or says == []:
            return []
        if not isinstance(node, SequenceNode) or node.flow_style:
            raise self._problem(
                self._pair[0].start_mark.line,
                "projects must be a list with a dash and lines of its own for each project",
            )
        return [
            _Item(at, self._dash(item), _last_line(item), says[at])
            for at, item in enumerate(node.value)
        ]

    def _dash(self, item: Node) -> int:
        """Return the line of the dash before *item*, whose first key may stand below it."""
        line = int(item.start_mark.line)
        while line and not self._lines[line].lstrip().startswith("-"):
            line -= 1
        return line

    def _was_ours(self, project: Any, ours: Sequence[Project]) -> bool:
        """Tell whether the version before wrote *project*: in our folder, by our name, as we do."""
        home = _home(project)
        if home is None or home[1] != "default":
            return False
        if any(each["dir"] == home[0] and each["name"] == project.get("name") for each in ours):
            return True
        place = PurePosixPath(home[0])
        return (
            place.parent == self._folder
            and str(project.get("name") or "").endswith(place.name)
            and _watches_as_ours(project)
        )

    def _clashes(self, theirs: Sequence[_Item], ours: Sequence[Project]) -> Iterator[Problem]:
        """Yield which of their projects Atlantis could not tell from one of ours."""
        names = {project["name"]: project["dir"] for project in ours}
        folders = {project["dir"]: project["name"] for project in ours}
        for item in theirs:
            if not isinstance(item.says, Mapping):
                continue
            name, home = item.says.get("name"), _home(item.says)
            if name is not None and str(name) in names:
                yield self._problem_at(
                    ("projects", item.at, "name"),
                    f"{shown(str(name))} is the name of our project in {names[str(name)]}; give "
                    "this one another, or set atlantis.name_prefix in the delivery file",
                )
            elif home and home[0] in folders and home[1] == "default" and name is None:
                yield self._problem_at(
                    ("projects", item.at, "dir"),
                    f"{shown(home[0])} is the folder of our project {folders[home[0]]}; give this "
                    "one a name or a workspace of its own, or take it out",
                )

    def _commented(self, block: tuple[int, int] | None) -> Iterator[Problem]:
        """Yield the comments between the marks, where this program writes none."""
        begin, end = block or (0, 0)
        for number in range(begin + 1, end):
            if _COMMENT.search(self._lines[number]):
                message = f"its comment would be lost; move that above {BEGIN!r}"
                yield Problem(number + 1, ("projects",), message)

    def _misplaced(self, inside: Sequence[_Item]) -> Iterator[Problem]:
        """Yield what stands between the marks and is not what this program writes there."""
        known = {*projects.KEYS}
        for item in inside:
            if not isinstance(item.says, Mapping) or not _watches_as_ours(item.says):
                yield self._problem_at(
                    ("projects", item.at),
                    f"what stands between the marks is written anew; move it below {END!r}",
                )
                continue
            for key in item.says:
                if key not in known:
                    yield self._problem_at(
                        ("projects", item.at, str(key)),
                        "would be lost: what stands between the marks is written anew; take it out",
                    )

    def _waiting(self, theirs: Sequence[_Item], leaving: Set[str]) -> Iterator[Problem]:
        """Yield which of their projects wait for one of ours that leaves."""
        for item in theirs:
            waits = item.says.get("depends_on") if isinstance(item.says, Mapping) else None
            for name in waits if isinstance(waits, list) else ():
                if str(name) in leaving:
                    yield self._problem_at(
                        ("projects", item.at, "depends_on"),
                        f"{shown(str(name))} leaves with its stack, and Atlantis refuses to wait "
                        "for no project; take it out",
                    )

    def _would_be_lost(self, former: Sequence[_Item], ours: Sequence[Project]) -> Iterator[Problem]:
        """Yield what somebody added to a project that comes between the marks."""
        wanted = {project["name"]: project for project in ours}
        for item in former:
            project = wanted.get(str(item.says.get("name")), {})
            for number in range(item.first, item.last + 1):
                if "#" in self._lines[number]:
                    message = "its comment would be lost; move that above the list of projects"
                    yield Problem(number + 1, ("projects", item.at), message)
            for key, value in item.says.items():
                known = key in ("name", "dir", "autoplan", "execution_order_group", "depends_on")
                if project.get(key) != value and (not known or _more(value, project.get(key))):
                    yield self._problem_at(
                        ("projects", item.at, str(key)),
                        "would be lost, since this project is the program's; set it under atlantis "
                        "in the delivery file where that knows it, else take it out",
                    )

    def _written(
        self,
        block: tuple[int, int] | None,
        former: Sequence[_Item],
        theirs: Sequence[_Item],
        ours: Sequence[Project],
    ) -> str:
        lines = list(self._lines)
        leaving = {number for item in former for number in range(item.first, item.last + 1)}
        if block:
            begin, end = block
            # With a project of theirs beside it, ours must stand in its column.
            column = self._column() if theirs else lines[begin].index("#")
            new = self._block_lines(ours, column)
            new[-1] = new[-1].rstrip("\r\n") + _ending(lines[end])
            kept = [line for number, line in enumerate(lines[:begin]) if number not in leaving]
            rest = [
                line for number, line in enumerate(lines) if number > end and number not in leaving
            ]
            return "".join([*kept, *new, *rest])
        if lines and not _ending(lines[-1]):
            lines[-1] += self._newline
        if self._pair is None:
            if self._root.flow_style:
                raise _bad(
                    self._path, "all in one line; write each of its keys on a line of its own"
                )
            at = self._after_root()
            column = int(self._root.start_mark.column)
            head = [f"{' ' * column}projects:{self._newline}", *self._block_lines(ours, column + 2)]
            discovery = [" " * column + line for line in self._discovery()]
            return "".join([*lines[:at], *head, *discovery, *lines[at:]])
        key, node = self._pair
        line = int(key.start_mark.line)
        if not isinstance(node, SequenceNode) or not node.value:  # nothing, or []
            lines[line] = self._emptied(lines[line], key, node)
            at, column = line + 1, int(key.start_mark.column) + 2
            discovery = self._discovery()
        else:
            at, column = _last_line(node) + 1, self._column()
            discovery = []
        new = self._block_lines(ours, column)
        before = [each for number, each in enumerate(lines[:at]) if number not in leaving]
        return "".join([*before, *new, *lines[at:], *discovery])

    def _column(self) -> int:
        """Return the column of the dashes, before which an anchor or a tag may stand elsewhere."""
        assert self._pair is not None  # noqa: S101 -- there are items
        line = self._lines[self._dash(self._pair[1].value[0])].lstrip("\ufeff")
        return len(line) - len(line.lstrip())

    def _emptied(self, line: str, key: Node, node: Node) -> str:
        """Return the line ``projects: []``, or ``projects: null``, without its value."""
        start, end = node.start_mark, node.end_mark
        if (start.line, start.column) == (end.line, end.column):
            return line
        if not start.line == end.line == key.start_mark.line:
            raise self._problem(int(start.line), "write the empty projects: [] in one line")
        return line[: start.column].rstrip() + line[end.column :]

    def _after_root(self) -> int:
        """Return the line behind the last of the file's keys."""
        return _last_line(self._root) + 1

    def _discovery(self) -> list[str]:
        """Return the lines that keep the discovery of folders, which a list of projects ends."""
        if "autodiscover" in self._read.data:
            return []
        return [f"autodiscover:{self._newline}", f"  mode: enabled{self._newline}"]

    def _block_lines(self, ours: Sequence[Project], column: int) -> list[str]:
        _, *lines = yaml_text.to_yaml({"projects": list(ours)}, words_in_line=True).splitlines()
        lines = [f"  {BEGIN}", *lines, f"  {END}"]
        return [" " * column + line[2:] + self._newline for line in lines]

    def _compare(self, text: str, theirs: Sequence[_Item], ours: Sequence[Project]) -> None:
        """See that *text* says what it shall: what was theirs, and our projects.

        Raises:
            BadAtlantisFileError: It does not, as where an alias refers to what leaves.
        """
        was = self._read.data
        try:
            now = YAML(typ="safe", pure=True).load(text.removeprefix("\ufeff"))
            listed = now["projects"]
            as_wanted = (
                {k: v for k, v in now.items() if k in was and k != "projects"}
                == {k: v for k, v in was.items() if k != "projects"}
                and [p for p in listed if p not in ours] == [i.says for i in theirs]
                and [p for p in listed if p in ours] == list(ours)
            )
        except (YAMLError, RecursionError, ValueError, KeyError, TypeError, AttributeError):
            as_wanted = False
        if not as_wanted:
            raise _bad(
                self._path,
                "cannot be edited without loss as it is written; write each project under a dash "
                "of its own, each of its keys on a line of its own, and without aliases to ours",
            )

    def _problem_at(self, location: Location, message: str) -> Problem:
        return Problem(self._read.line(location), location, message)

    def _problem(self, line: int, message: str) -> BadAtlantisFileError:
        return BadAtlantisFileError(self._path, [Problem(line + 1, (), message)])


def _marked(text: str) -> str:
    """Return a whole file of ours with the marks around its projects."""
    head, key, listed = text.rpartition("\nprojects:\n")  # the last: comments may say it too
    return f"{head}{key}  {BEGIN}\n{listed}  {END}\n"


def _home(project: Any) -> tuple[str, str] | None:
    """Return the folder and the workspace of *project*, as Atlantis compares them."""
    if not isinstance(project, Mapping) or not isinstance(project.get("dir"), str):
        return None
    return posixpath.normpath(f"./{project['dir']}"), str(project.get("workspace") or "default")


def _watches_as_ours(project: Mapping[str, Any]) -> bool:
    autoplan = project.get("autoplan")
    watched = autoplan.get("when_modified") if isinstance(autoplan, Mapping) else None
    return isinstance(watched, list) and {*WHEN_MODIFIED} <= {*map(str, watched)}


def _more(value: Any, known: Any) -> bool:
    """Tell whether *value*, which is not *known*, holds what this program never wrote."""
    if isinstance(value, Mapping):
        known = known if isinstance(known, Mapping) else {"when_modified": list(WHEN_MODIFIED)}
        return any(key not in known or _more(item, known[key]) for key, item in value.items())
    if isinstance(value, list) and isinstance(known, list):
        return not {*map(str, value)} <= {*map(str, known)}
    return False


def _last_line(node: Node) -> int:
    """Return the last line of *node*, without the blanks and comments behind it."""
    if isinstance(node, CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        parts = last if isinstance(last, tuple) else (last,)
        return max(_last_line(part) for part in parts)
    end = node.end_mark
    block_text = isinstance(node, ScalarNode) and node.style in ("|", ">")
    return int(end.line) - 1 if (block_text or end.column == 0) and end.line else int(end.line)


def _ending(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


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
    lines = text.removeprefix("\ufeff").splitlines()
    return (
        text if all(not line.strip() or line.lstrip().startswith("#") for line in lines) else None
    )
