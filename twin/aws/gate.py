"""The gate in front of MiniStack: every request passes it, is counted, and meets the outages of the drill."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ministack.core import responses

from twin.aws import connections
from twin.aws.calls import OPERATOR, Call, CallCounter, Request, call_of
from twin.aws.functions.deaths import Deaths
from twin.aws.outages.faults import CallFaults, Late, Lost, Refused
from twin.aws.outages.outages import Outages
from twin.aws.outages.refusal import Answer, refusal
from twin.aws.outages.rules import Failure
from twin.aws.rights import Rights

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

CALLER: Final = re.compile(r"\bapp/(\S+)")
"""The caller's application id in an SDK's user agent, which is a function's name here."""
GLANCE_SECONDS: Final = 0.05
"""How often a hanging request looks whether its outage was lifted."""


class CutOffError(Exception):
    """The connection was reset while the call was being answered."""


class Gate:
    """An ASGI application around another.

    Args:
        application: answers the calls that pass.
        regions: the region of each listener's address; any other address is the operator's.
    """

    def __init__(
        self,
        application: Application,
        regions: Mapping[str, str],
        outages: Outages,
        faults: CallFaults,
        counter: CallCounter,
        *,
        deaths: Deaths,
        rights: Rights,
    ) -> None:
        self._application = application
        self._regions = regions
        self._outages = outages
        self._faults = faults
        self._counter = counter
        self._deaths = deaths
        self._rights = rights

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        # MiniStack takes an unsigned request, such as one to an API's own domain, to be of its first account.
        responses.set_request_account_id("")
        request, receive = await _read(scope, receive)
        self._rights.judge(request.headers.get("authorization", ""))
        call = call_of(request, self._regions.get(scope["server"][0], OPERATOR))
        self._counter.add(call)
        await asyncio.sleep(self._outages.delay(call))
        failure = self._outages.against(call) or self._outages.by_chance(call)
        if failure is not None:
            await self._fail(call, failure, request, receive, send)
            return
        fault = self._faults.take(call)
        if isinstance(fault, Refused):
            await _answer(send, refusal(call.service, request.headers, fault.code, fault.message, fault.status))
            return
        try:
            caller = CALLER.search(request.headers.get("user-agent", ""))
            watched = self._watched(call, fault, caller[1] if caller else "", send)
            await self._application(scope, receive, watched)
        except CutOffError:
            return

    def _watched(self, call: Call, fault: Late | Lost | None, caller: str, send: Send) -> Send:
        """Let an answer out only while its path stands: a region lost meanwhile takes its answers with it."""

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                if isinstance(fault, Late):
                    await asyncio.sleep(fault.seconds)
                failure = self._outages.against(call)
                if failure is Failure.HANG:
                    await self._until_lifted(call)
                died = self._deaths.due and await asyncio.to_thread(self._deaths.wrote, caller, call)
                if died or failure is not None or isinstance(fault, Lost):
                    connections.reset()
                    raise CutOffError
            await send(message)

        return watched

    async def _fail(self, call: Call, failure: Failure, request: Request, receive: Receive, send: Send) -> None:
        if failure is Failure.UNAVAILABLE:
            message = f"{call.service} is not available in {call.target}."
            await _answer(send, refusal(call.service, request.headers, "ServiceUnavailable", message, 503))
        elif failure is Failure.THROTTLED:
            await _answer(send, refusal(call.service, request.headers, "ThrottlingException", "Rate exceeded", 400))
        else:
            if failure is Failure.HANG:
                gone = asyncio.ensure_future(_until_gone(receive))
                lifted = asyncio.ensure_future(self._until_lifted(call))
                try:
                    await asyncio.wait({gone, lifted}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    gone.cancel()
                    lifted.cancel()
            connections.reset()

    async def _until_lifted(self, call: Call) -> None:
        while self._outages.against(call) is Failure.HANG:
            await asyncio.sleep(GLANCE_SECONDS)


async def _read(scope: Any, receive: Receive) -> tuple[Request, Receive]:
    """Return what names the call; a form is read for its action, and given to the application again."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    request = Request(scope["method"], scope["path"], scope.get("query_string", b"").decode("latin-1"), headers)
    if not request.is_form:
        return request, receive
    seen: list[Message] = []
    while not seen or (seen[-1]["type"] == "http.request" and seen[-1].get("more_body")):
        seen.append(await receive())
    form = b"".join(message.get("body", b"") for message in seen)
    messages = iter(seen)

    async def again() -> Message:
        for message in messages:
            return message
        return await receive()

    return Request(request.method, request.path, request.query, headers, form), again


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, answer: Answer) -> None:
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body})
