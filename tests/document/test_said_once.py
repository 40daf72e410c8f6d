"""A fact is in the text once: counterparts, pairs of the first page, sizes that cannot be otherwise, and bounds."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from diptych.cells import Estimate
from diptych.document import middle, robustness
from diptych.findings.composition import Composition, StrataChange
from diptych.findings.reversal import ReversedPair
from tests.findings.conftest import make_study as _make_study
from tests.prose.parts import said

make_study = _make_study


def composition(*informative: str) -> Composition:
    change = StrataChange("NLP", 392, 39.9, 304.6, 393, 1246.4, 1.0, Estimate(1246.4, 145.2, 10700.3), 1, informative)
    numbers = {
        "observed": 392,
        "expected": 40,
        "expected_within": 305,
        "most": 393,
        "beyond": True,
        "reached": Estimate(0.9),
    }
    return Composition(id="composition", strata=("package",), n_strata=10, lasting=(change,), **numbers)


def part_with(finding) -> SimpleNamespace:
    return SimpleNamespace(found=lambda kind: [finding] if isinstance(finding, kind) else [])


@pytest.mark.parametrize(
    ("given", "within", "strata", "is_counterpart"),
    [
        ("NLP", 94.2, ("mteb",), True),  # fewer differ because more match
        ("CV", 94.2, ("mteb",), False),  # another category
        ("NLP", 94.2, ("mteb", "timm"), False),  # also in another package
        ("NLP", 20.0, ("mteb",), False),  # more than expected
    ],
)
def test_a_rare_pair_of_a_category_that_matches_is_no_second_finding(given, within, strata, is_counterpart):
    pair = ReversedPair(
        given,
        "Multimodal",
        43.0,
        31.3,
        within,
        Estimate(43 / 31.3, 0.8, 2.4),
        Estimate(43 / within, 0.29, 0.72),
        0.002,
        strata,
    )
    reversal = SimpleNamespace(pairs=(pair,))
    assert middle._is_counterpart(part_with(composition("mteb")), reversal) is is_counterpart


def test_an_odds_ratio_over_100_has_its_lower_bound_in_the_table_too():
    question = SimpleNamespace(about="within", categories=("NLP",))
    headline = SimpleNamespace(question=question, answer=SimpleNamespace(value=1246.4, word="above"))
    assert (
        robustness._declared(part_with(composition("mteb")), headline).replace("\N{NO-BREAK SPACE}", " ")
        == "at least 140"
    )
    assert robustness._declared(part_with(Estimate(1.0)), headline) == "over 100"


def test_the_larger_of_two_categories_is_no_finding(make_study):
    told = said(make_study([("A", "A", 70), ("B", "B", 20), ("A", "B", 5), ("B", "A", 5)], ("A", "B")))
    assert not [name for name in told if name.startswith("dominance")]
    told = said(make_study([("A", "A", 70), ("B", "B", 20), ("A", "C", 5), ("C", "A", 5)], ("A", "B", "C")))
    assert [name for name in told if name.startswith("dominance")]


def test_a_large_cell_near_the_overall_share_is_not_listed(make_study):
    # Of A and of B, 30% are C, as of all.
    level = [("A", "A", 70), ("A", "C", 30), ("B", "B", 70), ("B", "C", 30)]
    assert not [name for name in said(make_study(level, ("A", "B", "C"))) if "crossings" in name and "listed" in name]
    apart = [("A", "A", 70), ("A", "C", 30), ("B", "B", 98), ("B", "C", 2)]
    told = said(make_study(apart, ("A", "B", "C")))["crossings.left.listed"]
    assert told.startswith("The share of C (16% overall) is 30% (22–40%) in the row A.")
