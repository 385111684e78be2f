"""A file as it was read: plain data, and the line of everything in it."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from keyless_ecs.config.problems import BadDeliveryFileError, BadFileError, Location, Problem


class Document:
    """A YAML file, with *data* as mappings, lists and scalars.

    Args:
        path: The file.
        begin: The line that such a file begins with.
        raises: What to raise where the file cannot be read, or is no YAML mapping.
    """

    def __init__(
        self,
        path: Path,
        *,
        begin: str = "version: 1",
        raises: type[BadFileError] = BadDeliveryFileError,
    ) -> None:
        def unreadable(message: str) -> BadFileError:
            return raises(path, [Problem(0, (), message)])

        try:
            self.data: Any = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = str(error.problem or error.context).partition("\n")[0]
            line = mark.line + 1 if mark else 0
            raise unreadable(f"line {line}: not YAML: {said}") from None
        except YAMLError as error:
            raise unreadable(f"not YAML: {error}") from None
        except UnicodeDecodeError:
            raise unreadable("not text in UTF-8; save it in that encoding") from None
        except FileNotFoundError:
            raise unreadable("no such file; name yours with --config FILE") from None
        except OSError as error:
            raise unreadable(f"cannot be read: {error.strerror}") from None
        if not isinstance(self.data, CommentedMap):
            raise unreadable(f"not a mapping; begin with {begin}")

    def line(self, location: Location) -> int:
        """Return the line of the key at *location*, or of the nearest key above it."""
        line = 0
        node = self.data
        for part in location:
            try:
                if isinstance(node, CommentedMap):
                    line = node.lc.key(part)[0]
                elif isinstance(node, CommentedSeq):
                    line = node.lc.item(part)[0]
                node = node[part]
            except (KeyError, IndexError, TypeError, AttributeError):
                break
        return line + 1
