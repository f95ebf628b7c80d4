"""Events that a rule hands to an event bus of another region, which MiniStack drops."""

from typing import Any

from ministack.core.responses import get_region, request_scope
from ministack.services import eventbridge

from twin.aws.outages import Outages
from twin.aws.patches import Patches


def deliver_to_other_regions(patches: Patches, outages: Outages) -> None:
    """Let a rule's target be the bus of another region of the same account.

    A lost region takes nothing. AWS would try again for up to 24 hours; here the event is gone.
    """

    def dispatch(spec: Any, event: Any, rule: Any, path: Any, told: Any = None) -> None:
        if spec.region == get_region():
            original(spec, event, rule, path, told)
        elif not outages.is_down(spec.region):
            with request_scope(spec.account_id, spec.region):
                eventbridge._ensure_default_bus()
                original(spec, event, rule, path, told)

    original = patches.replace(eventbridge, "_dispatch_to_event_bus", dispatch)
