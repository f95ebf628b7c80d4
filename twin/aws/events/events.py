"""The EventBridge of one twin: fires its scheduled rules, and takes events that only AWS may send."""

import copy
import json
import time
from collections.abc import Mapping
from typing import Any, Final

from ministack.core.responses import new_uuid, request_scope
from ministack.services import cloudwatch, eventbridge

from twin.aws.events.other_regions import deliver_to_other_regions
from twin.aws.events.schedule import next_firing
from twin.aws.events.spoiling import Spoiler
from twin.aws.outages import ANYWHERE, Outages
from twin.aws.patches import Patches
from twin.aws.threads import Threads

Event = Mapping[str, Any]
"""An event in EventBridge's shape: ``source``, ``detail-type``, ``detail``, perhaps ``id``, ``time``, ``resources``."""

GLANCE_SECONDS: Final = 0.05
"""How late a rule may fire."""
RuleKey = tuple[str, str, str]


class Events:
    """EventBridge of all regions, between ``start`` and the end of its threads.

    MiniStack looks at its rules every ten seconds and fires what is due from then on, so that a rate of a
    minute is one of up to 70 seconds. A region that is lost fires nothing, and what it missed stays missed.
    """

    def __init__(self, account: str, outages: Outages, threads: Threads, first_firing_seconds: float | None) -> None:
        self._account = account
        self._outages = outages
        self._threads = threads
        self._first_firing_seconds = first_firing_seconds
        self._due: dict[RuleKey, tuple[tuple[Any, ...], float | None]] = {}
        self.spoiler = Spoiler(threads, self._deliver)
        self._dispatch = eventbridge._dispatch_event

    def install(self, patches: Patches) -> None:
        """Register with MiniStack, in this process."""

        def dispatch(event: dict[str, Any], view: Any = None) -> None:
            del view  # of the event as it was sent, made again when it is delivered
            self.spoiler.pass_on(event)

        patches.replace(eventbridge, "_dispatch_event", dispatch)
        deliver_to_other_regions(patches, self._outages)

    def redeliver(self, seconds: float, region: str = ANYWHERE) -> None:
        """Deliver all that the default buses have seen so far once more, as events of ``seconds`` ago."""
        for each in self._outages.regions if region == ANYWHERE else (region,):
            with request_scope(self._account, each):
                self.spoiler.stale(list(eventbridge._events_log_list()), seconds)

    def _deliver(self, event: dict[str, Any]) -> None:
        if not self._outages.is_down(event["Region"]):
            self._dispatch(event)

    def start(self) -> None:
        """Fire scheduled rules from now on."""
        self._threads.start("twin-aws-rules", self._fire_rules)

    def put_aws_event(self, region: str, event: Event) -> None:
        """Deliver an event with an ``aws.*`` source to a region's default bus; nothing happens in a lost region."""
        if self._outages.is_down(region):
            return
        told = {
            "EventId": event.get("id") or new_uuid(),
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "EventBusName": "default",
            "Time": event.get("time") or int(time.time()),
            "Resources": list(event.get("resources", ())),
            "Account": event.get("account", self._account),
            "Region": region,
        }
        with request_scope(self._account, region):
            eventbridge._events_log_list().append(told)
            eventbridge._dispatch_event(told)

    def _fire_rules(self) -> None:
        while True:
            now = time.time()
            for key, rule in list(eventbridge._rules._data.items()):
                if rule.get("ScheduleExpression") and self._is_due(key, rule, now):
                    self._fire(key, rule, now)
            self._threads.sleep(GLANCE_SECONDS)

    def _is_due(self, key: RuleKey, rule: dict[str, Any], now: float) -> bool:
        # CloudFormation's rules have no creation time in MiniStack's table: it is when they are seen first.
        expression, created = rule["ScheduleExpression"], rule.setdefault("CreationTime", now)
        first = self._first_firing_seconds

        def following(after: float) -> float | None:
            return next_firing(expression, after=after, created=created, first_seconds=first)

        version = (expression, created, rule["State"])
        if key not in self._due:
            self._due[key] = (version, following(created))
        elif self._due[key][0] != version:
            # Changed, or switched on again: what would have been due meanwhile is not.
            self._due[key] = (version, following(now))
        due = self._due[key][1]
        if due is None or due > now:
            return False
        self._due[key] = (version, following(now))
        return rule["State"] == "ENABLED" and not self._outages.is_down(key[1])

    def _fire(self, key: RuleKey, rule: dict[str, Any], now: float) -> None:
        account, region, _ = key
        event = {
            "EventId": new_uuid(),
            "Source": "aws.events",
            "DetailType": "Scheduled Event",
            "Detail": "{}",
            "EventBusName": rule.get("EventBusName", "default"),
            "Time": int(now),
            "Resources": [rule["Arn"]],
            "Account": account,
            "Region": region,
        }
        with request_scope(account, region):
            for target in copy.copy(eventbridge._targets._data.get(key, ())):
                eventbridge._invoke_target(target, event, rule)
            cloudwatch.record_metric("AWS/Events", "TriggeredRules", 1, "Count", {"RuleName": rule["Name"]})
