"""Rules: from settings to categories, label by label, counted by hand."""

from __future__ import annotations

import pytest

from diptych.errors import DataError, Note
from diptych.taxonomy import (
    LabelCount,
    Taxonomy,
    TaxonomySettings,
    compile_taxonomy,
    identity_taxonomy,
    known_presets,
    load_preset,
    pinned,
    preset_categories,
)
from diptych.taxonomy.categorise import assign

N_TASKS = 57
"""Tasks of the Hub in the reading of 2026-08."""

FIGURE9 = ("Multimodal", "NLP", "CV", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series")


def taxonomy(**settings):
    return compile_taxonomy(TaxonomySettings.model_validate(settings), "main")


def given(compiled, *labels):
    """Category names of each label, and the rule that gave them."""
    _, found, _ = assign(compiled, dict.fromkeys(labels, 1), "models")
    return {count.label: (count.categories, count.rule) for count in found}


def test_presets_are_pinned_and_the_newest_answers_a_bare_name():
    assert known_presets() == ("hub-figure9@2026-08", "hub-modality7@2026-08")
    assert pinned("hub-modality7") == "hub-modality7@2026-08"
    assert preset_categories("hub-figure9") == FIGURE9
    assert len(preset_categories("hub-modality7@2026-08")) == 7


def test_preset_of_figure_9():
    rules = load_preset("hub-figure9").rules
    assert rules["robotics"] == "Robotics"
    assert rules["graph-ml"] == "Graph"
    assert rules["time-series-forecasting"] == "Time Series"
    assert rules["conversational"] == rules["text2text-generation"] == "NLP"
    assert rules["any-to-any"] == "Multimodal"
    assert "other" not in rules
    assert len(rules) == N_TASKS + 2 - 1  # two retired labels more, "other" less


def test_unknown_preset():
    with pytest.raises(DataError) as caught:
        taxonomy(preset="hub-figure8")
    assert str(caught.value) == (
        '"hub-figure8" is not a known preset: hub-figure9@2026-08, hub-modality7@2026-08 '
        '(did you mean "hub-figure9@2026-08"?)'
    )


def test_exact_before_pattern_before_preset_before_unmatched():
    compiled = taxonomy(
        preset="hub-figure9",
        categories=[
            {"name": "Speech", "match": "text-to-speech", "pattern": ["speech", "^asr"]},
            {"name": "NLP", "pattern": "speech to text"},
        ],
        unmatched="Graph",
    )
    assert compiled.categories == (*FIGURE9, "Speech")
    assert given(compiled, "text-to-speech", "asr speech", "speech to text", "translation", "ASR") == {
        "ASR": (("Graph",), "unmatched: Graph"),
        "asr speech": (("Speech",), "pattern speech; pattern ^asr"),
        "speech to text": (("NLP", "Speech"), "pattern speech; pattern speech to text"),
        "text-to-speech": (("Speech",), "match"),
        "translation": (("NLP",), "preset hub-figure9@2026-08"),
    }


def test_two_rules_give_both_categories_and_a_note():
    compiled = taxonomy(
        categories=[{"name": "B", "match": ["x", "y"]}, {"name": "A", "match": "x"}, {"name": "C", "pattern": "x"}]
    )
    rules, found, notes = assign(compiled, {"x": 1200, "y": 1}, "models")
    assert rules == {"x": (0, 1), "y": (0,)}
    assert found == (
        LabelCount("models", "x", 1200, ("B", "A"), "match"),
        LabelCount("models", "y", 1, ("B",), "match"),
    )
    assert notes == (
        Note("two_rules", "x", 'models: the label "x" (1,200 items) is given to several categories: B, A (match)'),
    )


def test_order():
    entries = [{"name": "B", "match": "b"}, {"name": "A", "match": "a"}, {"name": "B", "match": "bb"}]
    assert taxonomy(categories=entries).categories == ("B", "A")
    assert taxonomy(categories=entries, ordered=["A"]).categories == ("A", "B")
    assert taxonomy(categories=entries, preset="hub-figure9", ordered=["A", "CV"]).categories == (
        "A", "CV", "Multimodal", "NLP", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series", "B",
    )  # fmt: skip


def test_derived_categories_are_evaluated_as_written():
    entries = [
        {"name": "A", "match": "a"},
        {"name": "B", "match": "b"},
        {"name": "C", "match": "c"},
        {"name": "M", "when_several_of": ["A", "B", "M"], "replaces": True},
        {"name": "N", "when_several_of": ["M", "C"]},
    ]
    compiled = taxonomy(categories=entries)
    a, b, c, m, n = range(5)
    assert compiled.derive(frozenset([a])) == {a}
    assert compiled.derive(frozenset([a, b])) == {m}
    assert compiled.derive(frozenset([a, m])) == {m}
    assert compiled.derive(frozenset([a, b, c])) == {m, c, n}
    assert compiled.derive(frozenset([a, c])) == {a, c}
    assert compiled.notes == ()


def test_unreachable_categories():
    entries = [
        {"name": "A", "match": "a"},
        {"name": "Early", "when_several_of": ["A", "Late"]},
        {"name": "Late", "when_several_of": ["A", "B"]},
        {"name": "B", "pattern": "b"},
        {"name": "Rest"},
        {"name": "Nothing"},
    ]
    notes = taxonomy(categories=entries, unmatched="Rest").notes
    assert [(note.slug, note.subject) for note in notes] == [
        ("unreachable_category", "Early"),
        ("unreachable_category", "Nothing"),
    ]
    assert notes[1].message == (
        'taxonomy main: no rule leads to the category "Nothing"; give it labels (match), a pattern, or categories to '
        "derive it from, or take it out"
    )


def test_unmatched_labels_may_be_refused():
    compiled = taxonomy(categories=[{"name": "A", "match": "a"}], unmatched="error")
    vocabulary = {"a": 5, **{f"x{n:02}": 1 for n in range(12)}, "often": 1000}
    with pytest.raises(DataError) as caught:
        assign(compiled, vocabulary, "models")
    assert str(caught.value) == (
        'models: 13 labels are in no category of taxonomy main, whose `unmatched` is error: "often" (1,000), "x00" (1), '
        '"x01" (1), "x02" (1), "x03" (1), "x04" (1), "x05" (1), "x06" (1), "x07" (1), "x08" (1) and 3 more (items in brackets)'
    )


def test_identity():
    assert taxonomy().identity
    compiled = identity_taxonomy(Taxonomy("labels", (), identity=True), {"b": 2, "a": 2, "c": 9})
    assert compiled.categories == ("c", "a", "b")
    assert given(compiled, "a", "c") == {"a": (("a",), "match"), "c": (("c",), "match")}
