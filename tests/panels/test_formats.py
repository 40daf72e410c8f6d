"""Numbers to words: what may never be said, whatever the number."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from diptych import formats

QUICK = settings(deadline=None, derandomize=True)

shares = st.floats(0, 1)
counts_of = st.floats(0, 1e7)
pairs = st.tuples(shares, shares).map(sorted)
RANGE = re.compile("–| to |^at")


def numbers(text):
    return [float(n.replace(",", "").replace("−", "-")) for n in re.findall(r"−?[\d,]+(?:\.\d+)?", text)]


@QUICK
@given(shares)
def test_percent_is_nothing_or_all_only_where_exact(share):
    text = formats.percent(share)
    assert (text == "0%") == (share == 0)
    assert (text == "100%") == (share == 1)
    assert abs(numbers(text)[0] - 100 * share) <= 1.0


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (-0.001, "under\xa00%"),
        (-0.126, "−13%"),
        (1.2, "120%"),
        (1.001, "over\xa0100%"),
        (0.285, "29%"),
        (5e-324, "under\xa01%"),
    ],
)
def test_percent_outside_and_between(share, text):
    assert formats.percent(share) == text


@QUICK
@given(pairs)
@example([0.0, 0.004])
@example([0.0001, 0.0004])
@example([0.9996, 0.99994])
@example([0.003, 0.998])
@example([0.0, 1.0])
@example([0.996, 1.0])
def test_a_range_of_shares_is_no_point_and_ends_at_no_false_bound(ends):
    low, high = ends
    text = formats.percent_range(low, high)
    assert text.endswith("%")
    is_point = not RANGE.search(text)
    assert not is_point or high - low < 1e-7
    first, last = numbers(text)[0], numbers(text)[-1]
    if ("–" in text or " to " in text) and "under" not in text:
        assert first < last
        assert first > 0 or low == 0
    if ("–" in text or " to " in text) and "over" not in text:
        assert last < 100 or high == 1
    if text.startswith("at\xa0least"):
        assert 0 < first < 100
    if text.startswith("at\xa0most"):
        assert 0 < last < 100


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((0, 0), "0%"),
        ((1, 1), "100%"),
        ((0, 1), "0–100%"),
        ((0, 0.434), "at\xa0most\xa043%"),
        ((0, 0.004), "at\xa0most\xa00.4%"),
        ((0.566, 1), "at\xa0least\xa057%"),
        ((0.996, 1), "at\xa0least\xa099.6%"),
        ((0.001, 1), "under\xa01 to 100%"),
        ((0.0001, 0.0004), "0.01–0.04%"),
        ((0.81, 0.81), "81%"),
    ],
)
def test_ranges_of_shares(ends, text):
    assert formats.percent_range(*ends) == text


@QUICK
@given(counts_of)
def test_ratio_is_zero_only_where_it_is(value):
    text = formats.ratio(value)
    assert (numbers(text) == [0]) == (value == 0)
    assert abs(numbers(text)[0] - value) <= max(0.01, 0.06 * value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.994, "0.99"),
        (0.996, "1.00"),
        (1, "1.0"),
        (1.25, "1.3"),
        (9.94, "9.9"),
        (9.96, "10"),
        (98.4, "98"),
        (99.6, "100"),
        (145, "150"),
        (994.9, "990"),
        (995.1, "1,000"),
        (12345.6, "12,000"),
        (0.004, "under 0.01"),
    ],
)
def test_ratios(value, text):
    assert formats.ratio(value) == text


@QUICK
@given(st.tuples(counts_of, counts_of).map(sorted))
@example([0.0, 0.001])
@example([0.001, 0.002])
@example([0.004, 0.006])
@example([2e-269, 0.0039])
@example([1.01, 1.04])
def test_a_range_of_ratios_is_no_point(ends):
    low, high = ends
    text = formats.ratio_range(low, high)
    is_point = not RANGE.search(text)
    assert not is_point or high - low < 1e-5 * max(1, high)
    if ("–" in text or " to " in text) and "under" not in text:
        assert numbers(text)[0] < numbers(text)[1]
        assert numbers(text)[0] > 0 or low == 0


@QUICK
@given(counts_of)
def test_expected_and_counts_are_zero_only_where_they_are(value):
    assert (numbers(formats.expected(value)) == [0]) == (value == 0)
    assume(value == 0 or value > 1e-8)
    assert (numbers(formats.count(value)) == [0]) == (value == 0)


@QUICK
@given(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)).map(sorted))
@example([0.2, 0.4])
@example([-0.4, 0.3])
@example([-3.0, 0.0])
def test_a_range_of_net_counts_is_no_point(ends):
    text = formats.signed_count_range(*ends)
    assert RANGE.search(text) or ends[1] - ends[0] < 1e-5
    assert "-" not in text
    assert "−0 " not in f"{text} "
    assert numbers(text) == sorted(numbers(text))


@QUICK
@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_decimals_have_true_minus_signs_and_no_minus_zero(value, digits):
    text = formats.decimal(value, digits)
    assert "-" not in text
    assert text.startswith("−") == (numbers(text)[0] < 0)
    assert abs(numbers(text)[0] - value) <= 0.5001 * 10**-digits


@pytest.mark.parametrize("tenths", range(15, 1000, 10))
def test_exact_halves_are_rounded_away_from_zero_by_every_function(tenths):
    """33 of 200 is 16.5%: 17% as a percentage, 0.17 as a value, a decimal and a ratio."""
    share = tenths / 1000
    whole = (tenths + 5) // 10
    said = [
        formats.value(share),
        formats.decimal(share),
        formats.decimal(-share).removeprefix("−"),
        formats.ratio(share),
    ]
    assert {float(text) for text in said} == {whole / 100}
    assert formats.percent(share) == ("over\N{NO-BREAK SPACE}99%" if whole == 100 else f"{whole}%")
