"""The words below a field of a model: a description, and lines that begin with a mark.

::

    role_name: RoleName | None = None
    \"\"\"Name of the deploy role.

    Default: {deploy_role}
    Example: shop-deploy
    \"\"\"

*Example* is YAML, and may go on in indented lines. Fields that take one of a few values need none.
*Default* says what holds where the field's own default is nothing; in braces stands a name of
:class:`~keyless_ecs.config.Delivery`, as it comes out for a service and an environment.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel

_LINE = re.compile(r"^(Default|Example):", re.MULTILINE)


@dataclass(frozen=True)
class Words:
    """What stands below a field; what does not is None."""

    description: str | None = None
    default: str | None = None
    example: str | None = None


@cache
def words_of(model: type[BaseModel]) -> Mapping[str, Words]:
    """Return the words of each field of *model* that has some, also of those that it inherits."""
    words: dict[str, Words] = {}
    for parent in reversed(model.__mro__):
        if issubclass(parent, BaseModel) and parent is not BaseModel:
            words |= _written_in(parent)
    return words


def told(model: type[BaseModel]) -> str:
    """Return what *model* says of itself, in Markdown."""
    return _markdown(inspect.cleandoc(model.__doc__ or ""))


def _written_in(model: type[BaseModel]) -> dict[str, Words]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(tree, ast.ClassDef)  # noqa: S101 -- for the type checker
    found = {}
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = _read(inspect.cleandoc(text))
    return found


def _read(text: str) -> Words:
    description, *marked = _LINE.split(_markdown(text))
    parts = {
        mark.lower(): textwrap.dedent(part).strip()
        for mark, part in zip(marked[::2], marked[1::2], strict=True)
    }
    if "default" in parts:
        parts["default"] = " ".join(parts["default"].split())
    return Words(" ".join(description.split()), **parts)


def _markdown(text: str) -> str:
    return text.replace("``", "`")
