"""What this machine needs before a twin is begun; said at once, and not after a minute."""

from stacks.cdk_command import CdkError, require_cdk
from twin.errors import TwinError


def require_playable() -> None:
    """Raise ``TwinError`` where no twin can come up on this machine."""
    try:
        require_cdk()
    except CdkError as exc:
        raise TwinError(str(exc)) from exc
