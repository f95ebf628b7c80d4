"""What surrounds each step: its log, its metric, its warming call, and nothing that is caught."""

from typing import Any

import pytest

from failover.errors import PromotionRefusedError, StaleTermError
from runtime import wiring
from runtime.entry import entry, logger
from tests.unit.runtime.functions import context, counted, logged

EVENT = {"incident": {"id": "us-east-1-7"}, "database": "orders"}


def test_the_answer_is_the_steps_own(capsys: pytest.CaptureFixture[str]) -> None:
    @entry
    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return {"event": event, "request": context.aws_request_id}

    assert handle(EVENT, context()) == {"event": EVENT, "request": "request-1"}
    assert counted(capsys.readouterr().out) == {"StepSucceeded": 1.0}


@pytest.mark.parametrize("error", [StaleTermError("old"), PromotionRefusedError("no"), KeyError("x"), ValueError("y")])
def test_what_a_step_raises_keeps_its_class_and_is_counted(
    capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    @entry
    def handle(event: dict[str, Any], context: Any) -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        handle(EVENT, context())
    assert raised.value is error
    assert counted(capsys.readouterr().out) == {"StepFailed": 1.0}


def test_a_line_of_the_log_says_incident_request_and_function() -> None:
    @entry
    def handle(event: dict[str, Any], context: Any) -> None:
        logger.info("promoting", target="eu-west-1")

    with logged() as lines:
        handle(EVENT, context())
    (line,) = [line for line in lines if line["message"] == "promoting"]
    assert (line["correlation_id"], line["function_request_id"]) == ("us-east-1-7", "request-1")
    assert (line["target"], line["service"], line["level"]) == ("eu-west-1", "lifeboat", "INFO")


def test_nothing_of_one_incident_is_logged_for_the_next() -> None:
    """An execution environment is used again and again."""

    @entry
    def handle(event: dict[str, Any], context: Any) -> None:
        logger.append_keys(database=event.get("database"))
        logger.info("acting")

    @entry
    def after(event: dict[str, Any], context: Any) -> None:
        logger.info("acting")

    with logged() as lines:
        handle(EVENT, context())
        after({}, context())
    first, second = (line for line in lines if line["message"] == "acting")
    assert (first["database"], first["correlation_id"]) == ("orders", "us-east-1-7")
    assert "database" not in second
    assert second.get("correlation_id") is None


class TestWarming:
    def test_it_goes_through_the_store_and_not_through_the_step(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        rehearsed = []
        monkeypatch.setattr(wiring, "rehearse", lambda: rehearsed.append(True))

        @entry
        def handle(event: dict[str, Any], context: Any) -> None:
            raise AssertionError("a warming call must not act")

        assert handle({"keep_warm": True}, context()) == {"keep_warm": True}
        assert rehearsed == [True]
        assert counted(capsys.readouterr().out) == {}, "it is no metric that anybody pays for"

    def test_a_broken_path_is_seen_before_its_day(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken() -> None:
            raise PermissionError("AccessDeniedException")

        monkeypatch.setattr(wiring, "rehearse", broken)

        @entry
        def handle(event: dict[str, Any], context: Any) -> None:
            """Not reached."""

        with pytest.raises(PermissionError):
            handle({"keep_warm": True}, context())

    def test_a_function_without_the_store_has_nothing_to_rehearse(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("LIFEBOAT_QUORUM_TABLE", raising=False)
        monkeypatch.setattr(wiring, "ports", lambda: pytest.fail("it has no quorum table"))
        wiring.rehearse()

    def test_one_with_the_store_reads_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        read: list[str] = []

        class Store:
            def control(self) -> None:
                read.append("control")

        class World:
            store = Store()

        monkeypatch.setenv("LIFEBOAT_QUORUM_TABLE", "lifeboat-quickstart-quorum")
        monkeypatch.setattr(wiring, "ports", World)
        wiring.rehearse()
        assert read == ["control"]
