"""False, undefined and hostile claims, each by its whole message. The numbers are counted by hand in `small`."""

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
    ("1 > 0", "a claim over constants alone says nothing about the data"),
    ("true", 'true is no predicate; compare it, or write surely(left["given", "outcome"] >= 0.75)'),
    ('left["N","N"]', 'left["N","N"] is no predicate; compare it, or write surely(left["given", "outcome"] >= 0.75)'),
    ("left", 'left is no predicate; compare it, or write surely(left["given", "outcome"] >= 0.75)'),
    ('left["N","N"] >= left["N","N"]', 'left["N","N"] is compared with itself'),
    ("about(1, 1, 0.1)", "a claim over constants alone says nothing about the data"),
    ('"a" == "a"', "a claim over constants alone says nothing about the data"),
    ('left["N","N"] > "a"', "a name is no number"),
    ('left["N"] > 0.5', 'a whole row (write left["N", "outcome"]) is no number'),
    ('percent(left["N","N"]) > 50', "text made for reading (compare the value itself) is no number"),
    ('surely(left["N","N"])', 'surely takes a comparison: surely(left["given", "outcome"] >= 0.75)'),
    (
        'surely(left["N","N"] == 0.9)',
        "surely takes <, <=, > or >=; about(x, value, tolerance) says that a number is near another",
    ),
    ('about(left["N","N"], 0.9)', 'this call is written about(left["given", "outcome"], 0.62, 0.05)'),
    ('about(left["N","N"], 0.9, 0)', "the tolerance of about(…) is a number over 0"),
    ("percent()", 'percent() is no predicate; compare it, or write surely(left["given", "outcome"] >= 0.75)'),
    ("highest(left)", 'highest(left) is no predicate; compare it, or write surely(left["given", "outcome"] >= 0.75)'),
    ('left["a","b","c"] > 1', 'cells are written left["given", "outcome"]'),
    ("left[0] > 1", 'cells are written left["given", "outcome"]'),
    ('left["N","N"] in left', "in and not in are not available; compare with ==, <, >"),
    ('left["N","N"] > 1e999', "a number is too large"),
    ("n(5) > 1", 'this call is written n(left["given", "outcome"]) or n(left["given"])'),
    ('left["N","N"] > none', "none stands for no value"),
    ('highest(left, given="C") < "N"', "names are compared with == and !="),
    (
        'covered("models") > 0.5',
        'this call is written covered(left), covered(left, "models"), with category="…" or year=2020',
    ),
    ('covered(left, "items") > 0.5', 'left has no kind "items"; there are datasets and models'),
    (
        'covered(left, "models", year=2020, category="N") > 0.5',
        'this call is written covered(left), covered(left, "models"), with category="…" or year=2020',
    ),
    ('left["N","N"](1) > 0', "only functions can be called, by their name"),
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


