"""The reference as a page in Markdown: a section for each model, a row for each key."""

import re
from collections.abc import Iterator

from pydantic import BaseModel

from keyless_ecs.config.file import DeliveryFile
from keyless_ecs.reference.keys import Key, keys_of
from keyless_ecs.reference.values import values
from keyless_ecs.reference.words import told

_HEAD = """\
# The delivery file, setting by setting

<!-- Written by `make reference` from the models in modules/keyless_ecs/config. -->

Only what is marked *required* must be said. Keys of `accounts`, `services` and `environments` are
names of your choice in lower case with single hyphens; they become part of resource names
(`<service>-<environment>`) and of stacks; one that is renamed later says what it `was`. In a path,
`*` stands for such a name. `python main.py explain 'services.*.registry.from'` says the same on a
terminal. [delivery.schema.json](../schema/delivery.schema.json) tells it to the editor of
a file that begins with

```yaml
# yaml-language-server: $schema=schema/delivery.schema.json
```

A whole file:

```yaml
version: 1
github:
  owner: acme
accounts:
  prod: {id: "123456789012", region: eu-west-1}
services:
  web:
    repository: web
    environments:
      production: {account: prod, deploy_from: {branches: [main]}}
```
"""


def page() -> str:
    """Return the page, as it stands in ``docs/delivery-file.md``."""
    sections = _sections()
    lines = [_HEAD, "## The file", "", *_table(keys_of(DeliveryFile))]
    for model, places in sections.items():
        lines += ["", *_heading(places), "", _linked(told(model)), ""]
        like = next((other for other in model.__mro__[1:] if other in sections), None)
        if like:
            lines += [f"Every key of `{_path(sections[like][0])}`, and:", ""]
        theirs = like.model_fields.values() if like else ()
        lines += _table([key for key in keys_of(model) if key.field not in theirs])
    return "\n".join(lines) + "\n"


def _sections(
    model: type[BaseModel] = DeliveryFile, place: tuple[str, ...] = ()
) -> dict[type[BaseModel], list[tuple[str, ...]]]:
    """Return the models below *model*, each with the places where its keys stand."""
    found: dict[type[BaseModel], list[tuple[str, ...]]] = {}
    for key in keys_of(model, place):
        if key.section:
            found.setdefault(key.section, []).append(key.inside)
            for inner, places in _sections(key.section, key.inside).items():
                found.setdefault(inner, []).extend(places)
    return found


def _heading(places: list[tuple[str, ...]]) -> Iterator[str]:
    first, *others = map(_path, places)
    yield f"## {first}"
    if others:
        yield ""
        yield f"Also {', '.join(f'`{place}`' for place in others)}."


def _path(place: tuple[str, ...]) -> str:
    return ".".join(place)


def _table(rows: list[Key]) -> Iterator[str]:
    yield "| key | | default | example |"
    yield "|---|---|---|---|"
    for key in rows:
        said = f"{_linked(key.words.description or '')} {values(key)}".strip()
        cells = (f"`{key.name}`", said, key.default, _code(key.example))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _code(example: str) -> str:
    return "<br>".join(f"`{line}`" for line in example.splitlines())


def _linked(text: str) -> str:
    """Return *text* with the pages that it names as links from a page beside them."""
    return re.sub(r"\bdocs/([\w/-]+\.md(?:#[\w-]+)?)", r"[\1](\1)", text)
