"""What a run changed in the folder: stacks, files, and resources by their addresses."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keyless_ecs.output import Change


@dataclass(frozen=True)
class Written:
    """What differs from before: resources as ``stack: address``, other files by their paths."""

    stacks: tuple[str, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    files: tuple[str, ...]

    def told(self, *, whole: bool) -> Iterator[str]:
        """Yield a line that counts, and with *whole* one for each thing."""
        counts = [
            (self.stacks, "stack", ""),
            (self.added, "resource", " added"),
            (self.changed, "resource", " changed"),
            (self.removed, "resource", " removed"),
            (self.files, "other file", ""),
        ]
        parts = [
            f"{len(things)} {what}{'s' * (len(things) != 1)}{done}"
            for things, what, done in counts
            if things
        ]
        yield f"written: {', '.join(parts)}" if parts else "nothing changed"
        if whole:
            for mark, things in (("+", self.added), ("~", self.changed), ("-", self.removed)):
                yield from (f"  {mark} {thing}" for thing in things)
            yield from (f"    {file}" for file in self.files)

    def data(self) -> Mapping[str, Any]:
        """Return the same for machines."""
        return {name: list(getattr(self, name)) for name in self.__dataclass_fields__}


def written(change: "Change") -> Written:
    """Return what *change*, which is not made yet, will have changed."""
    stacks, files = [], []
    added, changed, removed = list[str](), list[str](), list[str]()
    for path, text in sorted(change.files.items()):
        if path.parts[0] != "stacks":
            files.append(str(path))
            continue
        name = path.parts[1]
        stacks.append(name)
        before, after = _resources(change.before(path)), _resources(text)
        added += [f"{name}: {each}" for each in after if each not in before]
        removed += [f"{name}: {each}" for each in before if each not in after]
        changed += [f"{name}: {each}" for each in after if before.get(each, ...) != after[each]]
    changed = [each for each in changed if each not in added]
    for path in change.leaving:
        (stacks if path.parts[0] == "stacks" else files).append(path.parts[-1])
    lists = (stacks, added, changed, removed, files)
    return Written(*(tuple(dict.fromkeys(each)) for each in lists))


def _resources(text: str | None) -> dict[str, Any]:
    """Return the arguments of each resource by its address; none of a file that is broken."""
    try:
        types = json.loads(text or "{}").get("resource", {})
        return {f"{type_}.{name}": types[type_][name] for type_ in types for name in types[type_]}
    except (ValueError, AttributeError, TypeError):
        return {}
