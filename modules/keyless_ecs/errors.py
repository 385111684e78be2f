"""What a user can cause, and therefore mend."""


class UserError(Exception):
    """The command cannot do what was asked; the text is for the user: the place and the mend."""
