"""The whole explanation of one cell of each form of relation, its counts counted by hand.

Links: NLP data (d1, d2) train m1, m2, m3 and m6, of which m1 and m2 are NLP and m3 is CV; N is 6. By stars NLP data
have 5 + 7 + 2 + 3 = 17 of 27, NLP models 5 + 7 + 1 = 13, both 12. By parts of links, d2 (text and speech) counts half:
NLP data have 1 + 1/2 + 1 + 1/2 = 3 of 7, NLP to NLP 1 + 1/2. Owners: ann and bob have NLP data and NLP models, of ann,
bob, cat and dan. Records: three of four have python and engineer. Base models: m1 makes m2 and m3, m3 makes m4, m2
makes m5. Wilson for 1 of 4 is 0.046 to 0.699, for 2 of 3 0.208 to 0.939, for 3 of 3 0.438 to 1 (statsmodels).
"""

import pytest

from diptych.contrib.explain import explain
from diptych.contrib.explain.explain_text import told

pytestmark = pytest.mark.slow

LINKS = """\
left:NLP,CV (Dataset by Model, share)
State: uncertain (the confidence interval of the share is wider than 60 points)
Numbers:
  share: 0.25 (0.046 to 0.70; 95%), 1 of 4
  expected by chance: 1.33
  observed ÷ expected: 0.75 (0.19 to 1.50)
Counts:
  n_ab = 1 model, both
  n_a = 4 models, NLP
  n_b = 2 models, CV
  N = 6 models, all
  q = 0.718
Taxonomy rules that fed it:
  given, text (match): 1 model, 1 by it alone
  outcome, photo (match): 1 model, 1 by it alone
Largest contributors:
  item d1: 1 model, 1 by it alone
Examples (all there are):
  m3: datasets d1 [text]; models [photo]
"""

CASES = {
    "weighted": ("left:NLP,NLP", (12, 17, 13, 27), ["m2", "m1"]),
    "shared": ("left:NLP,NLP", (2, 2, 2, 4), ["ann", "bob"]),
    "records": ("left:python,engineer", (3, 3, 3, 4), ["python | engineer", "python;sql | engineer"]),
    "same_kind": ("left:NLP,NLP", (2, 3, 2, 4), ["m2", "m5"]),
}
"""Form -> the cell, its units: both, given, outcome and all; and examples of both."""
ENDS = {"shared": (0.34, 1), "records": (0.44, 1), "same_kind": (0.208, 0.939)}


def test_the_whole_explanation_of_a_cell(forms):
    assert told(explain("left:NLP,CV", forms["links"]())) + "\n" == LINKS


@pytest.mark.parametrize("form", CASES)
def test_the_numbers_of_a_cell_of_each_form(form, forms):
    target, counts, examples = CASES[form]
    found = explain(target, forms[form]()).cell
    cell = found.cell
    assert (cell.n_joint, cell.n_given, cell.n_outcome, cell.n_units) == counts
    assert cell.value == counts[0] / counts[1]
    assert cell.expected == pytest.approx(counts[1] * counts[2] / counts[3])
    assert [unit.id for unit in found.examples.units] == examples
    if form in ENDS:
        assert (cell.low, cell.high) == pytest.approx(ENDS[form], abs=0.005)


def test_a_published_value_has_the_range_in_which_it_was_read(forms):
    found = explain("left:P,E", forms["matrix"]()).cell
    assert (found.cell.value, found.cell.low, found.cell.high, found.cell.n_joint) == (0.7, 0.6, 0.8, None)
    assert found.examples is None
