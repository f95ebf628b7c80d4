"""A process that forks a region's Lambda workers, and what a worker does; stdlib only.

A cold start is mostly the import of boto3 and Powertools. Here they are imported once for a region, and
each worker is a fork: a process of its own, with its own environment, that begins where the imports ended.

Run as ``nursery_process.py FD CODE_FOLDER MODULE...``: commands come over the socket FD as lines of JSON,
``{"spawn": {...}}`` with the worker's own socket attached, ``{"kill": PID}``; both are answered with
``{"pid": PID}``. When the socket closes the nursery kills its whole process group.
"""

# ruff: noqa: BLE001  (pathlib costs ten milliseconds; what a handler raises is told, whatever it is)

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

REAP_SECONDS = 1.0
LINE = 1 << 16


class Context:
    """What AWS's Python runtime gives a handler beside its event."""

    identity = None
    client_context = None
    tenant_id = None

    def __init__(self, told: dict[str, Any]) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = told["invoked_function_arn"]
        self.aws_request_id = told["request_id"]
        self._deadline = time.monotonic() + told["timeout_seconds"]

    def get_remaining_time_in_millis(self) -> int:
        """The time until the function is killed."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message: str) -> None:
        """Write to the function's log."""
        sys.stdout.write(f"{message}\n")


def nursery(commands: socket.socket) -> None:
    """Serve commands until the socket closes; in a forked worker, return the worker's end of life."""
    children: set[int] = set()
    pending, heard = b"", select.poll()  # select takes no descriptor above 1023, and a large twin has them
    heard.register(commands, select.POLLIN)
    while True:
        ready = heard.poll(REAP_SECONDS * 1000)
        reap(children)
        if not ready:
            continue
        data, descriptors, _, _ = socket.recv_fds(commands, LINE, 1)
        if not data:
            os.killpg(0, signal.SIGKILL)
        pending += data
        if not pending.endswith(b"\n"):
            continue
        command, pending = json.loads(pending), b""
        if "kill" in command:
            pid = command["kill"]
            if pid in children:  # not yet waited for, so the id is still its own
                os.kill(pid, signal.SIGKILL)
            commands.sendall(json.dumps({"pid": pid}).encode() + b"\n")
            continue
        pid = os.fork()
        if pid == 0:
            commands.close()
            work(socket.socket(fileno=descriptors[0]), command["spawn"])
            sys.stdout.flush()
            os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)
        children.add(pid)
        commands.sendall(json.dumps({"pid": pid}).encode() + b"\n")


def reap(children: set[int]) -> None:
    """Forget the children that ended."""
    for pid in list(children):
        if os.waitpid(pid, os.WNOHANG)[0]:
            children.discard(pid)


def work(control: socket.socket, told: dict[str, Any]) -> None:
    """Be a worker: import the handler, then answer invocations until the socket closes."""
    log = os.open(told["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(told["environment"])
    time.tzset()
    stream = control.makefile("rwb")
    try:
        handle = handler_of(told["handler"])
    except BaseException as exc:
        tell(stream, init_error(exc, told["handler"]))
        return
    tell(stream, {"ready": True})
    for line in stream:
        invocation = json.loads(line)
        if trace := invocation.get("trace_id"):
            os.environ["_X_AMZN_TRACE_ID"] = trace
        start = os.fstat(1).st_size
        answer = invoke(handle, invocation)
        sys.stdout.flush()
        sys.stderr.flush()
        tell(stream, answer | {"log": [start, os.fstat(1).st_size]})


def handler_of(handler: str) -> Callable[[Any, Context], Any]:
    """Import ``package.module.function`` (or ``package/module.function``)."""
    module, _, function = handler.rpartition(".")
    found: Callable[[Any, Context], Any] = getattr(importlib.import_module(module.replace("/", ".")), function)
    return found


def invoke(handle: Callable[[Any, Context], Any], invocation: dict[str, Any]) -> dict[str, Any]:
    """Run the handler once; errors are told as AWS's runtime tells them."""
    try:
        result = handle(invocation["event"], Context(invocation))
    except Exception as exc:
        return {"error": error(type(exc).__name__, str(exc), invocation["request_id"], exc)}
    try:
        return {"result": json.dumps(result)}
    except (TypeError, ValueError) as exc:
        told = f"Unable to marshal response: {exc}"
        return {"error": error("Runtime.MarshalError", told, invocation["request_id"], None)}


def init_error(exc: BaseException, handler: str) -> dict[str, Any]:
    """Return what is told when the handler cannot be imported."""
    module, _, function = handler.rpartition(".")
    if isinstance(exc, ImportError):
        kind, text = "Runtime.ImportModuleError", f"Unable to import module '{module}': {exc}"
    elif isinstance(exc, SyntaxError):
        kind, text = "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {exc}"
    elif isinstance(exc, AttributeError) and function in str(exc):
        kind, text = "Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module}'"
    else:
        kind, text = type(exc).__name__, str(exc)
    return {"error": error(kind, text, "", exc)}


def error(kind: str, text: str, request_id: str, exc: BaseException | None) -> dict[str, Any]:
    """Return an error in the shape of AWS's runtime, and write its trace to the log."""
    told: dict[str, Any] = {"errorMessage": text, "errorType": kind, "requestId": request_id, "stackTrace": []}
    if exc is not None:
        frames = traceback.extract_tb(exc.__traceback__)
        told["stackTrace"] = traceback.format_list([frame for frame in frames if frame.filename != __file__])
        traceback.print_exception(exc)
    return told


def tell(stream: Any, told: dict[str, Any]) -> None:
    """Send one line."""
    stream.write(json.dumps(told).encode() + b"\n")
    stream.flush()


def main() -> None:
    """Import what workers share, and serve."""
    descriptor, code_folder, *modules = sys.argv[1:]
    commands = socket.socket(fileno=int(descriptor))
    # In the place of this script's own folder, which no function should see.
    sys.path[0] = code_folder
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError:
            continue  # a function that needs it will say so
    gc.collect()
    gc.freeze()
    commands.sendall(b'{"pid": 0}\n')
    nursery(commands)


if __name__ == "__main__":
    main()
