"""False, undefined and hostile claims. The numbers are counted by hand in `small`."""

import time

import pytest

from tests.contrib.claims.small import messages, rendered
from tests.matrices.tiny import P, tiny

FALSE = [
    ('left["N","N"] > left["C","C"]', "0.90 > 0.98"),
    ('left["N","N"] >= 0.95', "0.90 >= 0.95"),
    ('left["N","N"] < 0.9', "0.90 < 0.90"),
    ('left["N","N"] > 0.9', "0.90 > 0.90"),
    ('left["A","C"] > left["A","N"]', "0.20 > 0.20"),
    ('left["A","C"] < left["A","N"]', "0.20 < 0.20"),
    ('left["A","C"] != left["A","N"]', "0.20 != 0.20"),
    ('n(left["N","N"]) == 44', "45 == 44"),
    ('n(left["N"]) > n(left["C"])', "50 > 100"),
    ("units > 300", "204 > 300"),
    ('left["N","N"] > 0.5 and left["C","C"] > 0.99 and left["A","A"] > 0.9', "0.98 > 0.99; 0.60 > 0.90"),
    ('left["N","N"] > 0.95 or left["C","C"] > 0.99', "0.90 > 0.95; 0.98 > 0.99"),
    ('not left["N","N"] > 0.5', "0.90 > 0.50"),
    ('0.5 < left["A","A"] < 0.55', "0.60 < 0.55"),
    ('lift(left["N","N"]) > 4', "3.22 > 4.00"),
    ('expected(left["N","N"]) > 20', "13.97 > 20.00"),
    ('baseline(left["N","C"]) < 0.5', "0.55 < 0.50"),
    ('surely(left["N","N"] >= 0.8)', "the interval is 0.79 to 0.96"),
    ('surely(left["N","N"] > left["C","C"])', "the difference is -0.08, -0.195 to -0.005"),
    ('surely(left["C","C"] - left["N","N"] > 0.2)', "the difference is 0.08, 0.00 to 0.19"),
    ('surely(0.8 <= left["N","N"])', "the interval is 0.79 to 0.96"),
    ('surely(n(left["N","N"]) > 3)', "45 has no interval"),
    ('surely(left["C","C"] > 0.5 and left["N","N"] > 0.95)', "the interval is 0.79 to 0.96"),
    ('about(left["A","A"], 0.7, 0.05)', "0.60 is not within 0.05 of 0.70"),
    ('rank(left["C","N"]) == 1', "2 == 1"),
    ('highest(left, given="C") == "N"', '"C" == "N"'),
    ('highest(left, given="N") != "N"', '"N" != "N"'),
    ('lowest(left, given="A") == "N"', '"R" == "N"'),
    ('left["N","N"] - left["C","C"] > 0', "-0.08 > 0.00"),
    (
        'left["N","N"] / (left["A","A"] - left["A","A"]) > 1',
        '(left["N","N"] / (left["A","A"] - left["A","A"])) is undefined: it divides by zero',
    ),
    ("covered(left) > 0.9", "0.82 > 0.90"),
]
UNDEFINED = [
    ('left["R","R"] > 0.5', 'left["R","R"] is undefined: too few models have the given category R'),
    ('left["T","N"] > 0.5', 'left["T","N"] is undefined: no model has the given category T'),
    ('left["N","T"] < 0.5', 'left["N","T"] is undefined: no model has the outcome category T'),
    ('left["X","N"] > 0.5', 'left["X","N"] is undefined: left has no given category "X"'),
    ('left["N","Nn"] > 0.5', 'left["N","Nn"] is undefined: left has no outcome category "Nn" (did you mean "N"?)'),
    (
        'left["Audio","N"] > 0.5 or left["N","N"] > 0.1',
        'left["Audio","N"] is undefined: left has no given category "Audio"',
    ),
    ('not left["X","N"] > 0.5', 'left["X","N"] is undefined: left has no given category "X"'),
    ('n(left["X"]) > 3', 'n(left["X"]) is undefined: left has no given category "X"'),
    ('surely(left["R","R"] > 0.5)', 'left["R","R"] is undefined: too few models have the given category R'),
    ('odds_within(left["N","N"]) > 1', 'odds_within(left["N","N"]) is undefined: the relation has no strata'),
    ('lift_within(left["N","N"]) > 1', 'lift_within(left["N","N"]) is undefined: the relation has no strata'),
    ('highest(left, given="X") == "N"', 'highest(left, given="X") is undefined: left has no given category "X"'),
    (
        'highest(left, given="R") == "R"',
        'highest(left, given="R") is undefined: nothing is measured with the given category R',
    ),
    (
        'left["N", highest(left, given="T")] > 0',
        'left["N",highest(left, given="T")] is undefined: nothing is measured with the given category T',
    ),
    ("about(left['T','N'], 0.5, 0.1)", 'left["T","N"] is undefined: no model has the given category T'),
    (
        'covered(left, "models", year=1999) > 0.1',
        'covered(left, "models", year=1999) is undefined: no models are dated 1999',
    ),
    (
        'covered(left, "models", category="X") > 0.1',
        'covered(left, "models", category="X") is undefined: models have no category "X"',
    ),
    (
        'covered(left, "models", category="T") > 0.1',
        'covered(left, "models", category="T") is undefined: no models are T',
    ),
    ("about(left['N','N'], left['T','N'], 0.1)", 'left["T","N"] is undefined: no model has the given category T'),
]
REFUSED = [
    "1 > 0",
    "true",
    'left["N","N"]',
    "left",
    'left["N","N"] >= left["N","N"]',
    "about(1, 1, 0.1)",
    '"a" == "a"',
    'left["N","N"] > "a"',
    'left["N"] > 0.5',
    'percent(left["N","N"]) > 50',
    'surely(left["N","N"])',
    'surely(left["N","N"] == 0.9)',
    'about(left["N","N"], 0.9)',
    'about(left["N","N"], 0.9, 0)',
    "percent()",
    "highest(left)",
    'left["a","b","c"] > 1',
    "left[0] > 1",
    'left["N","N"] in left',
    'left["N","N"] > 1e999',
    "n(5) > 1",
    'left["N","N"] > none',
    'highest(left, given="C") < "N"',
    'covered("models") > 0.5',
    'covered(left, "items") > 0.5',
    'covered(left, "models", year=2020, category="N") > 0.5',
    'left["N","N"](1) > 0',
]


