"""Reading a file: what the quickstart says, what is only a warning, and files that are none."""

from pathlib import Path

import pytest
from botocore.session import get_session

from failover.topology import Automation, DatasetKind, Engine, Names, Role, digest
from topology_document import TopologyError, load, load_text, load_with_warnings
from topology_document.regions import AWS_REGIONS, REGION_SETS

ROOT = Path(__file__).parents[3]
QUICKSTART = ROOT / "topologies" / "quickstart.yaml"


def quickstart_with(*changes: tuple[str, str]) -> str:
    text = QUICKSTART.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def warnings_of(*changes: tuple[str, str]) -> list[str]:
    return [warning.line("shop.yaml") for warning in load_text(quickstart_with(*changes), "shop.yaml")[1]]


def test_the_quickstart_is_three_regions_and_a_quorum_store_elsewhere() -> None:
    topology = load(QUICKSTART)
    assert topology.region_names == ("us-east-1", "eu-west-1", "ap-southeast-1")
    assert topology.primary.name == "us-east-1"
    assert {region.role for region in topology.regions[1:]} == {Role.SECONDARY}
    assert topology.control_regions == topology.region_names
    assert topology.quorum.replicas == ("eu-central-1", "eu-west-2", "eu-west-3")
    assert topology.quorum.witness is None
    (orders,) = topology.databases
    assert (orders.name, orders.engine, orders.kind) == ("orders", Engine.RDS_POSTGRES, DatasetKind.SINGLE)
    assert orders.regions == ("us-east-1", "eu-west-1", "ap-southeast-1")
    assert topology.policy.automation is Automation.AUTOMATIC


def test_the_quickstart_needs_no_warning() -> None:
    assert load_with_warnings(QUICKSTART)[1] == ()


def test_the_quickstart_fits_on_a_page() -> None:
    assert len(QUICKSTART.read_text().splitlines()) <= 60


def test_neutral_places_are_by_default_those_of_the_quorum_store_outside_the_regions() -> None:
    topology, _ = load_text(quickstart_with(("eu-west-3]", "eu-west-1]")), "shop.yaml")
    assert topology.observation.neutral == (
        "https://dynamodb.eu-central-1.amazonaws.com/ping",
        "https://dynamodb.eu-west-2.amazonaws.com/ping",
    )


def test_a_whole_number_and_its_decimal_are_one_topology() -> None:
    written, _ = load_text(quickstart_with(("probe_seconds: 5", "probe_seconds: 5.0")), "shop.yaml")
    assert digest(written) == digest(load(QUICKSTART))


