"""The veto hook: a function of the topology's owner, or whoever listens on an event bus."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from failover.adapters.aws.clients import client
from failover.topology import Names, Topology, Veto

QUESTION = "Veto Asked"
"""The ``detail-type`` of the question on the event bus."""


class AwsVeto:
    """``ports.VetoHook``; whatever goes wrong on the way to the hook is silence."""

    def __init__(self, topology: Topology, region: str) -> None:
        self._source, self._region = Names(topology).event_source, region

    def ask(self, veto: Veto, question: Mapping[str, Any]) -> str | None:
        with suppress(Exception):
            if veto.function_arn is not None:
                return _answer(veto.function_arn, question, veto.seconds)
            entry = {
                "EventBusName": veto.event_bus,
                "Source": self._source,
                "DetailType": QUESTION,
                "Detail": json.dumps(question),
            }
            client("events", self._region, 1.5).put_events(Entries=[entry])
        return None


def _answer(function_arn: str, question: Mapping[str, Any], seconds: float) -> str | None:
    region = function_arn.split(":")[3]
    answer = client("lambda", region, seconds).invoke(FunctionName=function_arn, Payload=json.dumps(question))
    document = json.loads(answer["Payload"].read())
    if "FunctionError" in answer or not isinstance(document, dict) or document.get("veto") is not True:
        return None
    return str(document.get("reason") or "no reason given")
