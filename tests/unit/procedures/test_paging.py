"""People are told: once for each thing that is wrong, and of every question."""

from dataclasses import replace
from typing import Any

import pytest

from failover.errors import TransientError
from failover.procedures.deciding import decide_failover
from failover.records import Health, WordKind
from failover.topology import Automation
from tests.products import AP, EU, US
from tests.unit.procedures.decisions import decided, down, only, refusing, say
from tests.worlds import World


class TestPaging:
    @pytest.fixture
    def world(self) -> World:
        world = World(only(Automation.OBSERVE))
        world.run(12)
        return world

    def tick(self, world: World, health: Health = Health.UNHEALTHY, **changes: Any) -> None:
        down(world, health, **changes)
        for here in (EU, AP):
            decide_failover(world.ports(here), world.topology)

    def test_an_outage_is_paged_for_once(self, world: World) -> None:
        for _ in range(5):
            self.tick(world)
        assert [subject for subject, _ in world.pager.pages] == [f"quickstart: {US} needs you"]
        assert world.store.control().incident is None

    def test_the_next_outage_is_paged_for_again(self, world: World) -> None:
        self.tick(world)
        self.tick(world, Health.HEALTHY)
        self.tick(world)
        assert len(world.pager.pages) == 2

    def test_a_page_that_was_not_taken_is_sent_again(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        page, failures = world.pager.page, [TransientError("SNS did not take it")]

        def failing(subject: str, text: str) -> None:
            if failures:
                raise failures.pop()
            page(subject, text)

        monkeypatch.setattr(world.pager, "page", failing)
        with pytest.raises(TransientError):
            self.tick(world)
        self.tick(world)
        assert len(world.pager.pages) == 1

    def test_a_region_that_goes_up_and_down_is_paged_for_once(self, world: World) -> None:
        for _ in range(3):
            self.tick(world, flaps=3)
            self.tick(world, Health.HEALTHY, flaps=3)
        assert [text.split(":")[0] for _, text in world.pager.pages] == ["R245"]
        self.tick(world, Health.HEALTHY)
        self.tick(world, flaps=3)
        assert len(world.pager.pages) == 2, "calm in between, it is another trouble"

    def test_what_aws_says_of_a_region_that_is_up_is_paged_for_once_and_starts_nothing(self, world: World) -> None:
        say(world, WordKind.ADVISORY)
        for _ in range(3):
            self.tick(world, Health.HEALTHY)
        assert [text for _, text in world.pager.pages] == ["R235: AWS Health speaks of a region that is up"]
        self.tick(world)
        self.tick(world, Health.HEALTHY)
        assert [text.split(":")[0] for _, text in world.pager.pages] == ["R235", "R260"], "not anew after an outage"
        assert world.machines.started == {}

    def test_when_all_is_dark_people_are_told_once_and_not_for_each_region(self, world: World) -> None:
        for subject in (US, EU, AP):
            down(world, Health.UNKNOWN, subject=subject)
        for here in (EU, AP):
            decide_failover(world.ports(here), world.topology)
        assert [(subject, text.split(":")[0]) for subject, text in world.pager.pages] == [
            ("quickstart: everywhere needs you", "R215")
        ]

    def test_a_page_that_nothing_may_take_over_says_why_each_copy_may_not(self) -> None:
        world = World()
        world.run(12)
        world.copies["orders", EU].reachable = False
        world.copies["orders", AP].in_recovery = False
        down(world)
        assert decided(world.ports(EU), world) == "R310"
        ((_, text),) = world.pager.pages
        assert f"not orders in {EU}: unreachable" in text
        assert f"not orders in {AP}: no replica any more" in text
        (entry,) = [each for each in world.store.journal() if each.kind == "DECISION"]
        assert set(entry.facts) == {f"orders in {EU}", f"orders in {AP}"}


class TestApproval:
    @pytest.fixture
    def world(self) -> World:
        world = World(only(Automation.APPROVE))
        world.run(12)
        return world

    def test_the_incident_waits_for_it_and_people_are_asked_once(self, world: World) -> None:
        for _ in range(3):
            down(world)
            for here in (EU, AP):
                decide_failover(world.ports(here), world.topology)
        incident = world.store.control().incident
        assert incident is not None
        assert (incident.rule, incident.approval) == ("R270", "REQUIRED")
        assert [text.split(":")[0] for _, text in world.pager.pages] == ["R270"]

    def test_the_question_of_the_next_incident_is_put_too_though_the_region_was_never_up(self) -> None:
        policy = replace(only(Automation.APPROVE).policy, cool_down_seconds=60.0, approval_seconds=30.0)
        world = World(replace(only(Automation.APPROVE), policy=policy))
        world.run(30)
        world.kill(US)
        world.run(300)
        asked = {each.incident for each in world.store.journal() if each.kind == "APPROVAL_ASKED"}
        assert len(asked) > 1
        assert len([text for _, text in world.pager.pages if text.startswith("R270")]) == len(asked)

    def test_a_question_that_nobody_could_be_asked_is_put_again(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        down(world)
        with monkeypatch.context() as patch:
            patch.setattr(world.pager, "page", refusing(TransientError("SNS did not take it")))
            with pytest.raises(TransientError):
                decide_failover(world.ports(EU), world.topology)
        decide_failover(world.ports(AP), world.topology)
        assert [text.split(":")[0] for _, text in world.pager.pages] == ["R270"]
