"""The folder that is written: whole or not at all, and no state in it is ever lost."""

from keyless_ecs.output.change import Change
from keyless_ecs.output.errors import OutputFolderError, StateAtRiskError
from keyless_ecs.output.folder import compare
from keyless_ecs.output.moves import Move

__all__ = ["Change", "Move", "OutputFolderError", "StateAtRiskError", "compare"]
