"""The report says the same to programs, on a page and in a terminal."""

import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rich.console import Console

from rehearsal.form import parse_scenario
from rehearsal.history import Outcome, Verdict, Write
from rehearsal.page import page_of
from rehearsal.page.drawing import Scale, rows_of
from rehearsal.page.picture import draw_picture
from rehearsal.player import play
from rehearsal.report import Report
from rehearsal.terminal import Narrator
from tests.products import AP, EU, US
from tests.unit.rehearsal.fake_stage import FakeStage, failed_over

STEPS = [
    {"at": "0s", "fault": {"api_down": "route53"}},
    {"at": "5s", "fault": {"region_down": US}},
    {"until": "20s", "never": {"writer": EU}},
    {"by": "60s", "expect": {"writer": EU, "served": True}},
    {"at": "61s", "expect": {"rto_seconds": 60, "lost_writes": 0, "invariants": "hold"}},
]
SCENARIO = parse_scenario({"proves": "users <are> served again", "steps": STEPS}, name="lost & found")


@pytest.fixture(scope="module")
def held() -> Report:
    return play(SCENARIO, failed_over())


@pytest.fixture(scope="module")
def broken() -> Report:
    stage = failed_over()
    verdict = Verdict(holds=False, checked="all writes", why="two writers at 12.0 s")
    stage.told = replace(stage.told, invariants={**stage.told.invariants, "I1": verdict})
    return play(SCENARIO, stage)


@pytest.fixture(scope="module")
def eventless() -> Report:
    steps = [{"at": "3s", "expect": {"writer": US}}]
    return play(parse_scenario({"proves": "nothing", "steps": steps}), FakeStage())


def test_the_document_has_every_field(held: Report) -> None:
    document = json.loads(json.dumps(held.as_json()))
    assert document["scenario"] == "lost & found"
    assert document["proves"] == "users <are> served again"
    assert document["verdict"] == "held"
    assert document["topology"] == "quickstart"
    assert re.fullmatch(r"[0-9a-f]{16}", document["topology_digest"])
    assert document["rto_seconds"] == 47.5
    assert sum(document["rto_parts"].values()) == pytest.approx(47.5)
    assert set(document["rto_parts"]) == {"detect", "decide", "fence", "promote", "shift", "client_ttl"}
    assert document["control_plane_share_seconds"] == 2.3
    assert document["rpo"]["acknowledged"] > 0
    assert (document["rpo"]["lost"], document["rpo"]["newest_lost_age_seconds"]) == (0, None)
    assert document["invariants"]["I1"]["holds"] is True
    assert [each["held"] for each in document["expectations"]] == [True, True, True]
    assert {"text", "kind", "due", "held", "seen_at", "observed"} == set(document["expectations"][0])
    assert [each["kind"] for each in document["expectations"]] == ["never", "by", "at"]
    assert document["recorded_only_types"] == ["AWS::Backup::BackupPlan"]
    assert document["started_at"] == "2026-11-21T12:00:00+00:00"
    assert document["seeds"] == {"load": 7}
    assert document["machine"]["cores"] >= 1


def test_the_timeline_is_in_order_and_says_everything(held: Report) -> None:
    lines = held.as_json()["timeline"]
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    assert {line["kind"] for line in lines} >= {
        "fault",
        "region",
        "vote",
        "journal",
        "promotion",
        "gate",
        "page",
        "held",
    }
    assert {"at", "lane", "kind", "text"} == set(lines[0])


def test_one_broken_expectation_breaks_the_verdict(broken: Report) -> None:
    document = broken.as_json()
    assert document["verdict"] == "broken"
    assert [each["held"] for each in document["expectations"]] == [True, True, False]
    assert document["expectations"][2]["observed"] == "invariants I1 is broken: two writers at 12.0 s"


