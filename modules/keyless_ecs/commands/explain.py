"""Say what a key of the delivery file means, what it takes, its default and an example.

The key is named with all that it stands below, or by its end alone: registry.from.
"""

import argparse
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from keyless_ecs.commands import DONE
from keyless_ecs.errors import UserError

if TYPE_CHECKING:
    from keyless_ecs.reference.keys import Key

HELP = "say what a key of the delivery file means, with its default and an example"
EXAMPLE = "'services.*.registry.from'"

_WIDTH = 78


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add what this command knows."""
    parser.add_argument("key", nargs="?", metavar="KEY", help="the key (default: the first ones)")
    whole = parser.add_mutually_exclusive_group()
    whole.add_argument("--page", action="store_true", help="print all keys, as a page in Markdown")
    whole.add_argument("--schema", action="store_true", help="print the JSON schema for editors")


def run(options: argparse.Namespace) -> int:
    """Print what is said of the key, and of the keys below it.

    Raises:
        UserError: There is no such key.
    """
    from keyless_ecs.reference import page, schema
    from keyless_ecs.reference.keys import keys

    if options.page or options.schema:
        print(page.page() if options.page else schema.text(), end="")
        return DONE
    known = keys()
    if options.key is None:
        lines = _listed(key for key in known if len(key.location) == 1)
    else:
        lines = _explained(_called(options.key, known), known)
    print("\n".join(lines))
    return DONE


def _called(name: str, known: Sequence["Key"]) -> list["Key"]:
    """Return the keys that *name* may mean: the one of that path, else those that end so."""
    parts = tuple(name.split("."))
    found = [key for key in known if key.is_at(parts)] or [
        key for key in known if key.location[-len(parts) :] == parts
    ]
    if not found:
        from keyless_ecs.config.text import did_you_mean

        raise UserError(f"{name}: no such key; {did_you_mean(parts[-1], {k.name for k in known})}")
    return found


def _explained(found: Sequence["Key"], known: Sequence["Key"]) -> Iterator[str]:
    from keyless_ecs.reference.values import values

    alike: dict[int, list[Key]] = {}
    for key in found:
        alike.setdefault(id(key.field), []).append(key)
    for key, *others in alike.values():
        if key is not found[0]:
            yield ""
        yield ", ".join(each.path for each in (key, *others))
        said = f"{key.words.description or ''} {values(key)}".strip()
        yield from textwrap.wrap(_plain(said), _WIDTH, initial_indent="  ", subsequent_indent="  ")
        if key.default:
            yield f"  default  {_plain(key.default)}"
        for mark, line in zip(("example", *[""] * 99), key.example.splitlines(), strict=False):
            yield f"  {mark:7}  {line}"
        below = [each for each in known if each.location[:-1] == key.inside]
        if key.section and below:
            yield f"  below {'.'.join(key.inside)}:"
            yield from (f"  {line}" for line in _listed(below))


def _listed(found: "Iterator[Key] | Sequence[Key]") -> Iterator[str]:
    found = list(found)
    width = max(len(key.name) for key in found)
    for key in found:
        said = _plain(key.words.description or "")
        lead = f"  {key.name:{width}}  "
        yield lead + textwrap.shorten(said, _WIDTH - len(lead), placeholder=" …")


def _plain(markdown: str) -> str:
    return markdown.replace("`", "").replace("*required*", "none, it must be said")
