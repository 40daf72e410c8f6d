"""Very long names: figures draw them without their middle, and they are cut in a time that grows with their length."""

import dataclasses

import pytest

from diptych.figures import FigureSettings, layout, naming
from diptych.figures.heatmap import heatmap_spec
from diptych.theme.fonts import text_em
from tests.figures.demo_panels import CONDITIONAL, panel

SAME = [f"{'begin ' * 80}{n}{' the end' * 60}" for n in range(3)]
NAMES = (*SAME, "short", "x" * 120, "y" * 121)
FIGURE = FigureSettings(id="main", form="classic", panels=("left",))
SIZES = layout(FIGURE, [panel([[1]], (("a",), ("b",)), CONDITIONAL)])


def shown():
    counts = [[5 + 3 * (a == b) for b in range(len(NAMES))] for a in range(len(NAMES))]
    return panel(counts, (NAMES, NAMES), CONDITIONAL)


def texts(value):
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


def test_no_name_in_a_specification_is_longer_than_120_characters():
    drawn = [text for text in texts(heatmap_spec(FIGURE, (shown(),))) if not text.startswith(("http", "data:"))]
    long = {text for text in drawn if "begin" in text or text.startswith(("x", "y" * 9))}
    assert len(long) == 5
    assert all(text_em(text) * SIZES.label_px <= SIZES.names_px for text in long)
    assert "short" in drawn


def test_cells_keep_their_numbers_and_names_their_order():
    before = shown()
    [after] = naming.with_short_names([before], SIZES)
    assert after.given_categories[3] == NAMES[3]
    assert all(name.startswith("begin ") and name.endswith("end") for name in after.given_categories[:3])
    assert len(set(after.given_categories)) == len(NAMES)
    assert after.column("n_joint") == before.column("n_joint")
    assert [cell.given for cell in after.cells[:: len(NAMES)]] == list(after.given_categories)
    assert before.given_categories == NAMES


def test_panels_without_long_names_are_the_same():
    plain = panel([[1, 2], [3, 4]], (("a", "b"), ("a", "b")), CONDITIONAL)
    [same] = naming.with_short_names([plain], SIZES)
    assert same is plain


def test_a_cut_name_is_not_that_of_another_category():
    cut = f"{'a' * 79}…{'b' * 40}"
    names = [cut, f"{'a' * 100}{'b' * 100}", f"{'a' * 100}c{'b' * 100}"]
    drawn = naming.short_names(names)
    assert len(set(drawn.values())) == 3
    assert drawn[cut] == cut


HARD = (
    *(f"Share of people aged {n} to {n + 9} with a degree from a university" for n in range(20, 70, 10)),
    *(f"Industrial and agricultural instruments and machines {n:02}, other than those above" for n in range(5)),
    *(f"{'a' * n}b{'a' * (100 - n)}" for n in (10, 50, 90)),
    *(f"{'begin ' * 20}{n}{' the end' * 20}" for n in range(5)),
    *(f"Donaudampfschifffahrtsgesellschaftskapitän{suffix}" for suffix in ("", "e", "in", "innen", "s")),
    *("数" * 40 + number for number in "一二三"),
    *("مجموعة البيانات " * 6 + name for name in ("الأولى", "الثانية")),
    "Share…degree",
    "Share… with a degree",
)


@pytest.mark.parametrize("most_em", [4, 6, 8, 10, 14])
def test_no_two_of_thirty_hard_names_are_drawn_alike(most_em):
    assert len(set(HARD)) == 30
    drawn = naming.short_names(HARD, most_em)
    assert set(drawn) == set(HARD)
    assert len(set(drawn.values())) == 30


def test_folded_names_are_cut_too():
    one = dataclasses.replace(shown(), folded=((SAME[0] + "!",), ("w" * 300,)))
    left = naming.with_short_names([one], SIZES)[0].folded
    assert [len(names[0]) < 60 for names in left] == [True, True]


def test_a_long_text_is_measured_a_few_times(monkeypatch):
    measured = []

    def counted(text):
        measured.append(text)
        return text_em(text)

    monkeypatch.setattr(naming, "text_em", counted)
    short = naming._cut("Wide words " * 2_000, 12.0)
    assert short.endswith("…")
    assert text_em(short) <= 12.0 < text_em(f"{short[:-1]}Wide…")
    assert len(measured) < 40
