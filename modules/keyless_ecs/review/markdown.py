"""Text as Markdown shows it."""

import re
from collections.abc import Iterator

_READ = re.compile(r"\S*(?:[*_<`\\[~|]|\$\{|:[\w+-]+:)\S*?(?=[,:]?(?:\s|$))")
"""A word that Markdown, or whoever renders it, would read as more than itself: GitHub makes a
picture of the ``:secret:`` in an ARN."""


def shown(text: str) -> str:
    """Return *text* such that a page shows it as it is: words with signs in them as code."""
    return _READ.sub(lambda word: f"`{word[0].replace('`', chr(39))}`", text)


def bullets(text: str) -> Iterator[str]:
    """Yield *text* as a point of an inner list, and each of its further lines below that one."""
    first, *further = text.split("\n")
    yield f"  - {shown(first)}"
    yield from (f"    - {shown(line)}" for line in further)
