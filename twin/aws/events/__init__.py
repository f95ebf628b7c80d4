"""EventBridge: rules that fire when they should, AWS's own events, and events that are spoiled on their way."""

from twin.aws.events.events import Event, Events
from twin.aws.events.spoiling import Spoiling

__all__ = ["Event", "Events", "Spoiling"]
