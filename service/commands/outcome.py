"""How commands end when they cannot do what was asked."""


class CommandError(Exception):
    """The command cannot be carried out; the message says why and what to do."""
