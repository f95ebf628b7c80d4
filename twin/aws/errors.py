"""What goes wrong with the emulated AWS itself."""

from twin.errors import TwinError


class NotStartedError(TwinError):
    """The emulated AWS could not be started; nothing of it is left."""


class NotEmulatedError(Exception):
    """The twin was asked for something that it does not have."""
