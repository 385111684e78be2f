"""What a rehearsal finds."""


class UnexpectedOutcomeError(Exception):
    """Something came out otherwise than it must."""
