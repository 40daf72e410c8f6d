"""When a category counts as contained in others, on sets counted by hand and on labels drawn at random."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from diptych.config.loading import load_config
from diptych.pipeline.counting import count_all
from diptych.taxonomy import Taxonomy, categorise
from diptych.taxonomy.categorise import containment_notes

NAMES = ("Multimodal", "NLP", "CV", "Audio", "Tabular", "RL", "Graph", "Robotics", "Time Series")
MULTIMODAL, NLP, CV, AUDIO = range(4)


def contained(sets, names=NAMES):
    """Subjects and messages of the notes on category sets."""
    taxonomy = Taxonomy("fields", names)
    held = np.array([[c in members for c in range(len(names))] for members in sets], dtype=bool)
    found = containment_notes(held, np.array(list(sets.values()), dtype=float), taxonomy, "models")
    return {note.subject: note.message for note in found}


def test_multimodal_counted_as_well_as_its_parts():
    sets = {(MULTIMODAL, NLP, CV): 60, (MULTIMODAL, NLP, AUDIO): 30, (MULTIMODAL,): 2, (NLP,): 300, (CV,): 200}
    # NLP and CV hold 90 of 92. Of the others' 680 (390 NLP, 260 CV, 30 Audio), 180 are of items with a further one.
    assert contained(sets)["Multimodal"] == "models: 90 of the 92 items of Multimodal are also in NLP"


def test_few_items_are_not_judged():
    assert contained({(NLP, CV): 9, (NLP,): 100}) == {}


def noted(tmp_path, config):
    """Subjects of the notes that counting by a config gives."""
    (tmp_path / "config.yaml").write_text("version: 1\nreport: {title: T}\n" + config, encoding="utf-8")
    counted = count_all(load_config(tmp_path / "config.yaml"))
    notes = [note for found in counted.notes.values() for note in found] + list(counted.relations["r"].notes)
    return {note.subject for note in notes if note.slug == "contained"}


LABELS = ["a|b"] * 9 + ["a"] + ["b"] * 30


@pytest.mark.parametrize(("threshold", "found"), [(0.9, {"A"}), (0.95, set())])
def test_entities_are_judged_by_the_threshold(tmp_path, monkeypatch, threshold, found):
    monkeypatch.setattr(categorise, "CONTAINED", threshold)
    rows = "".join(f"m{i},{labels},k{i}\n" for i, labels in enumerate(LABELS))
    (tmp_path / "models.csv").write_text("id,tasks,owner\n" + rows, encoding="utf-8")
    config = """
taxonomy: {categories: [{name: A, match: a}, {name: B, match: b}]}
entities: {models: {label: Model, source: models.csv, labels: {column: tasks, separator: "|"}, owner: owner}}
relations: {r: {shared: {key: owner, entities: [models, models]}}}
panels: [{id: left, relation: r, given: models, outcome: models, measure: conditional}]
figures: [{id: main, panels: [left]}]
"""
    assert noted(tmp_path, config) == found


def drawn(how, n_items=600, seed=1):
    draw = random.Random(seed)  # noqa: S311  a fixed seed is what a test needs
    return Counter(frozenset(s) for s in (how(draw) for _ in range(n_items)) if s)


@pytest.mark.parametrize("n_categories", [2, 4, 9])
@pytest.mark.parametrize("shares", [(0.3, 0.3), (0.9, 0.9), (0.05, 0.9)])
def test_items_that_carry_many_or_few_labels_at_random_contain_nothing(shares, n_categories):
    def how(draw):
        share = draw.choice(shares)
        return [c for c in range(n_categories) if draw.random() < share]

    assert contained(drawn(how), names=NAMES[:n_categories]) == {}
