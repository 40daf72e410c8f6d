"""Evidence: its formulas are those of the measures."""

import importlib
import math
import pkgutil

import numpy as np
import pytest

from diptych import findings, formats
from diptych.document.evidence import evaluated, filled, names_in
from diptych.findings.finding import Finding, finding_of
from diptych.findings.population import Concentration
from diptych.measures import MEASURES
from tests.thresholds import THRESHOLDS


def kinds():
    for module in pkgutil.iter_modules(findings.__path__, "diptych.findings."):
        importlib.import_module(module.name)
    return {kind for kind in Finding.__subclasses__() if kind.__module__.startswith("diptych.findings.")}


def test_every_threshold_has_its_value():
    found = {(name, value) for kind in kinds() for name, value in kind.thresholds}
    assert found == {(name, getattr(THRESHOLDS, name)) for name, _ in found}


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("counts", [(9, 20, 30, 100), (1, 4, 2, 6), (40, 50, 60, 300)])
def test_formulas_of_measures_give_what_measures_give(name, counts):
    joint, given, outcome, units = map(float, counts)
    terms = {"n_ab": joint, "n_a": given, "n_b": outcome, "N": units}
    assert set(names_in(MEASURES[name].in_counts)) <= set(terms)
    measured = MEASURES[name](*(np.array([[number]]) for number in (joint, given, outcome, units)))
    if not math.isnan(measured[0, 0]):
        assert evaluated(MEASURES[name].in_counts, terms) == pytest.approx(measured[0, 0])


@pytest.mark.parametrize(
    ("formula", "numbers", "text", "value"),
    [
        ("n_ab / n_a", {"n_ab": 392.0, "n_a": 435.0}, "392 / 435", 392 / 435),
        ("n_ab - n_ba", {"n_ab": 3.0, "n_ba": -2.0}, "3 - (−2)", 5.0),
        ("1 - (n - w) / (n - e)", {"n": 10.0, "w": 6.0, "e": 2.0}, "1 - (10 - 6) / (10 - 2)", 0.5),
        ("n / m", {"n": 1.0, "m": 0.0}, "1 / 0", None),
        ("log2(n)", {"n": 0.0}, "log2(0)", None),
    ],
)
def test_formulas_are_filled_and_worked_out(formula, numbers, text, value):
    assert filled(formula, numbers) == text
    assert evaluated(formula, numbers) == value


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"), (1.0, "1"), (0.99964, "0.9996"), (0.00012, "0.00012"), (0.0214, "0.021"), (-0.004, "−0.0040"), (2.5, "2.50"),
        (39.87, "39.9"), (-63.0, "−63"), (12388.0, "12,388"), (-1234.5, "−1,234"), (0.1 + 0.2 + 0.7, "1"),
    ],
)  # fmt: skip
def test_numbers_never_claim_a_false_0_or_1(number, text):
    assert formats.calculated(number) == text


def test_a_sentence_is_about_the_finding_with_the_longest_id():
    def concentration(name):
        return Concentration(
            id=name, item="x", n_units=1, share=1.0, n_item_sets=None, n_largest_set=None, n_population=1
        )

    short, long = concentration("isolation"), concentration("isolation.graph")
    assert finding_of("isolation.graph.observation", [short, long]) is long
    assert finding_of("isolation.observation", [short, long]) is short
    assert finding_of("isolations.observation", [short, long]) is None
