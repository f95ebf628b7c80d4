"""The file of latencies: what it must hold, how it is asked, what is refused, and its document."""

from pathlib import Path
from random import Random

import pytest

from failover.topology import Engine
from simulator.latencies import COMPRESSED, Distribution, Latencies, LatencyError, Standing
from simulator.latencies.document import as_markdown
from topology_document.regions import AWS_REGIONS, REGION_SETS

DOCUMENT = Path(__file__).parents[4] / "docs" / "latencies.md"
VIRGINIA, IRELAND, CAPE = "us-east-1", "eu-west-1", "af-south-1"

GOOD = """
sns.publish:
  is: what Publish takes
  unit: ms
  fixed: 3
  standing: assumed
  source: nobody says
"""


@pytest.fixture(scope="module")
def aws() -> Latencies:
    return Latencies.read()


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(LatencyError) as refused:
        Latencies.read(written(tmp_path, text))
    assert str(tmp_path) in str(refused.value)
    return str(refused.value)


class TestOfAws:
    def test_the_document_is_what_the_file_says(self, aws: Latencies) -> None:
        assert DOCUMENT.read_text("utf-8") == as_markdown(aws), "run: python -m simulator.latencies > docs/latencies.md"

    def test_every_entry_is_in_the_document(self, aws: Latencies) -> None:
        text = as_markdown(aws)
        assert [each.name for each in aws if f"| `{each.name}` |" not in text] == []

    def test_what_is_published_says_where(self, aws: Latencies) -> None:
        bare = [each.name for each in aws if each.standing is Standing.PUBLISHED and "https://" not in each.source]
        assert bare == []

    @pytest.mark.parametrize("what", ["promotion", "switchover", "rebuild", "lag"])
    def test_every_engine_has_its_own_times(self, aws: Latencies, what: str) -> None:
        for engine in Engine:
            assert aws.of(f"{what}.{engine}").p50 > 0

    def test_an_unknown_name_is_an_error_that_names_the_nearest(self, aws: Latencies) -> None:
        with pytest.raises(LatencyError, match=r"lambda\.cold_strat.*did you mean 'lambda\.cold_start'"):
            aws.of("lambda.cold_strat")

    def test_compressed_differs_in_what_takes_minutes_and_in_nothing_else(self, aws: Latencies) -> None:
        compressed = Latencies.read(COMPRESSED)
        assert list(compressed.by_name) == list(aws.by_name)
        longest = max(each.takes.quantile(0.99) for each in compressed if each.name.startswith("promotion"))
        assert longest < 5
        assert compressed.of("lambda.cold_start").quantile(0.99) == aws.of("lambda.cold_start").quantile(0.99)


class TestBetweenRegions:
    def test_it_is_half_the_round_trip_either_way(self, aws: Latencies) -> None:
        assert aws.between(VIRGINIA, IRELAND).p50 == aws.between(IRELAND, VIRGINIA).p50 == 0.035

    def test_within_one_region_it_is_short(self, aws: Latencies) -> None:
        assert aws.between(IRELAND, IRELAND) is aws.of("network.region")

    def test_a_pair_that_is_not_known_takes_what_is_usual(self, aws: Latencies) -> None:
        assert aws.between(VIRGINIA, CAPE) is aws.of("network.inter_region")

    def test_the_regions_of_every_quorum_store_are_known_and_none_is_invented(self, aws: Latencies) -> None:
        known = {one for one, _ in aws.round_trips}
        assert known <= set(AWS_REGIONS)
        for places in REGION_SETS.values():
            assert set(places) <= known
        assert len(aws.round_trips) == len(known) * (len(known) - 1)


class TestWithoutChance:
    def test_every_draw_is_the_median(self, aws: Latencies) -> None:
        still, chance = aws.without_chance(), Random(1)
        assert [still.of(each.name).draw(chance) for each in aws] == [each.takes.p50 for each in aws]
        assert still.between(VIRGINIA, IRELAND).draw(chance) == 0.035


class TestReplaced:
    def test_only_what_is_named_changes(self, aws: Latencies) -> None:
        other = aws.replaced({"promotion.rds-postgres": Distribution.fixed(30)})
        assert other.of("promotion.rds-postgres").p50 == 30
        assert other.of("switchover.rds-postgres").p50 == 180
        assert aws.of("promotion.rds-postgres").p50 == 180

    def test_an_unknown_name_is_refused(self, aws: Latencies) -> None:
        with pytest.raises(LatencyError, match="promotion"):
            aws.replaced({"promotion.rds": Distribution.fixed(30)})


