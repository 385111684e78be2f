"""Text as Markdown shows it."""

import re

_READ = re.compile(r"[*_<`\\[~|]|\$\{")
"""What Markdown, or whoever renders it, would read as more than itself."""


def shown(text: str) -> str:
    """Return *text* such that a page shows it as it is."""
    return f"`{text.replace('`', chr(39))}`" if _READ.search(text) else text
