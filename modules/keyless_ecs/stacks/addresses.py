"""Resource addresses that a reviewer can say aloud.

CDKTF ends the name of every nested element with a hash of its construct path
(``aws_ecr_lifecycle_policy.registry_lifecycle_E9B5B0E7``) and notes that path beside the element.
Here the path itself becomes the name, and the note goes: ``registry_lifecycle``. Naming each
element from Python instead would cost a call to Node for every one of them.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

_HASH = re.compile(r"_[0-9A-F]{8}$")
_EXPRESSION = re.compile(r"(?<!\$)\$\{(?:[^{}]|\{[^{}]*\})*\}")
"""Two dollars escape one: behind them stands a user's text."""
_UNSAID = "Default"
"""Begins a part of a path that is no part of a name. So things of different types can share one: a
load balancer and its security group, ``DefaultGroup``."""
_BEHIND_A_DOT = re.compile(r"(?<=\.)[\w-]+")


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
    names |= {local: _HASH.sub("", local) for local in stack.get("locals", {})}
    taken = Counter([(type_, names[name]) for type_, name, _ in elements])
    taken += Counter([("local", names[local]) for local in stack.get("locals", {})])
    if twice := [f"{type_}.{name}" for (type_, name), count in taken.items() if count > 1]:
        raise ValueError(f"more than one element would be called {', '.join(twice)}")
    renamed = dict(stack)
    for block in ("data", "resource"):
        if block in stack:
            renamed[block] = {
                type_: {names[name]: _element(element, names) for name, element in named.items()}
                for type_, named in stack[block].items()
            }
    if "locals" in stack:
        renamed["locals"] = {names[local]: value for local, value in stack["locals"].items()}
    if "import" in stack:
        renamed["import"] = [{**it, "to": _renamed(it["to"], names)} for it in stack["import"]]
    result: dict[str, Any] = _referring(renamed, names)
    return result


def _element(element: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return *element* with the addresses that stand in it as they are, outside expressions."""
    if "depends_on" not in element:
        return element
    return {**element, "depends_on": [_renamed(it, names) for it in element["depends_on"]]}


def _referring(value: Any, names: Mapping[str, str]) -> Any:
    """Return *value* with the *names* that its expressions use; a user's text may look like one."""
    if isinstance(value, dict):
        return {_referring(key, names): _referring(below, names) for key, below in value.items()}
    if isinstance(value, list):
        return [_referring(below, names) for below in value]
    if isinstance(value, str) and "${" in value:
        return _EXPRESSION.sub(lambda expression: _renamed(expression[0], names), value)
    return value


def _renamed(code: str, names: Mapping[str, str]) -> str:
    return _BEHIND_A_DOT.sub(lambda name: names.get(name[0], name[0]), code)


def _name(note: dict[str, Any]) -> str:
    below_the_stack = note["metadata"]["path"].split("/")[1:]
    return "_".join(part for part in below_the_stack if not part.startswith(_UNSAID))
