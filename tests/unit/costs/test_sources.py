"""Where the prices were read: pages that stay, with their dates, that state prices of the table."""

import re
from io import StringIO

import pytest
from rich.console import Console

from costs import Estimate
from costs.prices import PRICES
from costs.report import show
from costs.sources import REGIONS, SOURCES, Source, read_in

DAY_MONTH_OR_YEAR = re.compile(r"20\d\d(-[01]\d(-[0-3]\d)?)?")
IN_A_REPOSITORY = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/blob/(?P<commit>[0-9a-f]{40})/.+")
AWS = "https://aws.amazon.com/"


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.page.removeprefix("https://"))
class TestASource:
    def test_it_has_an_address_that_stays(self, source: Source) -> None:
        assert source.page.startswith("https://")
        assert IN_A_REPOSITORY.fullmatch(source.page) or not source.page.startswith("https://github.com/")

    def test_it_has_a_date_or_a_commit_or_is_aws_s_own(self, source: Source) -> None:
        if source.of:
            assert DAY_MONTH_OR_YEAR.fullmatch(source.of)
        else:
            assert IN_A_REPOSITORY.fullmatch(source.page) or source.page.startswith(AWS)

    def test_it_states_prices_of_the_table_for_its_regions(self, source: Source) -> None:
        assert source.prices
        assert set(source.prices) <= set(PRICES)
        assert source.regions
        assert set(source.regions) <= set(REGIONS)


def test_a_page_is_named_once() -> None:
    assert len({each.page for each in SOURCES}) == len(SOURCES)


def test_a_price_was_read_for_the_regions_of_its_pages() -> None:
    assert read_in("transit attachment") == {"us-east-1"}
    assert read_in("nat gateway") == set(REGIONS)
    assert not read_in("what nobody sells")


def test_the_report_says_how_many_prices_were_read() -> None:
    output = StringIO()
    show(Estimate(()), Console(file=output, width=300))
    read = [read_in(key) for key in PRICES]
    some, whole = sum(map(bool, read)), read.count(frozenset(REGIONS))
    assert (
        f"of {len(PRICES)} prices {some} were read on a public page, {whole} of them for each of" in output.getvalue()
    )