def claim(predicate):
    return "{% claim " + predicate + " %}x{% endclaim %}"


@pytest.mark.parametrize(("predicate", "why"), FALSE + UNDEFINED, ids=[case[0] for case in FALSE + UNDEFINED])
def test_a_claim_that_is_false(predicate, why):
    assert messages(claim(predicate)) == [f"text/findings.md:1:1: claim is false: {predicate} ({why})"]


def test_a_share_with_an_interval_over_60_points_is_undefined_and_its_count_is_not():
    groups = tiny(*(P("N", "N" if i < 3 else "C", 6, f"g{i}") for i in range(5)), rows="NC", columns="NC", groups=True)
    why = "the share of N for N is too uncertain: its interval is wider than 60 points"
    predicate = 'left["N","N"] > 0.5'
    assert messages(claim(predicate), incidence=groups) == [
        f'text/findings.md:1:1: claim is false: {predicate} (left["N","N"] is undefined: {why})'
    ]
    assert messages(claim('n(left["N"]) == 30'), incidence=groups) == []


@pytest.mark.parametrize("predicate", REFUSED)
def test_what_is_no_claim_is_an_error_whatever_the_data(predicate):
    (message,) = messages(claim(predicate))
    assert message.startswith("text/findings.md:1:1: ")
    assert "claim is false" not in message


TRUE = [
    'left["A","A"] < left["N","N"] < left["C","C"]',
    'surely(0.3 < left["A","A"] < 0.99)',
    'left["N","N"] < left["C","C"]',
    'left["N","N"] <= 0.9',
    'left["N","N"] >= 0.9',
    'left["N","N"] == 0.9',
    'left["A","C"] == left["A","N"]',
    'left["A","C"] >= left["A","N"]',
    '0.5 < left["A","A"] < 0.7',
    'n(left["N"]) == 50 and n(left["N","N"]) == 45 and units == 204 and units(right) == 204',
    'n(left["R","R"]) == 4',
    'n_given(left["A","C"]) == 50 and n_outcome(left["A","C"]) == 113',
    'about(lift(left["N","N"]), 3.22, 0.01) and about(baseline(left["N","N"]), 57 / 204, 0.000001)',
    'about(right["N","N"], 45 / 57, 0.000001)',
    "about(covered(left), 204 / 250, 1e-9)",
    'covered(left, "datasets") == 0.5 and covered(left, "models", category="N") == 0.9',
    'not left["N","N"] > 0.95',
    'left["N","N"] > 0.95 or left["C","C"] > 0.95',
    'surely(left["N","N"] >= 0.75)',
    'surely(0.75 < left["N","N"] < 0.97)',
    'surely(left["C","C"] > left["A","A"])',
    'surely(left["C","C"] - left["A","A"] > 0.2)',
    'rank(left["A","A"]) == 1 and rank(left["A","N"]) == 2 and rank(left["A","C"]) == 2',
    'highest(left, given="C") == "C" and highest(left, outcome="N") == "N"',
    'left["A", highest(left, given="A")] == 0.6',
    'left["C","C"] - left["N","N"] > 0.07',
    '-left["N","N"] < 0 and +left["N","N"] > 0',
    "left['N', 'N'] != 0.8",
]