class TestOnesOwnFile:
    def test_it_says_only_what_differs(self, aws: Latencies, tmp_path: Path) -> None:
        text = GOOD + "round_trips_ms: {af-south-1: {us-east-1: 240}}"
        mine = Latencies.read(written(tmp_path, text))
        assert mine.of("sns.publish").p50 == 0.003
        assert mine.between(VIRGINIA, CAPE).p50 == 0.12
        assert mine.of("aws.call").p50 == aws.of("aws.call").p50

    @pytest.mark.parametrize(
        ("bad", "told"),
        [
            (("fixed: 3", "fixed: -3"), "sns.publish.fixed: got -3; allowed: a number of 0 or more"),
            (("fixed: 3", "fixed: 3 ms"), "sns.publish.fixed: got '3 ms'"),
            (("fixed: 3", "fixed: true"), "sns.publish.fixed: got True"),
            (("fixed: 3", "fixed: .inf"), "sns.publish.fixed: got inf"),
            (("fixed: 3", "fix: 3"), "sns.publish.fix: got 3; allowed: is, unit, fixed"),
            (("  fixed: 3\n", ""), "sns.publish: got 'no distribution'; allowed: one of fixed, uniform"),
            (("fixed: 3", "fixed: 3\n  uniform: {least: 1, most: 2}"), "got 'fixed and uniform'"),
            (("fixed: 3", "fixed: 3\n  fixed: 4"), "fixed: got 'the key twice'"),
            (("fixed: 3", "uniform: {least: 4, most: 2}"), "sns.publish.uniform: got [4.0, 2.0]"),
            (("fixed: 3", "uniform: {least: 4}"), "sns.publish.uniform.most: got 'nothing'"),
            (("fixed: 3", "lognormal: {p50: 0, p99: 2}"), "sns.publish.lognormal.p50: got 0.0; allowed: over 0"),
            (("fixed: 3", "lognormal: {p50: 2, p99: 2}"), "sns.publish.lognormal.p99: got 2.0; allowed: over p50"),
            (("fixed: 3", "lognormal: {p50: 5, p99: 2}"), "times that grow"),
            (("fixed: 3", "lognormal: {p50: 1, p99: 9, ceiling: 5}"), "times that grow"),
            (("fixed: 3", "lognormal: {p50: 1, p99: 9, top: 5}"), "lognormal.top: got 5; allowed: p50, p99"),
            (("fixed: 3", "quantiles: {0: 1, 50: 2}"), "quantiles: got [0.0, 50.0]; allowed: percents from 0 to 100"),
            (("fixed: 3", "quantiles: {0: 1, 50: 3, 100: 2}"), "times that grow"),
            (("unit: ms", "unit: msec"), "sns.publish.unit: got 'msec'; allowed: us, ms, s, min, h; did you mean 'ms'"),
            (("standing: assumed", "standing: guessed"), "sns.publish.standing: got 'guessed'; allowed: published"),
            (("source: nobody says", "source: ''"), "sns.publish.source: got ''; allowed: a text"),
            (("sns.publish:", "sns.publihs:"), "sns.publihs: got 'sns.publihs'"),
        ],
    )
    def test_a_mistake_is_told_with_its_place_and_value(self, tmp_path: Path, bad: tuple[str, str], told: str) -> None:
        assert told in refusal(tmp_path, GOOD.replace(*bad))

    @pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"sns.publish: " + b"[" * 4000, b"? [a]\n: b\n"])
    def test_what_no_reader_of_yaml_takes_is_told(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / "mine.yaml"
        file.write_bytes(content)
        with pytest.raises(LatencyError, match=r"mine.yaml: got what is no YAML"):
            Latencies.read(file)

    def test_all_mistakes_are_told_at_once(self, tmp_path: Path) -> None:
        told = refusal(tmp_path, GOOD.replace("fixed", "fix") + GOOD.replace("sns.publish", "sns.publihs"))
        assert len(told.splitlines()) == 2

    @pytest.mark.parametrize(
        ("pairs", "told"),
        [
            ("{us-east-1: {us-east-1: 5}}", "round_trips_ms.us-east-1.us-east-1: got 5"),
            ("{a: {b: 5}, b: {a: 5}}", "round_trips_ms.b.a: got 5; allowed: each pair of two regions once"),
            ("{a: {b: 0}}", "round_trips_ms.a.b: got 0; allowed: a number over 0"),
            ("[a, b]", "round_trips_ms: got ['a', 'b']; allowed: a mapping"),
        ],
    )
    def test_a_wrong_pair_is_told(self, tmp_path: Path, pairs: str, told: str) -> None:
        assert told in refusal(tmp_path, f"round_trips_ms: {pairs}")

    @pytest.mark.parametrize("text", ["", "- a", "a: [", "x: 1"])
    def test_what_is_no_file_of_latencies_is_refused(self, tmp_path: Path, text: str) -> None:
        refusal(tmp_path, text)

    def test_a_file_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(LatencyError, match="No such file"):
            Latencies.read(tmp_path / "gone.yaml")


def test_every_latency_is_one_that_the_world_takes() -> None:
    """A figure that nothing takes would be told as if it mattered."""
    code = "".join(path.read_text("utf-8") for path in (DOCUMENT.parents[1] / "simulator").rglob("*.py"))
    by_engine = ("promotion.", "switchover.", "rebuild.", "lag.")
    names = [each.name for each in Latencies.read() if not each.name.startswith(by_engine)]
    assert [name for name in names if f'"{name}"' not in code] == []
