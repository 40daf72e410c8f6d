"""The method explains only the terms, states and tests that a report uses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diptych.document.methods import ALL_TERMS, MentionedMethods, methods
from tests.findings.conftest import make_study as _make_study
from tests.prose.parts import part_of, said, writer_of

make_study = _make_study
ABC = ("A", "B", "C")
DIFFERING = [("A", "A", 40), ("B", "B", 34), ("A", "B", 13), ("B", "A", 13)]
LEVEL = [("A", "A", 20), ("B", "B", 20), ("A", "B", 20), ("B", "A", 20)]
FEW = [("A", "A", 40), ("B", "B", 40), ("C", "C", 3)]


def test_small_rows_are_explained_only_if_there_are_any(make_study):
    assert "methods.rows" not in said(make_study(DIFFERING, ABC, minimum=10))
    found = said(make_study(FEW, ABC, minimum=10))
    assert found["methods.rows"] == "Rows with fewer than 10 models have too little data."


def test_tests_are_explained_only_in_a_report_with_q_or_tested_pairs(make_study):
    assert "methods.tests" in said(make_study(DIFFERING, ABC, minimum=10))
    assert "methods.tests" in said(make_study(LEVEL, ABC, minimum=10))  # no pair differs from chance
    part = part_of(make_study(FEW, ABC, minimum=10))
    part = replace(part, findings=tuple(f for f in part.findings if f.kind != "surprises"))
    none = MentionedMethods(expected=False, ratios=False, q=False, ratio_intervals=False)
    [paragraph] = methods(part, writer_of(part), none)
    found = {sentence.id: sentence.text for sentence in paragraph.sentences}
    assert not {"methods.tests", "methods.expected", "methods.ratios"} & set(found)
    assert "Benjamini" not in found["methods.references"]


def test_ratios_are_explained_only_in_a_report_with_ratios(make_study):
    found = said(make_study(DIFFERING, ABC, minimum=10))
    assert "methods.ratios" not in found
    assert "ratio" not in found["methods.intervals"]
    assert "Katz" not in found["methods.references"]


def test_resamples_are_described_in_one_place(make_study):
    found = said(make_study(DIFFERING, ABC, minimum=10))
    assert "bootstrap resamples" in found["robustness.resampled"]
    assert not [name for name, text in found.items() if name.startswith("methods.") and "resample" in text]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        (
            "40 would be expected by chance.",
            MentionedMethods(expected=True, ratios=False, q=False, ratio_intervals=False),
        ),
        ("Observed ÷ expected", MentionedMethods(expected=True, ratios=True, q=False, ratio_intervals=False)),
        ("1.3 times as common", MentionedMethods(expected=False, ratios=True, q=False, ratio_intervals=False)),
        (
            "detected (four times in five)",
            MentionedMethods(expected=False, ratios=False, q=False, ratio_intervals=False),
        ),
        ("3 times, 95% CI 2–4", ALL_TERMS._replace(expected=False, q=False)),
        ("q given the package", MentionedMethods(expected=False, ratios=False, q=True, ratio_intervals=False)),
        (
            "the q-th quarter of the queue",
            MentionedMethods(expected=False, ratios=False, q=False, ratio_intervals=False),
        ),
    ],
)
def test_terms_are_found_as_whole_words(text, terms):
    assert MentionedMethods.in_texts([text]) == terms
    assert MentionedMethods.in_texts([text, "3.1 times (2.0–4.8); expected; q"]) == ALL_TERMS
