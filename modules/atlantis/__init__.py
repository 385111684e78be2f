"""The stacks as projects of Atlantis, in a file of their own or merged into one that is there."""

from modules.atlantis.merge import BadAtlantisFileError, merge, warnings
from modules.atlantis.projects import PATH, text

__all__ = ["PATH", "BadAtlantisFileError", "merge", "text", "warnings"]
