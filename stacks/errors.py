"""The error of a topology that is valid and that these stacks cannot build."""


class CompositionError(Exception):
    """The topology asks for something that AWS or these stacks do not offer; the message says the fix."""