class Outward(HTMLParser):
    """Collects whatever a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fetched = {"src", "href", "data", "poster", "srcset", "action"}
        self.found += [f"{tag} {name}={value}" for name, value in attrs if name in fetched]


@pytest.mark.parametrize("which", ["held", "broken", "eventless"])
def test_the_page_needs_no_network(which: str, request: pytest.FixtureRequest) -> None:
    page = page_of(request.getfixturevalue(which))
    outward = Outward()
    outward.feed(page)
    assert outward.found == []
    assert "url(" not in page
    assert "@import" not in page
    assert "fetch(" not in page


def test_the_page_says_first_what_matters(held: Report, broken: Report) -> None:
    page = page_of(held)
    head = page[page.index("<header") : page.index("</header>")].replace("\u2011", "-")
    assert "Held" in head
    assert "Users served again after 47.5 s, written in eu-west-1" in head
    assert "users &lt;are&gt; served again" in head
    assert "What did not hold" not in page
    amiss = page_of(broken)
    assert amiss.index("What did not hold") < amiss.index("two writers at 12.0 s") < amiss.index('class="tiles"')


def test_the_load_is_told_of_every_group_and_part_and_what_its_latencies_are(held: Report) -> None:
    text = " ".join(spoken_by(failed_over(), Console(file=io.StringIO(), width=160)).split())
    page = page_of(held)
    for part in ("before", "outage", "after"):
        assert f"{part}, " in page
        assert f"{part}, " in text
    row = next(phase for phase in held.measures.load).clients[EU]
    assert (row.asked_per_second, row.carried_per_second) == (4.0, 4.0)
    assert f"{EU} 4.0 4.0 4.0 0.0% 50 50 50" in text
    assert f'<td>{EU}</td><td class="number">4.0</td><td class="number">4.0</td>' in page
    assert "from when each was due" in page
    assert "from when each was due" in text
    virtual = page_of(replace(held, history=replace(held.history, virtual=True)))
    assert "virtual milliseconds" in virtual


def test_a_write_that_clients_were_too_busy_to_send_is_drawn_as_that() -> None:
    unsent = Write(EU, 999, 8.0, 8.0, Outcome.UNSENT, due_at=4.0)
    stage = FakeStage(writes=[unsent])
    page = page_of(play(parse_scenario({"proves": "it", "steps": [{"at": "9s", "expect": {"writer": US}}]}), stage))
    assert "8-9 s: 1 due and not sent, by clients too busy" in page
    assert 'class="unsent"' in page


def test_the_picture_shows_the_moments_and_a_lane_for_each_region(held: Report) -> None:
    page = page_of(held)
    pictures = [ET.fromstring(each) for each in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]
    assert len(pictures) == 2
    words = [text.text or "" for text in pictures[0].iter("text")]
    for moment in ("fault region_down 5.0 s", "detected 17.3 s", "decided 27.3 s", "point of no return 32.0 s",
                   "new writer admitted 33.5 s", "name moved 38.0 s", "all served 52.5 s"):  # fmt: skip
        assert moment in words
    for region in (US, EU, AP):
        assert words.count(region) == 2  # its own lane, and that of the clients near it
    assert "may write orders" in words
    told = [title.text or "" for title in pictures[0].iter("title")]
    assert "17.3 s: eu-west-1 votes us-east-1 UNHEALTHY" in told
    assert any("answered by ap-southeast-1" in each for each in told)
    assert any("failed" in each for each in told)
    states = [text.text or "" for text in pictures[1].iter("text")]
    assert {"OpenIncident", "AwaitLease", "PromoteDatabase"} <= set(states)


def test_the_lanes_begin_where_the_longest_name_of_a_region_has_ended(held: Report) -> None:
    name = "reykjavik-orangewebsite"
    up = [replace(each, of=name) if each.of == held.regions[0] else each for each in held.trace.up]
    named = replace(held, regions=(name, *held.regions[1:]), trace=replace(held.trace, up=up))
    as_it_is, long = (draw_picture(each).elements for each in (held, named))
    assert _leftmost_tick(as_it_is) < 150
    assert _leftmost_tick(long) > 23 * 7


def _leftmost_tick(elements: Sequence[str]) -> float:
    ticks = [ET.fromstring(each) for each in elements if 'class="tick"' in each]
    return min(float(each.attrib["x"]) for each in ticks)


def test_flags_and_bars_that_would_cover_each_other_get_rows_of_their_own() -> None:
    assert rows_of([(0, 10), (5, 15), (10, 20), (12, 14)]) == [0, 1, 0, 2]


def test_the_axis_has_round_ticks_inside_the_play() -> None:
    scale = Scale(0.0, 75.0, 100.0, 850.0)
    assert scale.ticks() == [0, 10, 20, 30, 40, 50, 60, 70]
    assert (scale.x(0), scale.x(75), scale.x(99), scale.x(30)) == (100, 850, 850, 400)


def spoken_by(report_of: FakeStage, console: Console) -> str:
    narrator = Narrator(console)
    narrator.open(SCENARIO)
    narrator.close(play(SCENARIO, report_of, narrator))
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_the_terminal_tells_each_step_once_and_ends_with_the_verdict() -> None:
    text = spoken_by(failed_over(), Console(file=io.StringIO(), width=160))
    for number in range(1, 6):
        assert text.count(f"[{number}/5]") == 1
    assert text.count("region_down") == 1
    assert "detect" in text
    assert "47.5" in text
    assert "only recorded, not emulated: AWS::Backup::BackupPlan" in text
    last = text.strip().splitlines()[-1]
    assert last.startswith("HELD: 3 of 3 expectations; users served again after 47.5 s, written in eu-west-1; 0 of ")


def test_a_play_in_which_a_role_lacked_a_right_has_not_held() -> None:
    stage = failed_over()
    stage.told = replace(stage.told, refused=("guard-lease may not dynamodb:UpdateItem on a table",))
    text = spoken_by(stage, Console(file=io.StringIO(), width=160))
    assert "refused by its own policies: guard-lease may not dynamodb:UpdateItem on a table" in text
    assert text.strip().splitlines()[-1].startswith("BROKEN: 3 of 3 expectations")
    again = failed_over()
    again.told = stage.told
    report = play(SCENARIO, again, lambda _told: None)
    assert report.as_json()["refused"] == ["guard-lease may not dynamodb:UpdateItem on a table"]
    assert "Refused by its own policies" in page_of(report)


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" not in spoken_by(failed_over(), Console(file=io.StringIO(), width=160))
    coloured = spoken_by(failed_over(), Console(file=io.StringIO(), width=160, force_terminal=True))
    assert "\x1b[1;32m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    plain = spoken_by(failed_over(), Console(file=io.StringIO(), width=160, force_terminal=True))
    assert not re.search(r"\x1b\[[\d;]*3[0-7]m", plain)
