"""The scripts of the workflows, each run once per class of its inputs.

A script sees the world through its variables, the files of its job, and what ``aws`` and ``gh``
answer. Where two runs differ only in the names of commits, images, tags, environments, accounts,
revisions and runs, or in numbers of runs that stand in the same order, a script does the same: one
of them is run, in a shell, with stand-ins; the table remembers what it asked, and how it ended.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache

from tests.pipeline.model.shell import Answer, Asked, Ended, Shell

_TOKENS = {
    "digest": "d0{30}[0-9a-f]{33}",
    "commit": "c0{30}[0-9a-f]{9}",
    "number": "100[0-9]{4}",
    "name": "[234]00[0-9]{4}",
    "account": "1{12}|2{12}",
    "tag": r"v1\.0\.[0-9]+",
    "environment": "dev|staging|production",
}
_TOKEN = re.compile(f"({'|'.join(_TOKENS.values())})")
"""What the model names so that it can be found, and may have another name without any script's
noticing it. Only numbers of runs have an order."""
_ENVIRONMENTS = ("production", "staging", "dev")
_LIVE = 64
"""So many shells may wait for an answer."""


Key = tuple[str, str, tuple[str, ...]]
"""A script, what it was given, and what was answered, all with the names of their class."""


@dataclass
class Scripts:
    """What the scripts do: a table that fills itself.

    Exposes how many shells were *started*.
    """

    table: dict[Key, str] = field(default_factory=dict)
    started: int = 0
    _waiting: "OrderedDict[Key, Shell]" = field(default_factory=OrderedDict)
    """Shells that have asked and have no answer yet, by what was given to them."""

    def does(self, key: Key) -> str:
        """Return as JSON what a script does: ask the next question, or end."""
        if key not in self.table:
            self._find(key)
        return self.table[key]

    def _find(self, key: Key) -> None:
        """Let a shell come as far as *key*, and remember what it does on its way."""
        script, settings, answers = key
        shell = self._waiting.pop((script, settings, answers[:-1]), None) if answers else None
        if shell is None:
            self.started += 1
            shell = Shell(script, *json.loads(settings))
            self.table[script, settings, ()] = json.dumps(asdict(shell.does))
        for count in range(shell.answered, len(answers)):
            if isinstance(shell.does, Ended):
                raise ValueError(f"a script ended before its time: {script}")
            shell.answer(Answer(*json.loads(answers[count])))
            self.table[script, settings, answers[: count + 1]] = json.dumps(asdict(shell.does))
        if isinstance(shell.does, Ended):
            shell.close()
            return
        self._waiting[key] = shell
        if len(self._waiting) > _LIVE:
            self._waiting.popitem(last=False)[1].close()

    def close(self) -> None:
        """End every shell that waits."""
        while self._waiting:
            self._waiting.popitem()[1].close()


class Script:
    """One run of a script, by the table.

    Exposes what it *does* now.

    Args:
        scripts: The table.
        script: Its text.
        shell: The command that runs a file.
        variables: Its environment variables.
        files: What lies in the folder of its job, by path.
    """

    def __init__(
        self,
        scripts: Scripts,
        script: str,
        shell: Sequence[str],
        variables: Mapping[str, str],
        files: Mapping[str, str],
    ) -> None:
        words, fixed = _read(script)
        # What a script does not name cannot matter to it.
        seen = {name: value for name, value in variables.items() if name in words}
        near = " ".join([script, *seen.values()])
        named = {path: text for path, text in files.items() if path.rpartition("/")[2] in near}
        self._scripts, self._script, self._files = scripts, script, files
        self._settings = json.dumps([shell, seen, named])
        self._answers: list[str] = []
        self._names = _Names(fixed)
        self._names.learn(self._settings)
        self._key: Key = (script, self._names.given(self._settings), ())
        self.does = self._look()

    def answer(self, answer: Answer) -> None:
        """Answer its question, and let it run on."""
        text = json.dumps([answer.out, answer.err, answer.code])
        self._answers.append(text)
        script, settings, before = self._key
        if self._names.learn(text):
            # A number has come between others, so that all have other names now.
            settings = self._names.given(self._settings)
            before = tuple(map(self._names.given, self._answers[:-1]))
        self._key = (script, settings, (*before, self._names.given(text)))
        self.does = self._look()

    def _look(self) -> Asked | Ended:
        found = json.loads(self._names.taken(self._scripts.does(self._key)))
        found["files"] = {**self._files, **found["files"]}
        if "argv" in found:
            return Asked(tuple(found["argv"]), found["files"])
        return Ended(**found)


class _Names:
    """Another name for each token: numbers keep their order, all else comes as it first stands."""

    def __init__(self, fixed: frozenset[str]) -> None:
        self._fixed = fixed
        self._names = {token: token for token in fixed}
        self._numbers: list[str] = []
        self._counts = dict.fromkeys(_TOKENS, 0)
        self._back: dict[str, str] = {}

    def learn(self, text: str) -> bool:
        """Name what is new in *text*; say whether what was known has other names now."""
        numbers = len(self._numbers)
        for token in _parts(text)[1::2]:
            if token in self._names or token in self._numbers:
                continue
            kind = _kind(token)
            if kind == "number":
                self._numbers.append(token)
                continue
            while token not in self._names:
                self._counts[kind] += 1
                name = _name(kind, self._counts[kind], token)
                if name not in self._fixed:
                    self._names[token] = name
        if len(self._numbers) > numbers:
            self._numbers.sort()
            for count, token in enumerate(self._numbers, start=1):
                self._names[token] = f"100{count:04d}"
        self._back = {name: token for token, name in self._names.items()}
        return 0 < numbers < len(self._numbers)

    def given(self, text: str) -> str:
        """Return *text* as it is given to a script."""
        parts = list(_parts(text))
        parts[1::2] = [self._names[token] for token in parts[1::2]]
        return "".join(parts)

    def taken(self, text: str) -> str:
        """Return what comes from a script with the real names."""
        parts = list(_parts(text))
        parts[1::2] = [self._back.get(token, token) for token in parts[1::2]]
        return "".join(parts)


@cache
def _read(script: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words of a script, and those that must keep their names: it knows them itself."""
    return frozenset(re.findall(r"\w+", script)), frozenset(_parts(script)[1::2])


@lru_cache(maxsize=20_000)
def _parts(text: str) -> tuple[str, ...]:
    """Return what stands between the tokens of a *text*, and they: each second part is a token.

    A script is given few texts, and often.
    """
    return tuple(_TOKEN.split(text))


@cache
def _kind(token: str) -> str:
    return next(kind for kind, pattern in _TOKENS.items() if re.fullmatch(pattern, token))


def _name(kind: str, count: int, token: str) -> str:
    if kind == "environment":
        return _ENVIRONMENTS[count - 1]
    if kind == "account":
        return str(count) * 12
    if kind == "tag":
        return f"v1.0.{count}"
    if kind == "name":
        return f"{token[:3]}{count:04d}"
    return f"{token[0]}{count:0{len(token) - 1}x}"
