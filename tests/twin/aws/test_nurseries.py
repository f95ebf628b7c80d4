"""A nursery starts workers however many files its twin has open."""

import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from twin.aws.functions.nursery import Nursery
from twin.aws.functions.worker import Worker

MANY = 1100
"""More than ``select`` takes: a descriptor of 1024 or above is none of its."""


@pytest.fixture
def many_open_files() -> Iterator[None]:
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(least, min(2 * MANY, most)), most))
    with ExitStack() as opened:
        for _ in range(MANY):
            opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))


@pytest.mark.twin
@pytest.mark.usefixtures("many_open_files")
def test_a_twin_of_many_regions_has_more_open_files_than_select_takes(tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text("def handle(event, context):\n    return event\n", encoding="utf-8")
    nursery = Nursery(code_folder=tmp_path, environment=dict(os.environ), modules=[], log=tmp_path / "nursery.log")
    try:
        log = tmp_path / "worker.log"
        told = {"handler": "handler.handle", "environment": dict(os.environ), "log": str(log)}
        worker = Worker(nursery, *nursery.spawn(told), log)
        assert worker.ready(10.0) is None
        worker.close()
    finally:
        nursery.kill_all()
