"""What MiniStack reads from the process environment, set before it is imported and put back afterwards.

MiniStack keeps its whole state in module variables, so there is one emulated AWS in a process at a time.
Importing this module imports MiniStack: everything in ``twin.aws`` comes after it.
"""

import importlib
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Final

HOME: Final = "us-east-1"

_AT_IMPORT: Final = {
    # Nothing but loopback, no Docker, no listener of its own, nothing kept on disk.
    "BIND_HOST": "127.0.0.1",
    "DOCKER_HOST": "unix:///nonexistent/docker.sock",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "PERSIST_STATE": "0",
    "S3_PERSIST": "0",
    "LAMBDA_EXECUTOR": "local",
    "LOG_LEVEL": "WARNING",
    "MINISTACK_REGION": HOME,
    "MINISTACK_HOST": "localhost",
    "AUTH": "false",
    "SERVICES": "",
    # Waits last as long as a machine says.
    "SFN_WAIT_SCALE": "1",
}
_PORT_NAMES: Final = ("_GATEWAY_PORT", "_MINISTACK_PORT", "_PORT", "DEFAULT_PORT")
_PACKAGE: Final = "ministack"


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables of this process for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def loaded_modules() -> list[ModuleType]:
    """Return the modules of MiniStack that are loaded."""
    return [
        module for name, module in list(sys.modules.items()) if module is not None and name.split(".")[0] == _PACKAGE
    ]


@contextmanager
def served_at(port: int, account: str) -> Iterator[None]:
    """Tell MiniStack its port, which it puts into URLs, and the account of unsigned requests, for a while."""
    told = {
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": account,
        "DOCKER_HOST": _AT_IMPORT["DOCKER_HOST"],
        "BIND_HOST": _AT_IMPORT["BIND_HOST"],
    }
    _tell_port(port)
    with environment(told):
        yield


def _tell_port(port: int) -> None:
    for module in loaded_modules():
        for name in _PORT_NAMES:
            if isinstance(getattr(module, name, None), str):
                setattr(module, name, str(port))


@contextmanager
def log_in(file: Path) -> Iterator[None]:
    """Send what MiniStack logs to a file and nowhere else, for a while."""
    handler = logging.FileHandler(file, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(name)s] %(message)s"))
    loggers = _loggers()
    before = [(logger, logger.handlers[:], logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.handlers[:], logger.propagate = [handler], False
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, handlers, propagate, level in before:
            logger.handlers[:], logger.propagate = handlers, propagate
            logger.setLevel(level)
        handler.close()


def _loggers() -> list[logging.Logger]:
    found = {
        id(value): value
        for module in loaded_modules()
        if isinstance(value := vars(module).get("logger"), logging.Logger)
    }
    hypercorn = [logging.getLogger(name) for name in ("hypercorn.access", "hypercorn.error")]
    return [*found.values(), *hypercorn]


def _import() -> None:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    with environment(_AT_IMPORT):
        importlib.import_module("ministack.app")
        # CloudFormation's provisioners import every other service that a stack may name.
        for service in ("cloudformation", "eks", "sts", "scheduler", "backup", "apigateway_v1", "waf"):
            importlib.import_module(f"ministack.services.{service}")
    # MiniStack configures the root logger of whoever imports it.
    root.handlers[:] = handlers
    root.setLevel(level)


_import()
