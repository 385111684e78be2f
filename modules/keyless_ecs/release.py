"""Which version of the program this is, and what versions change in the folder that it writes."""

import re
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_CHECKOUT = _HERE.parents[1]
_WRITTEN = re.compile(r"^Written by keyless-ecs (\S+)\.$", re.MULTILINE)


@cache
def version() -> str:
    """Return what ``pyproject.toml`` says: of this checkout, else of the package installed."""
    project = _CHECKOUT / "pyproject.toml"
    if project.is_file():
        import tomllib

        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
    from importlib import metadata

    return metadata.version("keyless-ecs")


def written() -> str:
    """Return the line by which a page says which version wrote the folder."""
    return f"Written by keyless-ecs {version()}."


def writer(page: str) -> str | None:
    """Return the version that wrote *page*; None where it does not say."""
    found = _WRITTEN.search(page)
    return found[1] if found else None


def changed_since(before: str, changelog: str | None = None) -> list[str]:
    """Return what the versions after *before* change in the folder, newest first.

    They stand in the changelog, which a wheel carries, below ``### In `generated/``` of each.

    Args:
        before: A version.
        changelog: The text of another changelog than this program's own.
    """
    if changelog is None:
        own = _HERE / "CHANGELOG.md"
        file = own if own.is_file() else _CHECKOUT / "CHANGELOG.md"
        changelog = file.read_text(encoding="utf-8")
    lines: list[str] = []
    for section in re.split(r"^## \[", changelog, flags=re.MULTILINE)[1:]:
        if section.partition("]")[0] == before:
            break
        _, _, below = section.partition("\n### In `generated/`\n")
        lines += below.partition("\n### ")[0].strip().splitlines()
    return lines
