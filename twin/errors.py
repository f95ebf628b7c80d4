"""What can be wrong with the twin itself, and not with what is rehearsed on it."""


class TwinError(Exception):
    """The twin cannot be brought up or used; the message says why, and what to do."""
