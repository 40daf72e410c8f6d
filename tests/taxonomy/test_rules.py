"""Rules: from settings to categories, label by label, counted by hand."""

from __future__ import annotations

from diptych.errors import Note
from diptych.taxonomy import (
    LabelCount,
    TaxonomySettings,
    compile_taxonomy,
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
