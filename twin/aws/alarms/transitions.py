"""What follows when an alarm changes its state: an event, its actions unless they are suppressed, and its memory.

MiniStack reports every change in one place (``_dispatch_alarm_actions``), whether an evaluation, SetAlarmState
or the rule of a composite alarm made it; the class takes that place.
"""

import contextlib
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import cloudwatch, eventbridge

from twin.alarms import State, Suppression, ToldState, function_payload, state_change
from twin.aws.alarms.outbox import Outbox
from twin.aws.alarms.tables import Record, Scope, alarm_of, composite_alarm

PutAwsEvent = Callable[[str, dict[str, Any]], None]
Actions = Callable[[Record, str, str, str], None]

_CREATED = "Unchecked: Initial alarm creation"
_ACTIONS = {
    State.ALARM: "AlarmActions",
    State.OK: "OKActions",
    State.INSUFFICIENT_DATA: "InsufficientDataActions",
}


class Transitions:
    """Tells of changes. ``notify`` is MiniStack's own dispatch of actions; ``lock`` guards MiniStack's records."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        put_aws_event: PutAwsEvent,
        notify: Actions,
        clock: Callable[[], float],
        lock: threading.RLock,
    ) -> None:
        self._outbox = outbox
        self._put_aws_event = put_aws_event
        self._notify = notify
        self._clock = clock
        self._lock = lock
        self._told: dict[str, ToldState] = {}
        self._suppressions: dict[tuple[Scope, str], Suppression] = {}
        self._completing: dict[str, Record] = {}

    def created(self, arn: str) -> None:
        """Remember the state that an alarm is born in, for its first event."""
        self._told[arn] = ToldState(State.INSUFFICIENT_DATA, _CREATED, self._clock())

    @contextlib.contextmanager
    def completing(self, name: str, suppressor: Record) -> Iterator[None]:
        """While MiniStack stores a composite alarm: give its record what MiniStack does not know."""
        self._completing[name] = suppressor
        try:
            yield
        finally:
            del self._completing[name]

    def changed(self, record: Record, old: str, new: str, _reason: str) -> None:
        """After an alarm of the current account and region changed; stands in for MiniStack's dispatch."""
        with self._lock:
            now, scope = self._clock(), (get_account_id(), get_region())
            record.update(self._completing.get(record["AlarmName"], {}))
            # MiniStack's own moments have whole seconds and its own clock.
            record["StateUpdatedTimestamp"] = record["StateTransitionedTimestamp"] = now
            suppression = self._suppression(scope, record, acted_on=State(old))
            if suppression is None:
                self._tell(scope, record, now, act_from=old)
            else:
                after = suppression.when_suppressor_is(self._is_suppressed(scope, record), now)
                self._settle(scope, record, after.when_alarm_is(State(new), now), now, is_change=True)
            self._suppressor_changed(scope, record["AlarmName"], now)

    def suppressor_set(self, record: Record) -> None:
        """After a composite alarm of the current account and region got another suppressor, or none."""
        with self._lock:
            scope = (get_account_id(), get_region())
            self._suppressions.pop((scope, record["AlarmName"]), None)
            if self._suppression(scope, record, acted_on=State(record["StateValue"])) is not None:
                self._look_again(scope, record, self._clock())

    def look_at_suppressions(self) -> float | None:
        """Act where a waiting time has run out; return when the next one does."""
        with self._lock:
            now = self._clock()
            for scope, name in list(self._suppressions):
                record = composite_alarm(scope, name)
                if record is None:
                    del self._suppressions[scope, name]
                else:
                    self._look_again(scope, record, now)
            return min((each.until for each in self._suppressions.values() if each.until is not None), default=None)

    # --- inside -------------------------------------------------------------------------------------------

    def _suppression(self, scope: Scope, record: Record, *, acted_on: State) -> Suppression | None:
        key = (scope, record["AlarmName"])
        if not record.get("ActionsSuppressor"):
            self._suppressions.pop(key, None)
            return None
        if key not in self._suppressions:
            self._suppressions[key] = Suppression(
                wait_seconds=float(record["ActionsSuppressorWaitPeriod"]),
                extension_seconds=float(record["ActionsSuppressorExtensionPeriod"]),
                acted_on=acted_on,
            )
        return self._suppressions[key]

    def _is_suppressed(self, scope: Scope, record: Record) -> bool:
        suppressor = alarm_of(scope, str(record["ActionsSuppressor"]))
        return suppressor is not None and suppressor["StateValue"] == State.ALARM

    def _suppressor_changed(self, scope: Scope, name: str, now: float) -> None:
        for record in cloudwatch._composite_alarms.values_scoped(*scope):
            reference = str(record.get("ActionsSuppressor") or "")
            if (reference.partition(":alarm:")[2] or reference) == name:
                self._look_again(scope, record, now)

    def _look_again(self, scope: Scope, record: Record, now: float) -> None:
        before = self._suppression(scope, record, acted_on=State(record["StateValue"]))
        if before is not None:
            after = before.when_suppressor_is(self._is_suppressed(scope, record), now)
            is_told = after.by is not before.by and record["StateValue"] == State.ALARM
            self._settle(scope, record, after, now, is_change=is_told)

    def _settle(self, scope: Scope, record: Record, suppression: Suppression, now: float, *, is_change: bool) -> None:
        state = State(record["StateValue"])
        told = {"ActionsSuppressedBy": suppression.by, "ActionsSuppressedReason": suppression.reason}
        for key, value in told.items():
            record.pop(key, None)
            if value is not None:
                record[key] = str(value)
        acted_on = suppression.acted_on if suppression.owes(state) else None
        if acted_on is not None or suppression.by is None:
            suppression = suppression.acted(state)
        self._suppressions[scope, record["AlarmName"]] = suppression
        if is_change or acted_on is not None:
            self._tell(scope, record, now, act_from=acted_on, is_event=is_change)

    def _tell(self, scope: Scope, record: Record, now: float, *, act_from: str | None, is_event: bool = True) -> None:
        arn = record["AlarmArn"]
        state = ToldState(
            record["StateValue"],
            record["StateReason"],
            now,
            record.get("StateReasonData"),
            record.get("ActionsSuppressedBy"),
            record.get("ActionsSuppressedReason"),
        )
        previous = self._told.get(arn, ToldState(State.INSUFFICIENT_DATA, _CREATED, now))
        if is_event:
            self._told[arn] = state
            event = state_change(record, state, previous, event_id=str(uuid.uuid4()))
            self._outbox.add(scope[1], lambda: self._put_aws_event(scope[1], event))
        if act_from is not None and record.get("ActionsEnabled", True):
            # A copy: by the time it is delivered the alarm may have changed again.
            told = dict(record)
            self._outbox.add(scope[1], lambda: self._act(scope, told, str(act_from), state, previous))

    def _act(self, scope: Scope, record: Record, old: str, state: ToldState, previous: ToldState) -> None:
        with request_scope(*scope):
            self._notify(record, old, state.value, state.reason)
            for arn in record.get(_ACTIONS[State(state.value)]) or ():
                if str(arn).startswith("arn:aws:lambda:"):
                    payload = json.dumps(function_payload(record, state, previous))
                    eventbridge._dispatch_to_lambda(arn, payload)
