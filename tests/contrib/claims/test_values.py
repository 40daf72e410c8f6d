"""Values of authored text: written as computed text writes them, each with its cells."""

import datetime as dt
import json
from dataclasses import replace

import pytest

from diptych.cells import CellRef
from tests.contrib.claims.small import CATEGORIES, INCIDENCE, PATTERNS, rendered, text
from tests.matrices.tiny import P, tiny

NN = CellRef("left", "N", "N")


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ('left["N","N"]', "90%"),
        ('percent(left["N","N"])', "90%"),
        ('percent(left["N","A"])', "0%"),
        ('interval(left["N","N"])', "79–96%"),
        ('value(left["C","C"])', "0.98"),
        ('lift(left["N","N"])', "3.2"),
        ('ratio(left["N","N"] / left["A","A"])', "1.5"),
        ('count(left["N","N"])', "45"),
        ('count(left["N"])', "50"),
        ('n(left["N","N"])', "45"),
        ('n(left["R"])', "4"),
        ('n_given(left["A","C"])', "50"),
        ('n_outcome(left["A","C"])', "113"),
        ('expected(left["N","N"])', "14"),
        ('expected(left["R","R"])', "0.1"),
        ('baseline(left["N","N"])', "28%"),
        ('rank(left["A","C"])', "2"),
        ('highest(left, given="A")', "A"),
        ('lowest(left, outcome="N")', "C"),
        ("units", "204"),
        ("covered(left)", "82%"),
        ('covered(left, "models", year=2021)', "60%"),
        ("units(right)", "204"),
        ('n(left["N"]) + n(left["C"])', "150"),
        ('left["N","N"] - left["C","C"]', "\N{MINUS SIGN}0.08"),
        ("date", "2 March 2026"),
    ],
)
def test_a_value_is_read_as(source, read):
    assert text("{{ " + source + " }}", date=dt.date(2026, 3, 2)) == read


def test_each_value_leads_to_its_cells():
    found = rendered(
        '{{ left["N","N"] }}{{ lift(left["N","N"]) }}{{ n(left["N","N"]) }}{{ highest(left, given="N") }}'
        '{{ left["N","N"] - right["C","N"] }}{{ n(left["N"]) }}'
    )
    row = tuple(CellRef("left", "N", outcome) for outcome in CATEGORIES)
    assert [piece.cells for piece in found.pieces] == [
        *[(NN,)] * 4,
        (NN, CellRef("right", "C", "N")),
        row,
    ]


def test_a_claim_leads_to_the_cells_it_rests_on():
    found = rendered('{% claim left["N","N"] > 0.5 or surely(left["C","C"] > 0.5) %}So it is.{% endclaim %}')
    assert [(piece.text, piece.cells) for piece in found.pieces] == [("", (NN, CellRef("left", "C", "C")))]


def test_a_number_within_strata():
    strata = [p._replace(stratum="x" if p.rows == "N" else "y") for p in PATTERNS]
    incidence = tiny(*strata, rows=CATEGORIES, columns=CATEGORIES, one=True, strata=True)
    # in stratum x all 50 have N, 45 of them with N: expected 45
    assert text('{{ lift_within(left["N","N"]) }} of {{ expected(left["N","N"]) }}', incidence=incidence) == "1.0 of 14"


def test_the_odds_ratio_within_strata_and_its_ends():
    mteb = [P("N", "N", 392), P("N", "C", 39), P("C", "N", 1), P("C", "C", 124)]
    strata = [p._replace(stratum="mteb") for p in mteb] + [P("C", "C", 900, "", "timm"), P("A", "A", 20, "", "timm")]
    incidence = tiny(*strata, rows=CATEGORIES, columns=CATEGORIES, one=True, strata=True)
    source = '{{ odds_within(left["N","N"]) }} ({{ interval(odds_within(left["N","N"])) }})'
    # 392 x 124 / 39, and statsmodels' ends
    assert text(source, incidence=incidence) == "1,200 (170–9,200)"
    # All that can meet do: there is no upper end, and a claim may be sure all the same.
    source = '{{ interval(odds_within(left["A","A"])) }}'
    assert text(source, incidence=incidence).startswith("at\xa0least")
    sure = '{% claim surely(odds_within(left["A","A"]) > 20) %}yes{% endclaim %}'
    assert text(sure, incidence=incidence) == "yes"


def test_labels_are_values_and_never_templates_or_markup():
    names = ("{{ 7*7 }}", "<script>alert(1)</script>", "**A**", "{% claim true %}", "T](javascript:x)")
    sides = {side: replace(getattr(INCIDENCE, side), categories=names) for side in ("rows", "columns")}
    replaced = replace(INCIDENCE, **sides)
    for name in names[:3]:
        assert text(f"{{{{ highest(left, given={json.dumps(name)}) }}}}", incidence=replaced) == name
