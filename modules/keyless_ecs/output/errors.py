"""Why the output folder cannot be written."""


class OutputFolderError(Exception):
    """The output folder cannot be read or written; the text says where, why and what to do."""


class StateAtRiskError(OutputFolderError):
    """Writing would part Terraform from its state; the text says what to do first."""