@pytest.mark.parametrize("predicate", TRUE)
def test_a_claim_that_holds(predicate):
    assert messages(claim(predicate)) == []


HOSTILE = [
    "{{ ().__class__ }}",
    "{{ left.__class__.__mro__ }}",
    '{{ left["__class__"] }}',
    "{{ self._TemplateReference__context }}",
    "{{ lipsum.__globals__ }}",
    "{{ ''|attr('__class__') }}",
    "{{ '{:>999999999}'.format(1) }}",
    "{{ 'a' * 10 ** 9 }}",
    "{{ 'a' * 1000000000 }}",
    "{{ '%999999999d' % 1 }}",
    "{{ 'a' ~ 'b' }}",
    "{{ left[1:2] }}",
    "{{ [1, 2] }}",
    "{{ {'a': 1} }}",
    "{{ 1 if true else 2 }}",
    "{{ left is defined }}",
    "{{ percent(*left) }}",
    "{{ left['N','N'](1) }}",
    "{% import 'os' as os %}",
    "{% from 'x' import y %}",
    "{% include '/etc/passwd' %}",
    "{% extends 'page.html' %}",
    "a\n  {% set x = 1 %}",
    "{% macro m() %}{{ m() }}{% endmacro %}",
    "{% clam left['N','N'] > 1 %}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "{{ " + "1+" * 5000 + "1 }}",
    "{% claim " + "not " * 5000 + "true %}x{% endclaim %}",
    "{% claim left['N','N'] > 0 %}" * 500 + "{% endclaim %}" * 500,
    "{{ " + "9" * 5000 + " }}",
    "x" * 100_001,
    "a \ue0000\ue001",
    "{{ left['N','N'] ",
    "{{ left['N','N' }}",
    "{% claim left['N','N'] > 0 %}x",
    "x{% endclaim %}",
    "{% claim left['N','N'] > 0 %}a{% otherwise %}b{% otherwise %}c{% endclaim %}",
    "{{ lefty['N','N'] }}",
    "{{ left('N','N') }}",
    "{{ percnt(left['N','N']) }}",
    "{{ `id` }}",
]
"""Texts that are refused, whatever is said of them."""


@pytest.mark.parametrize("source", HOSTILE, ids=[source[:40] for source in HOSTILE])
def test_a_text_that_tries_more(source):
    started = time.perf_counter()
    assert messages(source)
    assert time.perf_counter() - started < 2


def test_every_false_claim_of_a_file_is_found_in_one_run_with_its_place():
    source = (
        'First {% claim left["N","N"] > 2 %}x{% endclaim %} and {% claim left["C","C"] > 2 %}y{% endclaim %}.\n\n'
        '  {%- claim left["A","A"] > 2 %}{{ left["X","N"] }}{% endclaim %}'
        '{# {% claim left["A","A"] > 3 %} #}{% raw %}{% claim %}{% endraw %}\n{% claim\n left["A","A"] > 4 %}z{% endclaim %}'
    )
    assert messages(source) == [
        'text/findings.md:1:7: claim is false: left["N","N"] > 2 (0.90 > 2.00)',
        'text/findings.md:1:56: claim is false: left["C","C"] > 2 (0.98 > 2.00)',
        'text/findings.md:3:3: claim is false: left["A","A"] > 2 (0.60 > 2.00)',
        'text/findings.md:4:1: claim is false: left["A","A"] > 4 (0.60 > 4.00)',
    ]


def test_with_otherwise_a_false_claim_is_recorded_and_no_error():
    source = '{% claim left["N","N"] > 0.95 %}yes{% otherwise %}no{% endclaim %}'
    found = rendered(source)
    assert messages(source) == []
    assert [(v.holds, v.has_otherwise, v.reason) for v in found.verdicts] == [(False, True, "0.90 > 0.95")]
    assert "no" in found.markdown
    assert "yes" not in found.markdown
