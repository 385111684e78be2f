"""What there is, as AWS's command line shows it, against what the first apply would make of it."""

from keyless_ecs.adoption.comparison import compared
from keyless_ecs.adoption.found import Found, UnknownOutputError, read
from keyless_ecs.adoption.questions import commands
from keyless_ecs.adoption.report import report

__all__ = ["Found", "UnknownOutputError", "commands", "compared", "read", "report"]