@pytest.mark.parametrize(("predicate", "message"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_claim_that_is_none(predicate, message):
    assert messages(claim(predicate)) == [f"text/findings.md:1:1: {message}"]


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
    ("{{ ().__class__ }}", "1:1: attributes (.name) are not available"),
    ("{{ left.__class__.__mro__ }}", "1:1: attributes (.name) are not available"),
    ('{{ left["__class__"] }}', '1:1: left["__class__"] cannot be shown; show a cell of it, or a list of its categories'),
    ("{{ self._TemplateReference__context }}", "1:1: attributes (.name) are not available"),
    ("{{ lipsum.__globals__ }}", "1:1: attributes (.name) are not available"),
    ("{{ ''|attr('__class__') }}", "1:1: filters (|name) are not available; write percent(…), ratio(…) or count(…)"),
    ("{{ '{:>999999999}'.format(1) }}", "1:1: only functions can be called, by their name"),
    ("{{ 'a' * 10 ** 9 }}", "1:1: ** is not available"),
    ("{{ 'a' * 1000000000 }}", "1:1: a name is no number"),
    ("{{ '%999999999d' % 1 }}", "1:1: % is not available"),
    ("{{ 'a' ~ 'b' }}", "1:1: ~ is not available; write the texts next to each other"),
    ("{{ left[1:2] }}", "1:1: slices are not available"),
    ("{{ [1, 2] }}", "1:1: lists are not available"),
    ("{{ {'a': 1} }}", "1:1: mappings are not available"),
    ("{{ 1 if true else 2 }}", "1:1: if … else … is not available; write a claim with otherwise"),
    ("{{ left is defined }}", "1:1: tests (is …) are not available; compare with ==, <, >"),
    ("{{ percent(*left) }}", "1:1: only functions can be called, by their name"),
    ("{{ left['N','N'](1) }}", "1:1: only functions can be called, by their name"),
    ("{% import 'os' as os %}", "1:1: the tag import is not available; tags are claim, otherwise, endclaim, for, endfor"),
    ("{% from 'x' import y %}", "1:1: the tag from is not available; tags are claim, otherwise, endclaim, for, endfor"),
    ("{% include '/etc/passwd' %}", "1:1: the tag include is not available; tags are claim, otherwise, endclaim, for, endfor"),
    ("{% extends 'page.html' %}", "1:1: the tag extends is not available; tags are claim, otherwise, endclaim, for, endfor"),
    ("a\n  {% set x = 1 %}", "2:3: the tag set is not available; tags are claim, otherwise, endclaim, for, endfor"),
    ("{% macro m() %}{{ m() }}{% endmacro %}", None),
    ("{% clam left['N','N'] > 1 %}", '1:1: the tag clam is not available; tags are claim, otherwise, endclaim, for, endfor (did you mean "claim"?)'),
    ("{% for a, b in left %}{% endfor %}", "1:1: a loop is written {% for name in categories(left) %}…{% endfor %}"),
    ("{% for a in left %}{% endfor %}", "1:1: a loop goes over categories(left)"),
    ("{% for a in range(1000000000) %}{% endfor %}", None),
    ("{% for a in categories(left) %}" * 8 + "x" + "{% endfor %}" * 8, ": takes more than 50,000 steps; loops are nested"),
    ("{% for a in categories(left) %}" * 4 + "x" * 1000 + "{% endfor %}" * 4, ": comes to more than 200,000 characters; loops are nested"),
    ("{% for a in categories(left) %}" * 8 + "{% endfor %}" * 8, ": takes more than 50,000 steps; loops are nested"),
    ("{% for a in categories(left) %}" * 50 + "{% endfor %}" * 50, None),
    ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", ": brackets or tags are nested too deeply"),
    ("{{ " + "1+" * 5000 + "1 }}", "1:1: brackets or tags are nested too deeply"),
    ("{% claim " + "not " * 5000 + "true %}x{% endclaim %}", ": brackets or tags are nested too deeply"),
    ("{% claim left['N','N'] > 0 %}" * 500 + "{% endclaim %}" * 500, ": brackets or tags are nested too deeply"),
    ("{{ " + "9" * 5000 + " }}", ": a number has too many digits"),
    ("x" * 100_001, ": has more than 100,000 characters"),
    ("a \ue0000\ue001", "1:3: the character U+E000 cannot be used in authored text; remove it"),
    ("{{ left['N','N'] ", "1:1: a tag is never closed"),
    ("{{ left['N','N' }}", '1:1: there is "}" where "]" should be'),
    ("{% claim left['N','N'] > 0 %}x", "1:1: a claim or for is never closed"),
    ("x{% endclaim %}", "1:2: endclaim has no claim or for before it"),
    ("{% claim left['N','N'] > 0 %}a{% otherwise %}b{% otherwise %}c{% endclaim %}", "1:47: otherwise has no claim or for before it"),
    ("{{ lefty['N','N'] }}", '1:1: there is no lefty; values are date, left, right, units (did you mean "left"?)'),
    ("{{ left('N','N') }}", '1:1: left is a panel; its cells are left["given", "outcome"], in brackets'),
    ("{{ percnt(left['N','N']) }}", '1:1: there is no function percnt; functions are about, baseline, categories, count, covered, expected, highest, interval, lift, lift_within, lowest, n, n_given, n_outcome, odds_within, percent, rank, ratio, surely, told, units, value (did you mean "percent"?)'),
    ("{{ `id` }}", "1:1: the character ` cannot be used here"),
]  # fmt: skip
"""Texts with what is said of them, after the file's name; None: refused, whatever is said."""


@pytest.mark.parametrize(("source", "message"), HOSTILE, ids=[case[0][:40] for case in HOSTILE])
def test_a_text_that_tries_more(source, message):
    started = time.perf_counter()
    found = messages(source)
    assert time.perf_counter() - started < 2
    assert found if message is None else found == [f"text/findings.md:{message}".replace("::", ":")]


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


def test_in_a_loop_the_message_says_for_which_category():
    source = "{% for c in categories(left, measured=true) %}{% claim left[c,c] > 0.95 %}x{% endclaim %}{% endfor %}"
    assert messages(source) == [
        'text/findings.md:1:47: claim is false: left[c,c] > 0.95, with c = "N" (0.90 > 0.95)',
        'text/findings.md:1:47: claim is false: left[c,c] > 0.95, with c = "A" (0.60 > 0.95)',
    ]


def test_with_otherwise_a_false_claim_is_recorded_and_no_error():
    source = '{% claim left["N","N"] > 0.95 %}yes{% otherwise %}no{% endclaim %}'
    found = rendered(source)
    assert messages(source) == []
    assert [(v.holds, v.has_otherwise, v.reason) for v in found.verdicts] == [(False, True, "0.90 > 0.95")]
    assert "no" in found.markdown
    assert "yes" not in found.markdown
