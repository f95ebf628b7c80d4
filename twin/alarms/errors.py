"""What the core says when it does not understand an alarm."""


class AlarmRefusedError(ValueError):
    """An alarm that CloudWatch would refuse, or that is not understood here: never guessed at, never ignored."""
