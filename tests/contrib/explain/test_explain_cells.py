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

LINKS = """\
left:NLP,CV (Dataset by Model, share)
State: uncertain (the confidence interval of the share is wider than 60 points)
Numbers:
  NLP to CV: n_ab / n_a = 1 / 4 = 0.25 (0.046 to 0.70; 95%, Wilson)
  CV among all: n_b / N = 2 / 6 = 0.33
  NLP to CV, expected by chance: n_a × n_b / N = 4 × 2 / 6 = 1.33
  NLP to CV, observed ÷ expected by chance: n_ab / e_ab = 1 / 1.33 = 0.75 (0.24 to 1.50; 95%, delta method on the log scale)
Counts:
  n_ab = 1 model, both
  n_a = 4 models, NLP
  n_b = 2 models, CV
  N = 6 models, all
  q = 1.000
Taxonomy rules that fed it:
  given, text (match): 1 model, 1 by it alone
  outcome, photo (match): 1 model, 1 by it alone
Largest contributors:
  item d1: 1 model, 1 by it alone
Examples (all there are):
  m3: datasets d1 [text]; models [photo]
Findings that rest on it:
  choices
  dependence
"""

WEIGHTED = """\
left:NLP,NLP (Dataset by Model, share)
State: few (4 models have the given category, at least 1 needed (minimum_units); too few weights show its error)
Numbers:
  NLP to NLP: n_ab / n_a = 12 / 17 = 0.71
  NLP among all: n_b / N = 13 / 27 = 0.48
  NLP to NLP, expected by chance: n_a × n_b / N = 17 × 13 / 27 = 8.19
  NLP to NLP, observed ÷ expected by chance: n_ab / e_ab = 12 / 8.19 = 1.47
Counts:
  n_ab = 12 models, both
  n_a = 17 models, NLP
  n_b = 13 models, NLP
  N = 27 models, all
  q = 0.469
Taxonomy rules that fed it:
  given, text (match): 2 models, 2 by it alone
  outcome, text (match): 2 models, 2 by it alone
Largest contributors:
  item d1: 1 model, 1 by it alone
  item d2: 1 model, 1 by it alone
Examples (all there are):
  m2 (weight 7): datasets d2 [speech, text]; models [text]
  m1 (weight 5): datasets d1 [text]; models [text]
Findings that rest on it:
  agreement
  choices
  dependence
"""

FRACTIONAL = """\
left:NLP,NLP (Dataset by Model, share)
State: few (3 links have the given category, at least 1 needed (minimum_units); in 3.6 effective groups, at least 2 needed (minimum_groups); too few groups show its error)
Numbers:
  NLP to NLP: n_ab / n_a = 1.50 / 3 = 0.50
  NLP among all: n_b / N = 3 / 7 = 0.43
  NLP to NLP, expected by chance: n_a × n_b / N = 3 × 3 / 7 = 1.29
  NLP to NLP, observed ÷ expected by chance: n_ab / e_ab = 1.50 / 1.29 = 1.17
Counts:
  n_ab = 1.50 links, both
  n_a = 3 links, NLP
  n_b = 3 links, NLP
  N = 7 links, all
  design effect 1.03, effective groups 3.6
  q = 0.833
Taxonomy rules that fed it:
  given, text (match): 2 links, 2 by it alone
  outcome, text (match): 2 links, 2 by it alone
Largest contributors:
  item d1: 1 link, 1 by it alone
  item d2: 1 link, 1 by it alone
  group m1: 1 link
  group m2: 1 link
Examples (all there are):
  d1 -> m1: datasets d1 [text]; models m1 [text]
  d2 -> m2 (counts 0.50): datasets d2 [speech, text]; models m2 [text]
Findings that rest on it:
  agreement
  choices
  dependence
"""

