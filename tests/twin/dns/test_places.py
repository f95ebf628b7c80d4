from __future__ import annotations

import pytest

from twin.dns.places import latency_ms, place

# Public measurements between regions, in ms: acomputerscientistlearnsaws.blogspot.com/2017/04, from a second blog.
MEASURED = {
    ("us-east-1", "eu-west-1"): 80.5,
    ("us-east-1", "us-west-2"): 87.0,
    ("us-east-1", "ap-southeast-1"): 216.7,
    ("eu-west-1", "eu-central-1"): 19.6,
    ("ap-northeast-1", "ap-southeast-1"): 73.8,
    ("ap-northeast-1", "ap-northeast-2"): 31.4,
}


@pytest.mark.parametrize(("pair", "measured"), MEASURED.items())
def test_the_assumed_latency_is_within_half_of_a_measured_one(pair: tuple[str, str], measured: float) -> None:
    assert measured / 2 < latency_ms(*pair) < measured * 1.5


def test_latency_is_none_to_oneself_and_the_same_both_ways() -> None:
    assert latency_ms("eu-west-1", "eu-west-1") == 0
    assert latency_ms("eu-west-1", "sa-east-1") == pytest.approx(latency_ms("sa-east-1", "eu-west-1"))


def test_a_region_without_a_place_says_where_to_add_it() -> None:
    with pytest.raises(KeyError, match=r"mars-1: no place known.*twin/dns/places\.py"):
        place("mars-1")