def test_comments_and_a_byte_order_mark_say_nothing(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_bytes(b"\xef\xbb\xbf# A comment.\r\n" + QUICKSTART.read_bytes().replace(b"\n", b"\r\n"))
    assert load(file) == load(str(QUICKSTART))


def test_a_recovery_time_that_the_engine_cannot_keep_is_a_warning_with_the_number() -> None:
    (warning,) = warnings_of(("rto_seconds: 120", "rto_seconds: 60"))
    assert warning.startswith("shop.yaml: targets.rto_seconds: got 60: about 109 or more")
    assert "write rto_seconds: 109" in warning
    assert warnings_of(("rto_seconds: 120", "rto_seconds: 109")) == []


def test_a_slow_name_counts_where_it_takes_longer_than_the_promotion() -> None:
    (warning,) = warnings_of(("ttl_seconds: 20", "ttl_seconds: 300"))
    assert "about 349 or more" in warning


def test_a_single_neutral_place_is_a_warning() -> None:
    place = "https://dynamodb.eu-west-3.amazonaws.com/ping"
    (warning,) = warnings_of(("  misses: 3", f"  misses: 3\n  neutral: [{place}]"))
    assert warning.startswith(f'shop.yaml: observation.neutral: got "{place}": two or more')


def test_a_network_of_public_addresses_is_a_warning() -> None:
    (warning,) = warnings_of(("10.2.0.0/16", "52.2.0.0/16"))
    assert warning.startswith('shop.yaml: regions.eu-west-1.cidr: got "52.2.0.0/16"')


def test_an_outage_shorter_than_a_probe_may_be_acted_on() -> None:
    assert warnings_of(("dwell_seconds: 8", "dwell_seconds: 0.1"), ("database_dwell_seconds: 12", "")) == []


def test_the_longer_waits_follow_the_shorter_ones_where_they_are_not_written() -> None:
    short, _ = load_text(quickstart_with(("  database_dwell_seconds: 12", "")), "shop.yaml")
    assert (short.policy.database_dwell_seconds, short.policy.flapping_dwell_seconds) == (12.0, 60.0)
    long, _ = load_text(
        quickstart_with(("dwell_seconds: 8", "dwell_seconds: 90"), ("  database_dwell_seconds: 12", "")), "shop.yaml"
    )
    assert (long.policy.database_dwell_seconds, long.policy.flapping_dwell_seconds) == (90.0, 90.0)


def test_a_region_whose_users_nobody_could_carry_is_a_warning_with_the_number() -> None:
    crowded = "cidr: 10.1.0.0/16, nodes: 9, most_nodes: 9"
    (warning,) = warnings_of(("cidr: 10.1.0.0/16, nodes: 3, needed_nodes: 2", crowded))
    assert warning.startswith("shop.yaml: regions.us-east-1.nodes: got room for 8 nodes more in eu-west-1")
    assert "raise most_nodes there by 1" in warning


def test_a_word_that_one_database_has_alone_is_a_warning() -> None:
    (warning,) = warnings_of(("    kind: single", "    kind: single\n    together: shop"))
    assert warning.startswith('shop.yaml: databases.orders.together: got "shop": a word that two databases share')


def test_two_regions_and_an_observer_elsewhere_may_fail_over_by_themselves() -> None:
    topology, _ = load_text(
        quickstart_with(
            ("  ap-southeast-1: {role: secondary, zone: WORLD, cidr: 10.3.0.0/16, nodes: 3, needed_nodes: 2}\n", ""),
            ("[us-east-1, eu-west-1, ap-southeast-1]", "[us-east-1, eu-west-1, eu-central-1]"),
            ("replicas: [eu-west-1, ap-southeast-1]", "replicas: [eu-west-1]"),
        ),
        "shop.yaml",
    )
    assert topology.control_regions == ("us-east-1", "eu-west-1", "eu-central-1")


def test_a_product_that_asks_a_person_may_have_no_replica() -> None:
    topology, _ = load_text(
        quickstart_with(("automatic #", "approve #"), ("replicas: [eu-west-1, ap-southeast-1]", "replicas: []")),
        "shop.yaml",
    )
    assert topology.databases[0].replicas == ()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda file: None, "got no file of this name"),
        (lambda file: file.mkdir(), "got a directory"),
        (lambda file: file.write_bytes(b""), "got nothing"),
        (lambda file: file.write_bytes(b"\n# only a comment\n"), "got nothing"),
        (lambda file: file.write_bytes(b"shop"), 'got the text "shop"'),
        (lambda file: file.write_bytes(b"name: \x00"), "got the character U+0000"),
        (lambda file: file.write_bytes(b"name: \xff\xfe"), "got the byte 0xff on line 1"),
        (lambda file: file.write_bytes(b"\xff\xfen\x00a\x00"), "got the byte 0xff on line 1"),
        (lambda file: file.write_bytes(b"[" * 600), "got a document nested too deeply"),
        (lambda file: file.write_bytes(b"name: *shop"), "undefined alias"),
        (lambda file: file.write_bytes(b"? [a, b]\n: c"), "got a list as a key"),
        (lambda file: file.write_bytes(bomb()), "more than 10000 values"),
    ],
)
def test_a_file_that_is_no_document_is_refused_in_one_line_or_more(make: object, said: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    assert callable(make)
    make(file)
    with pytest.raises(TopologyError) as caught:
        load(file)
    assert any(line.startswith(str(file)) and said in line for line in str(caught.value).split("\n"))


def bomb() -> bytes:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    return "\n".join(rows).encode()


def test_a_path_that_no_file_can_have_is_refused_in_words() -> None:
    with pytest.raises(TopologyError, match="cannot be read"):
        load("shop\x00.yaml")


def test_a_message_cannot_be_broken_by_what_it_shows() -> None:
    with pytest.raises(TopologyError) as caught:
        load_text('name: "a\\nb\\ud800"\n"k\\ney": 1\n', "shop.yaml")
    lines = str(caught.value).split("\n")
    assert all(line.startswith("shop.yaml: ") for line in lines)
    assert any('got "a\\nb\\ud800"' in line for line in lines)
    str(caught.value).encode()


def test_one_broken_value_does_not_hide_the_others() -> None:
    with pytest.raises(TopologyError) as caught:
        load_text(quickstart_with(("cidr: 10.1.0.0/16", "cidr: none"), ("rpo_seconds: 60", "rpo_seconds: 1")), "f")
    assert [mistake.path for mistake in caught.value.mistakes] == [
        ("regions", "us-east-1", "cidr"),
        ("targets", "rpo_seconds"),
    ]


def test_a_broken_window_does_not_hide_the_others() -> None:
    window = '  maintenance: [{weekday: someday, begins: "02:00", minutes: 9}]'
    with pytest.raises(TopologyError) as caught:
        load_text(
            quickstart_with(("  observers: 2", f"  observers: 2\n{window}"), ("rpo_seconds: 60", "rpo_seconds: 1")), "f"
        )
    assert [mistake.path for mistake in caught.value.mistakes] == [
        ("failover", "maintenance", "weekday"),
        ("targets", "rpo_seconds"),
    ]


def test_a_stand_in_for_a_broken_value_is_blamed_for_nothing() -> None:
    with pytest.raises(TopologyError) as caught:
        load_text(quickstart_with(("  eu-west-1: {role", "  eu-wst-1: {role")), "f")
    assert [mistake.path for mistake in caught.value.mistakes] == [("regions", "eu-wst-1")]


def test_the_regions_are_those_that_aws_has() -> None:
    assert set(AWS_REGIONS) == set(get_session().get_available_regions("ec2", partition_name="aws"))


def test_a_region_set_can_hold_three_places() -> None:
    for places in REGION_SETS.values():
        assert len(set(places)) >= 3
        assert set(places) <= set(AWS_REGIONS)


def test_every_step_fits_the_room_that_its_function_name_leaves() -> None:
    topology = load(QUICKSTART)
    steps = [handler.parent.name for handler in (ROOT / "lambdas").glob("*/handler.py")]
    for step in [*steps, "promote_database"]:
        assert len(step) <= 24
        assert len(Names(topology).function(step)) <= 64
