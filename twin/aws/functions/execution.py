"""Runs what MiniStack's Lambda is asked to invoke, and answers as AWS does.

MiniStack calls every error of a handler ``Runtime.HandlerError``; AWS gives the exception's class name, and
Step Functions retries and catches by it. Errors of the runtime itself: ``Runtime.ExitError``,
``Sandbox.Timedout``, ``Runtime.ImportModuleError`` (AWS Lambda, "Troubleshoot execution issues", and the
sources of ``awslambdaric``).
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from twin.aws.functions.assets import Assets
from twin.aws.functions.deaths import Deaths
from twin.aws.functions.nursery import NurseryGoneError
from twin.aws.functions.pool import Deployed, InitError, Pool
from twin.aws.functions.worker import Invocation, OutOfTimeError, Worker, WorkerEndedError
from twin.aws.rights import Rights

Result = dict[str, Any]
RESERVED = frozenset(lambda_runtime._RESERVED_RUNTIME_ENV_VARS)
DEFAULT_SECONDS = 3.0


class Execution:
    """Executes functions in the pool's workers."""

    def __init__(
        self, pool: Pool, assets: Assets, is_down: Callable[[str], bool], deaths: Deaths, rights: Rights
    ) -> None:
        self._rights = rights
        self._pool = pool
        self._assets = assets
        self._is_down = is_down
        self._deaths = deaths
        self._elsewhere = lambda_svc._execute_function_warm

    def __call__(self, function: dict[str, Any], event: Any, request_id: str) -> Result:
        """Run one invocation; in the place of ``lambda_svc._execute_function_warm``."""
        config = function.get("config") or function
        zipped = function.get("code_zip") or b""
        if not self._is_ours(config, zipped):
            result: Result = self._elsewhere(function, event, request_id)
            return result
        _, region = lambda_svc._account_region_from_function_config(config)
        if self._is_down(region):
            return _failed("Runtime.ExitError", f"RequestId: {request_id} Error: the region is down")
        deployed = self._deployed(config, zipped, region)
        seconds = float(config.get("Timeout") or DEFAULT_SECONDS)
        invocation = Invocation(
            event,
            request_id,
            config.get("FunctionArn", ""),
            seconds,
            lambda_svc._xray_trace_id_for_invocation(config),
        )
        try:
            worker = self._pool.lease(deployed)
            return self._invoke(deployed, worker, invocation)
        except InitError as exc:
            return {"body": exc.told | {"requestId": request_id}, "error": True, "log": ""}
        except OutOfTimeError as exc:
            told = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
            return _failed("Sandbox.Timedout", told, str(exc))
        except (WorkerEndedError, NurseryGoneError) as exc:
            told = f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
            return _failed("Runtime.ExitError", told, str(exc))

    def open_nursery(self, region: str, function: dict[str, Any]) -> None:
        """Start the process from which a function's workers are forked, unless it runs."""
        config = function["config"]
        if self._is_ours(config, function.get("code_zip")) and not self._is_down(region):
            self._pool.open_nursery(region, self._assets.folder_of(config["CodeSha256"], function["code_zip"]))

    @staticmethod
    def _is_ours(config: dict[str, Any], zipped: bytes | None) -> bool:
        """Whether the pool runs it; Node, and functions with layers, run as MiniStack does it."""
        return bool(zipped) and not config.get("Layers") and str(config.get("Runtime", "")).startswith("python")

    def _invoke(self, deployed: Deployed, worker: Worker, invocation: Invocation) -> Result:
        try:
            answer, log = worker.invoke(invocation)
        except (OutOfTimeError, WorkerEndedError):
            self._pool.ended(deployed, worker)
            raise
        if self._deaths.answers(deployed.name, deployed.region):
            worker.kill()
            self._pool.ended(deployed, worker)
            raise WorkerEndedError(log)
        self._pool.release(deployed, worker)
        if "error" in answer:
            return {"body": answer["error"], "error": True, "log": log}
        return {"body": json.loads(answer["result"]), "log": log}

    def _deployed(self, config: dict[str, Any], zipped: bytes, region: str) -> Deployed:
        name, version = config["FunctionName"], config.get("Version", "$LATEST")
        folder = self._assets.folder_of(config["CodeSha256"], zipped)
        variables = (config.get("Environment") or {}).get("Variables") or {}
        own = {
            **self._rights.credentials_of(config["Role"], name),
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            # Of the twin alone: its calls tell by it which function they are from.
            "AWS_SDK_UA_APP_ID": name[:50],
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_VERSION": version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}",
            "LAMBDA_TASK_ROOT": str(folder),
            "_HANDLER": config["Handler"],
            "TZ": ":UTC",
        }
        told = {key: str(value) for key, value in variables.items() if key not in RESERVED}
        return Deployed(
            region, name, version, config.get("RevisionId", ""), folder, config["Handler"], _Frozen(told | own)
        )


class _Frozen(dict[str, str]):
    """A dictionary that can be part of a key."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted(self.items())))


def _failed(kind: str, text: str, log: str = "") -> Result:
    return {"body": {"errorType": kind, "errorMessage": text}, "error": True, "log": log}