SHARED = """\
left:NLP,NLP (Dataset by Model, share)
State: uncertain (the confidence interval of the share is wider than 60 points)
Numbers:
  NLP to NLP: n_ab / n_a = 2 / 2 = 1 (0.34 to 1; 95%, Wilson)
  NLP among all: n_b / N = 2 / 4 = 0.50
  NLP to NLP, expected by chance: n_a × n_b / N = 2 × 2 / 4 = 1
  NLP to NLP, observed ÷ expected by chance: n_ab / e_ab = 2 / 1 = 2 (0.47 to 2; 95%, delta method on the log scale)
Counts:
  n_ab = 2 owners, both
  n_a = 2 owners, NLP
  n_b = 2 owners, NLP
  N = 4 owners, all
  q = 0.667
Taxonomy rules that fed it:
  given, text (match): 2 owners, 2 by it alone
  outcome, text (match): 2 owners, 2 by it alone
Examples (all there are):
  ann: datasets d1 [text]; models m1 [text]
  bob: datasets d2 [speech, text]; models m2 [text]
Findings that rest on it:
  agreement
  departures
  choices
  dependence
"""

RECORDS = """\
left:python,engineer (skills by jobs, share)
State: measured (3 records have the given category, at least 1 needed (minimum_units))
Numbers:
  python to engineer: n_ab / n_a = 3 / 3 = 1 (0.44 to 1; 95%, Wilson)
  engineer among all: n_b / N = 3 / 4 = 0.75
  python to engineer, expected by chance: n_a × n_b / N = 3 × 3 / 4 = 2.25
  python to engineer, observed ÷ expected by chance: n_ab / e_ab = 3 / 2.25 = 1.33 (0.49 to 1.33; 95%, delta method on the log scale)
Counts:
  n_ab = 3 records, both
  n_a = 3 records, python
  n_b = 3 records, engineer
  N = 4 records, all
  q = 1.000
Taxonomy rules that fed it:
  given, python (match): 3 records, 3 by it alone
  outcome, engineer (match): 3 records, 3 by it alone
Examples (all there are):
  python | engineer: python; engineer
  python;sql | engineer (2 alike): python, sql; engineer
Findings that rest on it:
  crossings.left
  departures
  choices
  dependence
"""

SAME_KIND = """\
left:NLP,NLP (Base by Derived, share)
State: uncertain (the confidence interval of the share is wider than 60 points)
Numbers:
  NLP to NLP: n_ab / n_a = 2 / 3 = 0.67 (0.21 to 0.94; 95%, Wilson)
  NLP among all: n_b / N = 2 / 4 = 0.50
  NLP to NLP, expected by chance: n_a × n_b / N = 3 × 2 / 4 = 1.50
  NLP to NLP, observed ÷ expected by chance: n_ab / e_ab = 2 / 1.50 = 1.33 (0.40 to 1.33; 95%, delta method on the log scale)
Counts:
  n_ab = 2 deriveds, both
  n_a = 3 deriveds, NLP
  n_b = 2 deriveds, NLP
  N = 4 deriveds, all
  q = 1.000
Taxonomy rules that fed it:
  given, text (match): 2 deriveds, 2 by it alone
  outcome, text (match): 2 deriveds, 2 by it alone
Largest contributors:
  item m1: 1 derived, 1 by it alone
  item m2: 1 derived, 1 by it alone
Examples (all there are):
  m2: bases m1 [text]; deriveds [text]
  m5: bases m2 [text]; deriveds [text]
Findings that rest on it:
  agreement
  choices
  dependence
"""

MATRIX = """\
left:P,E (Skill by Job, share)
State: measured (a published value: nothing was counted)
Numbers:
  P to E: 0.70 (0.60 to 0.80; the range in which the value was published)
Findings that rest on it:
  levels.left.p
"""


CASES = {
    "links": ("left:NLP,CV", LINKS),
    "weighted": ("left:NLP,NLP", WEIGHTED),
    "fractional": ("left:NLP,NLP", FRACTIONAL),
    "shared": ("left:NLP,NLP", SHARED),
    "records": ("left:python,engineer", RECORDS),
    "same_kind": ("left:NLP,NLP", SAME_KIND),
    "matrix": ("left:P,E", MATRIX),
}


@pytest.mark.parametrize("form", CASES)
def test_the_whole_explanation_of_a_cell(form, forms):
    target, expected = CASES[form]
    assert told(explain(target, forms[form]())) + "\n" == expected
