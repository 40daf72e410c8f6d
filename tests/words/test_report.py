"""The text of whole reports, on random tables: what is in which part, and within which budget."""

import re
from dataclasses import replace

import numpy as np
import pytest

from diptych.statements import Table
from diptych.statements.select import Input, tell
from diptych.stats.shares import Design
from diptych.words.report import BUDGETS, signed, within, words_of
from tests.words.statements import links, records

NAMES = ("Uri", "Zug", "Bern", "Jura")


def drawn(seed, *, same=False, several=False, strata=False, ordered=False, link=0.6, n=900):
    """Return a table of units whose categories are linked."""
    rng = np.random.default_rng([23, seed])
    base = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    other = np.where(rng.random(n) < link, base, rng.choice(4, n))
    if ordered:
        other = np.where(rng.random(n) < 0.15 + 0.2 * base, 0, rng.integers(1, 4, n))
    x, y = np.eye(4, dtype=bool)[base], np.eye(4, dtype=bool)[other]
    if several:
        y = y | (rng.random((n, 4)) < 0.1)
    ones, level = np.ones(n), rng.integers(0, 3, n)
    columns = NAMES if same else ("pike", "perch", "tench", "burbot")
    return Table(
        NAMES, columns, x, y, Design(ones, ones, ones, rng.integers(0, 40, n)), ordered=ordered, is_same=same,
        stratum=level if strata else None, strata=("wet", "mild", "dry") if strata else (),
    )  # fmt: skip


WORLDS = {
    "differences": (records(), {}),
    "several": (records(), {"several": True}),
    "strata": (records(), {"strata": True}),
    "bare": (records("", ""), {"several": True}),
    "trend": (records(), {"ordered": True}),
    "bare trend": (records("", ""), {"ordered": True}),
    "agreement": (links(), {"same": True, "strata": True}),
    "agreement of records": (records(), {"same": True}),
    "nothing": (records(), {"link": 0.0}),
    "bare nothing": (records("", ""), {"link": 0.0}),
}


def written(world, seed=0, **more):
    names, settings = WORLDS[world]
    found = tell(Input(drawn(seed, **settings)))
    return words_of(replace(found, **more), names, "3 May 2024"), found


def texts(words):
    """Yield all sentences of a report."""
    for part in (
        words.title,
        *words.abstract,
        *words.caption,
        *words.reading,
        *words.covered,
        *words.method,
        *words.not_shown,
    ):
        yield part.text
    for item in words.findings:
        yield from (part.text for part in item)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("world", WORLDS)
def test_parts_keep_their_budgets(world, seed):
    words, found = written(world, seed)

    def count(parts):
        return sum(len(part.text.split()) for part in parts)

    assert len(words.title.text.split()) <= 15
    assert not words.title.text[:1].islower()
    assert not words.title.text.endswith(".")
    assert len(words.abstract) <= 3
    assert count(words.abstract) <= BUDGETS["abstract"]
    assert len(words.findings) <= 4
    assert sum(map(count, words.findings)) <= BUDGETS["findings"]
    assert count(words.method) <= BUDGETS["method"]
    if words.table is not None:
        assert len(words.table.rows) <= 12
        assert len(words.table.caption.split()) <= 15
        assert {len(row) for row in words.table.rows} == {len(words.table.header)}
        assert len(words.table.statements) == len(words.table.rows)
    assert (words.table is None) == (not found.clear and found.lead.form != "agreement")


@pytest.mark.parametrize("world", WORLDS)
def test_sentences_are_whole(world):
    words, _ = written(world)
    for text in texts(words):
        assert not re.search(r"[{}]|[ ]{2}|\bnan\b|Undefined", text)
        assert text.endswith(".") or text == words.title.text or text in {part.text for part in words.not_shown}
    assert "3 May 2024" in words.deck
    assert "900 anglers" in words.deck or "900 soups" in words.deck


@pytest.mark.parametrize("world", WORLDS)
def test_nothing_is_told_twice(world):
    words, _ = written(world)
    several = [text for text in texts(words) if words.title.text != text]
    assert len(several) == len(set(several))


@pytest.mark.parametrize("world", ["differences", "trend", "agreement", "nothing"])
def test_the_lead_is_in_title_abstract_and_alternative_text(world):
    words, found = written(world)
    assert words.title.statement is found.lead or found.lead.form == "no_link"
    assert found.lead in [part.statement for part in words.abstract]
    assert words.alternative.startswith("Two heatmaps, ")
    assert "4 by 4" in words.alternative


def test_the_table_lists_clear_differences_in_order():
    words, found = written("differences")
    assert [(row[0], row[1]) for row in words.table.rows] == [(one.subject, one.outcome) for one in found.clear[:12]]
    for row, one in zip(words.table.rows, found.clear, strict=False):
        low, high = one.interval(found.alpha)
        assert row[-1] == f"{signed(one.effect)} ({signed(low)} to {signed(high)})"
        assert (low > 0) == (not row[-1].startswith("−"))


def test_parts_beyond_a_budget_are_left_out():
    items = [(part,) for part in written("differences")[0].method]
    assert within(0, items) == items[:1]
    assert within(10_000, items) == items


def test_a_bar_of_agreement_has_chance_strata_and_what_is_observed():
    names, settings = WORLDS["agreement"]
    found = tell(Input(drawn(0, **settings)))
    marks = words_of(found, names).marks
    numbers = found.lead.numbers
    expected = [numbers["chance"], *([numbers["within"]] if numbers.get("testable") else []), numbers["share"]]
    assert [share for share, _ in marks] == expected
    assert all(label for _, label in marks)
    plain, own = WORLDS["differences"]
    assert words_of(tell(Input(drawn(0, **own))), plain).marks == ()
