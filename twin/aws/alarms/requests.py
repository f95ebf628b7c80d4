"""CloudWatch's API, where MiniStack's handlers leave out what alarms depend on.

Storage resolution is kept, metric math is accepted, what is not understood is refused at the request, an
update keeps the state's data, and composite alarms have their suppressor.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from twin.alarms import AlarmRefusedError, State, read_metric_alarm
from twin.aws.alarms.tables import HIGH_RESOLUTION, Record, alarm_of
from twin.aws.alarms.transitions import Transitions
from twin.aws.patches import Patches

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[dict[str, Any], dict[str, Any], bool, bool], Response]

_OF_ONE_METRIC: Final = ("MetricName", "Namespace", "Dimensions", "Statistic", "ExtendedStatistic", "Period", "Unit")
_LEFT_OUT: Final = ("Metrics", "EvaluationWindow", "EvaluateLowSampleCountPercentile")
_KEPT: Final = ("StateReasonData", "StateTransitionedTimestamp")
_SUPPRESSOR: Final = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
_OK: Final = 200


class Requests:
    """Handlers in the place of MiniStack's own."""

    def __init__(self, patches: Patches, transitions: Transitions, lock: threading.RLock) -> None:
        self._transitions = transitions
        self._lock = lock
        self._resolutions: list[bool] = []
        for name, handle in {
            "_put_metric_data": self._put_metric_data,
            "_put_metric_alarm": self._put_metric_alarm,
            "_put_composite_alarm": self._put_composite_alarm,
            "_set_alarm_state": self._set_alarm_state,
        }.items():
            patches.replace(cloudwatch, name, self._guarded(handle, getattr(cloudwatch, name)))
        self._store = patches.replace(cloudwatch, "_store_datum", self._store_datum)
        self._templated = patches.replace(provisioners, "_cw_metric_alarm_record", self._templated_alarm)

    def _guarded(self, handle: Callable[..., Response], original: Handler) -> Handler:
        """The handler without the race against an evaluation, and with refusals as API errors."""

        def guarded(params: dict[str, Any], body: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Response:  # noqa: FBT001, FBT002
            request = body if is_cbor or is_json else _of_query(params)
            with self._lock:
                try:
                    return handle(request, lambda: original(params, body, is_cbor, is_json))
                except AlarmRefusedError as exc:
                    error: Response = cloudwatch._error(
                        "ValidationError", str(exc), 400, use_json=is_json, use_cbor=is_cbor
                    )
                    return error

        return guarded

    # --- metrics ------------------------------------------------------------------------------------------

    def _put_metric_data(self, request: Record, proceed: Callable[[], Response]) -> Response:
        self._resolutions = [str(datum.get("StorageResolution")) == "1" for datum in request.get("MetricData", ())]
        return proceed()

    def _store_datum(self, namespace: str, name: str, dimensions: dict[str, str], *datum: Any) -> None:
        points = cloudwatch._metric_bucket((namespace, name, cloudwatch._dims_key(dimensions)))
        before = len(points)
        self._store(namespace, name, dimensions, *datum)
        if self._resolutions and self._resolutions.pop(0):
            for point in points[before:]:
                point[HIGH_RESOLUTION] = True

    # --- metric alarms ------------------------------------------------------------------------------------

    def _put_metric_alarm(self, request: Record, proceed: Callable[[], Response]) -> Response:
        read_metric_alarm(request)
        name = str(request.get("AlarmName", ""))
        before = cloudwatch._alarms.get(name)
        if before is None:
            self._transitions.created(_arn(name))
        response = proceed()
        if response[0] == _OK:
            _complete(cloudwatch._alarms[name], request, before)
        return response

    def _templated_alarm(self, name: str, properties: Record) -> Record:
        """The record of AWS::CloudWatch::Alarm; MiniStack refuses one with metric math, and drops some members."""
        read_metric_alarm({**properties, "AlarmName": name})
        before = cloudwatch._alarms.get(name)
        if before is None:
            self._transitions.created(_arn(name))
        known = properties
        if properties.get("Metrics"):
            known = {key: value for key, value in properties.items() if key != "Metrics"}
            known |= {"MetricName": "none", "Namespace": "none"}
        record: Record = self._templated(name, known)
        _complete(record, properties, before)
        return record

    def _set_alarm_state(self, request: Record, proceed: Callable[[], Response]) -> Response:
        state = request.get("StateValue")
        if state not in list(State):
            raise AlarmRefusedError(f"StateValue {state!r} is none of {', '.join(State)}")
        record = alarm_of((get_account_id(), get_region()), str(request.get("AlarmName", "")))
        if record is not None:
            # What an evaluation found does not explain a state that was set by hand.
            record.pop("StateReasonData", None)
        return proceed()

    # --- composite alarms ---------------------------------------------------------------------------------

    def _put_composite_alarm(self, request: Record, proceed: Callable[[], Response]) -> Response:
        name = str(request.get("AlarmName", ""))
        suppressor = _suppressor(request)
        before = cloudwatch._composite_alarms.get(name)
        if before is None:
            self._transitions.created(_arn(name))
        with self._transitions.completing(name, suppressor):
            response = proceed()
        if response[0] == _OK:
            record = cloudwatch._composite_alarms[name]
            record.update(suppressor)
            if before is not None and suppressor != {key: before[key] for key in _SUPPRESSOR if key in before}:
                self._transitions.suppressor_set(record)
        return response


def _complete(record: Record, request: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    if request.get("Metrics"):
        for key in _OF_ONE_METRIC:
            record.pop(key, None)
    elif request.get("ExtendedStatistic"):
        record.pop("Statistic", None)
    record.update({key: request[key] for key in _LEFT_OUT if request.get(key)})
    record["StateTransitionedTimestamp"] = record["StateUpdatedTimestamp"]
    record.update({key: before[key] for key in _KEPT if before and key in before})


def _suppressor(request: Mapping[str, Any]) -> Record:
    """Return the members about the suppressor, checked.

    Raises:
        AlarmRefusedError: the suppressor does not exist, or one of its periods is missing.
    """
    named = request.get("ActionsSuppressor")
    if not named:
        return {}
    missing = [key for key in _SUPPRESSOR if request.get(key) in (None, "")]
    if missing:
        raise AlarmRefusedError(f"ActionsSuppressor {named!r} needs {', '.join(missing)} too")
    if alarm_of((get_account_id(), get_region()), str(named)) is None:
        raise AlarmRefusedError(f"ActionsSuppressor {named!r} does not exist; create that alarm first")
    _, wait, extension = _SUPPRESSOR
    return {"ActionsSuppressor": str(named), wait: int(request[wait]), extension: int(request[extension])}


def _arn(name: str) -> str:
    return f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"


def _of_query(params: Mapping[str, Any]) -> Record:
    """Return a request of the Query protocol as the other protocols give it."""
    request: Record = {}
    for key, value in params.items():
        at, keys = request, key.split(".")
        for part in keys[:-1]:
            at = at.setdefault(part, {})
        at[keys[-1]] = value[0] if isinstance(value, list) else value
    return {key: _listed(value) for key, value in request.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if set(value) == {"member"}:
        return [_listed(value["member"][index]) for index in sorted(value["member"], key=int)]
    return {key: _listed(member) for key, member in value.items()}
