"""The text of whole reports, on random tables: what is in which part, and within which budget."""

import re
from dataclasses import replace

import numpy as np
import pytest

from diptych.statements.pairs import frequent_pairs
from diptych.statements.record import Statement, Table
from diptych.statements.select import Input, tell
from diptych.stats.shares import Design
from diptych.words.report import BUDGETS, Shown, matrix_words, signed, stopped, within, words_of
from tests.words import statements
from tests.words.statements import links, records, shared, told

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


@pytest.mark.parametrize("world", ["bare", "bare trend", "bare nothing"])
def test_a_bare_title_is_not_repeated(world):
    words, _ = written(world)
    assert all(words.title.text not in part.text for part in words.abstract)
    assert not re.search(
        r"\b(who|that|likely)\b",
        " ".join(text for text in texts(words) if "they" not in text and "Benjamini" not in text),
    )


def test_notes_limit_the_lead_before_other_findings():
    found = tell(Input(drawn(0)))
    notes = tuple(
        replace(note, subject=found.lead.subject, outcome=found.lead.outcome)
        for note in (told()["depends"], statements.strata("strata_less"), told()["only_here"])
    )
    words = words_of(replace(found, lead=replace(found.lead, notes=notes)), records())
    assert words.abstract[1].statement is notes[0]
    assert words.findings[0][0].statement is notes[1]
    assert "first difference" in words.findings[0][0].text
    later = [part.statement for item in words.findings[1:] for part in item]
    assert notes[2] in later or len(words.findings) == 4


def test_a_share_of_sixty_percent_is_the_title_of_a_report_without_a_link():
    common = statements.overall((0.64, 0.2, 0.1, 0.06))
    assert written("nothing", overall_columns=common)[0].title.text.startswith("64% of anglers")
    rare = statements.overall((0.34, 0.33, 0.2, 0.13))
    assert written("nothing", overall_columns=rare)[0].title.text.startswith("No clear link")
    assert "no clear link" in written("bare nothing", overall_columns=common)[0].title.text


def test_what_is_struck_is_counted_under_the_table():
    words, _ = written("strata", struck=2, struck_by=("stratum",), uncovered=1)
    first, second = (note.text for note in words.table.notes)
    assert first.startswith("Two more are not clear among anglers with the same season")
    assert second.startswith("One more is ")


def test_the_table_lists_clear_differences_in_order():
    words, found = written("differences")
    assert [(row[0], row[1]) for row in words.table.rows] == [(one.subject, one.outcome) for one in found.clear[:12]]
    for row, one in zip(words.table.rows, found.clear, strict=False):
        low, high = one.interval(found.alpha)
        assert row[-1] == f"{signed(one.effect)} ({signed(low)} to {signed(high)})"
        assert (low > 0) == (not row[-1].startswith("−"))


@pytest.mark.parametrize("strata", [False, True])
def test_frequent_pairs_are_counted_and_expected(strata):
    table = drawn(1, same=True, strata=strata)
    found, is_cut = frequent_pairs(table)
    assert len(found) <= 12
    joint = table.totals.first[0][~np.eye(len(table.rows), dtype=bool)]
    rest = [one.number("count") for one in found if one.subject != one.outcome]
    assert is_cut == (len(rest) < (joint >= 20).sum())
    assert sorted(rest) == sorted(joint[joint >= min(rest)])  # of pairs with the same count, all or none
    level = table.stratum if strata else np.zeros(len(table.x), dtype=int)
    for one in found:
        x, y = table.row(one.subject), table.column(one.outcome)
        assert one.number("count") == (x & y).sum() >= 20
        assert one.number("expected") == pytest.approx(x.sum() * y.sum() / len(x))
        inside = sum(x[level == k].sum() * y[level == k].sum() / (level == k).sum() for k in np.unique(level))
        assert ("within" in one.numbers) is strata
        assert not strata or one.number("within") == pytest.approx(inside)
        assert one.number("share") == pytest.approx((x & y).sum() / x.sum())
        assert one.number("back") == pytest.approx((x & y).sum() / y.sum())
        assert one.number("low") < one.number("share") < one.number("high")
    diagonal = [one.subject == one.outcome for one in found]
    assert diagonal == sorted(diagonal, reverse=True)


