"""A YAML file as it was read: plain data, the line of everything in it, and the text of numbers."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from keyless_ecs.config.problems import BadDeliveryFileError, BadFileError, Location, Problem

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 40
MAX_VALUES = 100_000
"""Counted with aliases written out: some few lines of them can stand for billions of values."""
MAX_DIGITS = 40

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"(true|True|TRUE)|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9][0-9_]*|0o[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+")
_FLOAT = re.compile(
    r"[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?([Tt ].*)?", re.ASCII)
_CONFLICT = re.compile(r"^(<{7}|>{7})( .*)?\r?$", re.MULTILINE)
_PLAINLY = {
    r"found character '\t'": "a tab, where YAML wants spaces",
    "expected alphabetic or numeric character": "text that begins with * or & wants quotes",
}
"""What ruamel.yaml says to the two faults that are most often made, and what it means."""

_TAGS = {
    "tag:yaml.org,2002:str": ScalarEvent,
    "tag:yaml.org,2002:map": MappingStartEvent,
    "tag:yaml.org,2002:seq": SequenceStartEvent,
}


class WrittenInt(int):
    """A whole number whose *text* is not its decimal form, as in ``0042`` or ``0x1F``."""

    text: str


class WrittenFloat(float):
    """A number with its *text*, of which the value alone may have lost some."""

    text: str


class Mapping(dict[str, Any]):
    """A mapping with the line of each key, and how many values stand below it."""

    def __init__(self) -> None:
        self.lines: dict[str | int, int] = {}
        self.size = 1


class Sequence(list[Any]):
    """A list with the line of each item, and how many values stand below it."""

    def __init__(self) -> None:
        self.lines: dict[str | int, int] = {}
        self.size = 1


class YamlFile:
    """A YAML file, with *data* as mappings, lists and scalars.

    Args:
        path: The file.
        begin: The line that such a file begins with.
        raises: What to raise where the file cannot be read, or is no YAML mapping. A message
            names places and lines and never a value, which may be a secret.
    """

    def __init__(
        self,
        path: Path,
        *,
        begin: str = "version: 1",
        raises: type[BadFileError] = BadDeliveryFileError,
    ) -> None:
        def unreadable(message: str, line: int = 0) -> BadFileError:
            return raises(path, [Problem(line, (), message)])

        try:
            with path.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                raise unreadable(
                    f"more than {MAX_BYTES:,} bytes, which no such file needs; split it"
                )
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise unreadable("not text in UTF-8; save it in that encoding") from None
        except FileNotFoundError:
            raise unreadable(
                "no such file; name yours with --config FILE, or begin one with the command init"
            ) from None
        except OSError as error:
            raise unreadable(f"cannot be read: {error.strerror}") from None
        except ValueError:
            raise unreadable("no path of a file; name yours with --config FILE") from None
        if conflicts := _conflicts(text):
            raise raises(path, conflicts)
        reading = _Reading()
        try:
            reading.read(YAML(typ="safe", pure=True).parse(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = str(error.problem or error.context).partition("\n")[0]
            for known, plainly in _PLAINLY.items():
                said = plainly if known in said else said
            # What stands in quotes is the file's own text.
            said = re.sub(r"(['\"])[^<].+\1", "…", said)
            line = mark.line + 1 if mark else 0
            raise raises(
                path, [*reading.problems, Problem(line, (), f"not YAML: {said}")]
            ) from None
        except ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise unreadable("not YAML: a control character; take it out", line) from None
        except (YAMLError, ValueError, OverflowError):
            raise unreadable("not YAML; try a YAML linter on it") from None
        if reading.problems:
            raise raises(path, reading.problems)
        if not isinstance(reading.data, Mapping):
            raise unreadable(f"not a mapping; begin with {begin}")
        self.data: Any = reading.data

    def line(self, location: Location) -> int:
        """Return the line of the key at *location*, or of the nearest key above it."""
        line = 1
        node = self.data
        for part in location:
            if not isinstance(node, Mapping | Sequence) or part not in node.lines:
                break
            line = node.lines[part]
            node = node[part]  # type: ignore[index]
        return line


def _conflicts(text: str) -> list[Problem]:
    """Return where a merge of Git left what it could not merge."""
    found, begun = [], 0
    for marker in _CONFLICT.finditer(text):
        line = text.count("\n", 0, marker.start()) + 1
        if marker[1][0] == "<":
            begun = line
        elif begun:
            message = (
                f"Git left a conflict from line {begun} to line {line}; "
                "keep one side of it and take its marks (<<<<<<< ======= >>>>>>>) out"
            )
            found.append(Problem(begun, (), message))
            begun = 0
    return found


class _Open:
    """A mapping or list whose end was not read yet."""

    def __init__(
        self, value: Mapping | Sequence, anchor: str | None, location: Location, line: int
    ) -> None:
        self.value = value
        self.line = line
        self.anchor = anchor
        self.location = location
        self.key: str | None = None
        self.key_line = 0
        self.awaits_key = isinstance(value, Mapping)
        self.merged: list[tuple[int, Any]] = []


_MERGE = "<<"
_SKIPPED = "?"
"""Stands for a key that was refused, so that what stands under it is read nevertheless."""


class _Reading:
    """Makes data of the events of a parser, each once, and notes what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.data: Any = None
        self._open: list[_Open] = []
        self._anchors: dict[str, Any] = {}
        self._documents = 0
        self._merging = False

    def read(self, events: Iterable[Event]) -> None:
        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, DocumentStartEvent):
                self._documents += 1
                if self._documents == 2:
                    self._wrong(line, "a second document begins; leave one in the file")
                    return
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                self._end()
            elif isinstance(event, NodeEvent):
                if self._open and self._open[-1].awaits_key:
                    self._read_key(event, line)
                else:
                    self._read_value(event, line)
                if len(self._open) > MAX_DEPTH or self._total() > MAX_VALUES:
                    what = (
                        f"{MAX_DEPTH} levels deep"
                        if len(self._open) > MAX_DEPTH
                        else (f"{MAX_VALUES:,} values, aliases written out")
                    )
                    self._wrong(
                        line, f"more than {what}, which no such file needs; make it smaller"
                    )
                    return

    def _total(self) -> int:
        return sum(level.value.size for level in self._open)

    def _wrong(self, line: int, message: str) -> None:
        location = self._here() if self._open else ()
        self.problems.append(Problem(line, location, message))

    def _here(self) -> Location:
        level = self._open[-1]
        if isinstance(level.value, Sequence):
            return (*level.location, len(level.value))
        return (
            level.location if level.key in (None, _SKIPPED) else (*level.location, level.key or "")
        )

    def _read_key(self, event: NodeEvent, line: int) -> None:
        level = self._open[-1]
        level.key, level.key_line, level.awaits_key = None, line, False
        key = self._scalar(event, line) if isinstance(event, ScalarEvent) else None
        if isinstance(event, AliasEvent):
            key = self._anchors.get(event.anchor)
        plain = isinstance(event, ScalarEvent) and event.implicit[0]
        if not isinstance(key, str):
            self._wrong(line, "a key that is no text to YAML; put it in quotes")
            level.key = _SKIPPED
            if isinstance(event, CollectionStartEvent):
                # Its content is read as that of a value, and so are the pairs behind it.
                self._open.append(_Open(_new(event), None, level.location, line))
                level.awaits_key = True
            return
        if isinstance(event, ScalarEvent) and event.anchor:
            self._anchors[event.anchor] = key
        level.key = key
        if key == _MERGE and plain:
            return
        if key in level.value.lines:
            first = level.value.lines[key]
            self._wrong(line, f"stands there twice, in lines {first} and {line}; keep one of them")
        level.value.lines[key] = line

    def _read_value(self, event: NodeEvent, line: int) -> None:
        if isinstance(event, AliasEvent):
            self._put(self._aliased(event.anchor, line), line)
        if not isinstance(event, ScalarEvent | CollectionStartEvent):
            return
        tag = str(event.tag) if event.tag else None
        if tag not in (None, "!") and not isinstance(event, _TAGS.get(str(tag), ())):
            self._wrong(line, "a tag (!…) that does not fit; leave it out")
        if isinstance(event, ScalarEvent):
            value = self._scalar(event, line)
            if event.anchor:
                self._anchors[event.anchor] = value
            self._put(value, line)
            return
        location = self._here() if self._open else ()
        self._open.append(_Open(_new(event), event.anchor, location, line))
        if event.anchor:
            self._anchors[event.anchor] = self._open[-1]

    def _aliased(self, anchor: str, line: int) -> Any:
        # The name stays out of the message: text that begins with * is taken for one.
        if anchor not in self._anchors:
            self._wrong(
                line,
                "text that begins with * stands for what is marked with & above; "
                "nothing is, so put it in quotes",
            )
            return None
        value = self._anchors[anchor]
        if isinstance(value, _Open):
            self._wrong(line, "holds itself, by an alias (*) of what it stands in; leave it out")
            return None
        return value

    def _scalar(self, event: ScalarEvent, line: int) -> Any:
        text: str = event.value
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            try:
                # JSON writes a letter beyond 16 bits as a pair.
                text = text.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                self._wrong(line, "half a letter (\\ud800 to \\udfff); write the letter itself")
        if not event.implicit[0]:
            return text
        if _DATE.fullmatch(text):
            self._wrong(line, "a date to YAML; put it in quotes")
            return text
        if _NULL.fullmatch(text):
            return None
        if truth := _BOOL.fullmatch(text):
            return truth[1] is not None
        if not _INT.fullmatch(text) and not _FLOAT.fullmatch(text):
            return text
        if len(text) > MAX_DIGITS:
            self._wrong(line, f"a number of more than {MAX_DIGITS} digits; put it in quotes")
            return text
        return _number(text)

    def _put(self, value: Any, line: int) -> None:
        if not self._open:
            self.data = value
            return
        level = self._open[-1]
        level.value.size += getattr(value, "size", 1)
        if isinstance(level.value, Sequence):
            level.value.lines[len(level.value)] = line
            level.value.append(value)
            return
        level.awaits_key = True
        if level.key == _MERGE and _MERGE not in level.value.lines:
            level.merged.append((level.key_line, value))
        elif level.key is not None and level.key != _SKIPPED:
            level.value[level.key] = value

    def _end(self) -> None:
        level = self._open.pop()
        if isinstance(level.value, Mapping):
            for line, merged in level.merged:
                self._merge(level.value, merged, line)
        if level.anchor:
            self._anchors[level.anchor] = level.value
        if self._open and self._open[-1].awaits_key:  # it was a key, and refused
            self._open[-1].awaits_key = False
            return
        self._put(level.value, level.line)

    def _merge(self, into: Mapping, merged: Any, line: int) -> None:
        """Add the keys that *into* lacks. https://yaml.org/type/merge.html."""
        for each in merged if isinstance(merged, Sequence) else [merged]:
            if each is None:  # nothing, or refused already
                continue
            if not isinstance(each, Mapping):
                self._wrong(line, "<<: takes a mapping, or a list of them; give it one")
                continue
            for key in each.keys() - into.keys():
                into[key] = each[key]
                into.lines[key] = line


def _new(event: CollectionStartEvent) -> Mapping | Sequence:
    return Mapping() if isinstance(event, MappingStartEvent) else Sequence()


def _number(text: str) -> int | float:
    """Return the number that *text* is to YAML 1.2, with its text where that says more."""
    digits = text.replace("_", "")
    if not _INT.fullmatch(text):
        decimal = WrittenFloat(re.sub(r"\.(inf|nan)", r"\1", digits, flags=re.IGNORECASE))
        decimal.text = text
        return decimal
    base = {"0o": 8, "0x": 16, "0b": 2}.get(text[:2], 10)
    value = int(digits, base)
    if str(value) == text:
        return value
    whole = WrittenInt(value)
    whole.text = text
    return whole
