"""The scripts of the jobs, each a file that ``bash -eo pipefail`` runs.

Whatever is the user's reaches them in environment variables, never as text of the script.
"""

from functools import cache
from importlib.resources import files


@cache
def script(name: str) -> str:
    """Return the script *name*, as it stands in a step."""
    return (files(__package__) / f"{name}.sh").read_text(encoding="utf-8")