def test_a_kind_with_itself_has_one_panel():
    rng = np.random.default_rng(5)
    sets = rng.random((800, 4)) < 0.3
    sets[:, 1] |= sets[:, 0] & (rng.random(800) < 0.5)
    ones = np.ones(800)
    found = tell(Input(Table(NAMES, NAMES, sets, sets, Design(ones, ones, ones), is_shared=True), role="key"))
    words = words_of(found, shared())
    assert words.alternative.startswith("One heatmap")
    assert [part.statement for part in words.reading] == [None]


def test_matrices_are_told_without_counts():
    high = Statement("highest_row", "Uri", numbers={"panel": "a", "ties": 2, "count": 2, "base": 4})
    both = (
        high,
        replace(high, numbers=dict(high.numbers) | {"panel": "b", "ties": 4, "count": 4}),
        told()["low_rows"],
        told()["one_table"],
    )
    names = replace(records("", ""), form="matrix")
    words = matrix_words(both, names, {"Uri": ((0.5, 1.0), (0.004, 0.3)), "Zug": ((0.0, 0.25), (0.0, 0.2))}, (2, 4))
    assert "both panels" in words.title.text
    assert [part.statement for part in words.abstract] == [both[0], both[1], both[3]]
    assert words.table.rows == (("Uri", "50–100", "<1–30"), ("Zug", "0–25", "0–20"))
    assert len(words.table.header) == 3
    alone = matrix_words((), names, {"Uri": ((0.5, 1.0),)}, (1, 2))
    assert "Canton" in alone.title.text
    assert alone.findings == ()
    assert len(alone.table.header) == 2


def test_matrices_have_letters_and_may_be_no_shares():
    high = Statement("highest_row", "Uri", numbers={
        "panel": "left", "ties": 2, "count": 2, "base": 4, "high": (("Uri", "pike"), ("Zug", "pike")), "least": 0.75})  # fmt: skip
    names = replace(records("", ""), form="matrix")
    words = matrix_words((high,), names, {"Uri": ((0.5, 1.0),), "Zug": ((np.nan, np.nan),)}, (2, 4), {"left": ""})
    assert words.abstract[0].text.startswith("Row Uri")
    assert words.abstract[0].statement is high
    assert "Uri–pike and Zug–pike are at least 75%" in words.findings[0][0].text
    assert words.table.rows == (("Uri", "50–100"), ("Zug", "–"))
    plain = matrix_words((high,), names, {"Uri": ((0.5, 3.0), (0.1, 0.2))}, (1, 4), {"left": "a"}, is_share=False)
    assert plain.table.rows == (("Uri", "0.50–3.00", "0.10–0.20"),)
    assert plain.abstract[0].text.startswith("In (a), row Uri")
    assert plain.findings == ()


def test_parts_beyond_a_budget_are_left_out():
    items = [(part,) for part in written("differences")[0].method]
    assert within(0, items) == items[:1]
    assert within(10_000, items) == items


def test_questions_keep_their_mark():
    assert [stopped(text) for text in ("Who fishes?", "A log", "A log.")] == ["Who fishes?", "A log.", "A log."]


def test_the_caption_reads_a_cell_of_the_table_and_no_other():
    _, found = written("differences")
    one = words_of(found, records(), shown=(Shown("", is_turned=True),))
    assert one.caption == ()
    assert one.alternative.startswith("One heatmap")
    assert not any("Both panels" in part.text for part in one.reading)
    several = (Shown("(c)", is_turned=True), Shown("(d)", measure="lift", reading="Observed ÷ expected."))
    two = words_of(found, records(), shown=several)
    assert [part.text for part in two.reading] == [
        "Each cell of (c) is a percentage of its row.", "Observed ÷ expected.",
    ]  # fmt: skip


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
