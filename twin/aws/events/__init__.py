"""EventBridge: rules that fire when they should, and AWS's own events."""

from twin.aws.events.events import Event, Events

__all__ = ["Event", "Events"]
