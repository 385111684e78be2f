"""Resource addresses that a reviewer can say aloud.

CDKTF ends the name of every nested element with a hash of its construct path
(``aws_ecr_lifecycle_policy.registry_lifecycle_E9B5B0E7``) and notes that path beside the element.
Here the path itself becomes the name, and the note goes: ``registry_lifecycle``. Naming each
element from Python instead would cost a call to Node for every one of them.
"""

import json
import re
from collections import Counter
from typing import Any

_HASHED = re.compile(r"(\w+)_[0-9A-F]{8}")


def readable(stack: dict[str, Any]) -> dict[str, Any]:
    """Return a synthesized stack with names and references without hashes.

    Raises:
        ValueError: Two elements of one type would get one name.
    """
    elements = [
        (type_, name, element)
        for block in ("data", "resource")
        for type_, named in stack.get(block, {}).items()
        for name, element in named.items()
    ]
    names = {name: _name(element.pop("//")) for _, name, element in elements}
    # A local has no note of its path; it is always nested, and so always hashed.
    names |= {local: _HASHED.sub(r"\1", local) for local in stack.get("locals", {})}
    taken = Counter([(type_, names[name]) for type_, name, _ in elements])
    taken += Counter([("local", names[local]) for local in stack.get("locals", {})])
    if twice := [f"{type_}.{name}" for (type_, name), count in taken.items() if count > 1]:
        raise ValueError(f"more than one element would be called {', '.join(twice)}")
    hashed = {old: new for old, new in names.items() if old != new}
    if not hashed:
        return stack
    # The hash makes each old name unlike any other text, so it is replaced wherever it stands.
    pattern = re.compile("|".join(map(re.escape, sorted(hashed, key=len, reverse=True))))
    text = pattern.sub(lambda match: hashed[match[0]], json.dumps(stack))
    result: dict[str, Any] = json.loads(text)
    return result


def _name(note: dict[str, Any]) -> str:
    below_the_stack = note["metadata"]["path"].split("/")[1:]
    return "_".join(part for part in below_the_stack if part != "Default")
