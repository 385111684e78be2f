"""Why the output folder cannot be written."""

from keyless_ecs.errors import UserError


class OutputFolderError(UserError):
    """The output folder cannot be read or written; the text says where, why and what to do."""


class StateAtRiskError(OutputFolderError):
    """Writing would part Terraform from its state; the text says what to do first."""
