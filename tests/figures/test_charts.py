"""Small charts: every dot and line stands where its number says, no words meet, whatever names and sizes."""

import math
from itertools import pairwise

import pytest

from diptych.cells import Estimate
from diptych.figures.amounts import SmallMatrix, SmallMultiples
from diptych.figures.dots import ComparedRow, OutcomeChart, OutcomeRow, RatioChart, ShareChart, ShareDot, ShareRow
from diptych.theme.fonts import text_em
from tests.figures.drawn_charts import outside, overlapping, read

WHITE = "#ffffff"


def ratios(*rows):
    return RatioChart(
        "Observed over expected models",
        rows,
        ("over all", "within package", "95 % interval", "most possible"),
        "as expected",
        "none",
    )


def ratio(name, over_all, within=None, low=None, high=None, most=None):
    found = None if within is None else Estimate(within, low, high)
    return ComparedRow(name, "10 models, 5 expected", over_all, found, "2.0 (1.0 to 4.0)", most)


def test_the_most_that_is_possible_is_a_tick():
    drawn = read(ratios(ratio("A", 4.0, 2.0, 1.5, 3.0, 2.0), ratio("B", 1.0, 1.0)).svg(500, WHITE))
    (x, top), (_, bottom) = drawn.lines["most"][1]
    assert (x, (top + bottom) / 2) == pytest.approx(drawn.dots("within")[1], abs=0.1)


def test_ratios_stand_on_a_scale_of_doublings():
    drawn = read(ratios(ratio("A", 4.0, 2.0, 1.0, 8.0), ratio("B", 0.25, 0.5, 0.25, 0.9)).svg(500, WHITE))
    one = drawn.lines["one"][0][0][0]
    key, first, second = drawn.dots("over-all")
    doubling = (first[0] - one) / 2
    assert second[0] == pytest.approx(one - 2 * doubling, abs=0.2)
    assert drawn.dots("open-within")[0][0] == pytest.approx(one + doubling, abs=0.2)
    assert drawn.dots("within")[1][0] == pytest.approx(one - doubling, abs=0.2)
    (left, right), *_ = drawn.lines["open-interval"]
    assert (left[0], right[0]) == (pytest.approx(one, abs=0.2), pytest.approx(one + 3 * doubling, abs=0.2))
    assert key[1] < first[1] < second[1]


def test_a_pair_that_never_meets_stands_apart_and_long_intervals_end_in_arrows():
    drawn = read(ratios(ratio("A", 2.0, 2.0, 1e-9, 4.0), ratio("B", 0.0, 0.0, 0.0, 1.5)).svg(500, WHITE))
    assert "none" in drawn.said()
    none = next(word for word in drawn.words if word.text == "none")
    assert drawn.dots("over-all")[2][0] == pytest.approx(none.x, abs=0.1)
    shafts = [line for line in drawn.lines["open-interval"] if line[0][1] == line[1][1]]
    assert len(shafts) == 2
    assert len(drawn.lines["open-interval"]) == 4  # two strokes of one arrow, at the end that is cut
    assert "none" not in read(ratios(ratio("A", 2.0, 2.0), ratio("C", 1.0)).svg(500, WHITE)).said()


def shares(*rows):
    headings = (
        "Which models are trained on each kind of dataset?",
        "Of those with the first: the share with the second",
    )
    return ShareChart((headings, headings), rows, ("share", "95 % interval", "that of all models"))


def test_shares_stand_between_nothing_and_all_against_the_base_rate():
    spots = (
        ShareDot(Estimate(0.75, 0.5, 1.0), 0.25, "75 % (50 to 100 %)", "75 %"),
        ShareDot(Estimate(0.1, 0.0, 0.3), 0.2, "10 % (30 % or less)", "10 %"),
    )
    drawn = read(shares(ShareRow("A with B", "3 models", spots)).svg(500, WHITE))
    for k, (pen, interval) in enumerate((("share", "interval"), ("open-share", "open-interval"))):
        zero, _, one = sorted(line[0][0] for line in drawn.lines["grid"][3 * k : 3 * k + 3])
        spot = spots[k]
        assert drawn.dots(pen)[-1][0] == pytest.approx(zero + (one - zero) * spot.share.value, abs=0.2)
        assert drawn.lines["base"][1 + k][0][0] == pytest.approx(zero + (one - zero) * spot.base, abs=0.2)
        (left, right) = drawn.lines[interval][-1]
        assert [left[0], right[0]] == pytest.approx(
            [zero + (one - zero) * end for end in (spot.share.low, spot.share.high)], abs=0.2
        )


def fates(rows, columns):
    return OutcomeChart(
        "What stays if counted otherwise", columns, rows, ("stays", "changes", "cannot be asked"), len(columns) - 1
    )


def test_each_fate_has_its_sign_in_its_row_and_column():
    rows = (
        OutcomeRow("A", ("stays", "changes", None), "1 of 2"),
        OutcomeRow("B", ("unasked", "stays", "stays"), "2 of 2"),
    )
    drawn = read(fates(rows, ("One", "Two", "Three")).svg(500, WHITE))
    heads = [word.x for word in drawn.words if word.slanted]
    top, bottom = sorted({y for _, y in drawn.dots("stays")[1:]})
    assert [(heads.index(x), y) for x, y in drawn.dots("stays")[1:]] == [(0, top), (1, bottom), (2, bottom)]
    assert [(heads.index(x), y) for x, y in drawn.dots("unasked")[1:]] == [(0, bottom)]
    crosses = drawn.lines["changes"][2:]
    assert [sum(x for x, _ in line) / 2 for line in crosses] == [heads[1], heads[1]]
    assert [sum(y for _, y in line) / 2 for line in crosses] == [top, top]


def multiples(name, n):
    names = tuple(name(k) for k in range(n))
    matrices = tuple(
        SmallMatrix(name(k), "1,234 models", ((k, k, 10.0), (0, n - 1, 1.0 + k))) for k in range(min(n, 12))
    )
    return SmallMultiples(
        "Models in each package", "Dataset categories down, model categories across", names, names, matrices
    )


def test_dots_of_small_matrices_have_the_area_of_their_number():
    matrices = (
        SmallMatrix("P", "5 models", ((0, 0, 4.0), (1, 0, 1.0))),
        SmallMatrix("Q", "16 models", ((1, 1, 16.0),)),
    )
    drawn = read(SmallMultiples("Models", "Down and across", ("A", "B"), ("A", "B"), matrices).svg(440, WHITE))
    assert drawn.widths["units"] == [14, 7, 3.5]
    (qx, qy), (px, py), (x, y) = drawn.dots("units")
    at = {word.text: (word.x, word.y - 0.35 * word.size) for word in drawn.words if word.anchor == "end"}
    assert (py, y, qy) == tuple(pytest.approx(at[name][1], abs=0.1) for name in ("A", "B", "B"))
    assert px == x
    assert qx > px + 18


NAMES = {
    "short": lambda k: f"Category {k} with Other {k}",
    "long": lambda k: f"A category with a remarkably long name {k} with another one that nobody would shorten {k}",
    "German": lambda k: f"Donaudampfschifffahrtsgesellschaftskapitän {k} with Straßenbahnfahrgäste {k}",
    "Chinese": lambda k: f"多模态数据集 {k} with 计算机视觉模型 {k}",
}


@pytest.mark.parametrize("width", [340, 500, 680])
@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("n", [2, 30])
def test_no_words_meet_or_leave_the_drawing(width, kind, n):
    name = NAMES[kind]
    spot = ShareDot(Estimate(0.5, 0.3, 0.6), 0.2, "50 % (30 to 60 %)", "50 %")
    charts = (
        ratios(*(ratio(name(k), 2.0 ** -(k % 9), 2.0 ** (k % 4), 0.5, 9.0) for k in range(n))),
        shares(*(ShareRow(name(k), "1,234 models", (spot, spot)) for k in range(n))),
        fates(
            tuple(OutcomeRow(name(k), ("stays", "changes", "unasked") * 3, "3 of 6") for k in range(n)),
            tuple(f"Without largest thing {k}" for k in range(9)),
        ),
        multiples(name, min(n, 16)),
    )
    for chart in charts:
        drawn = read(chart.svg(width, WHITE, ("4,285 models. A report, https://example.org.",)))
        assert overlapping(drawn) == []
        assert outside(drawn) == []
        assert min(word.size for word in drawn.words) >= 7.5
        assert max(x for lines in drawn.lines.values() for line in lines for x, _ in line) <= width


def test_slanted_names_do_not_meet_and_end_within_the_drawing():
    columns = tuple(f"Without largest package {k}" for k in range(12))
    drawn = read(fates((OutcomeRow("A", ("stays",) * 12, "12 of 12"),), columns).svg(500, WHITE))
    heads = [word for word in drawn.words if word.slanted]
    steps = [after.x - before.x for before, after in pairwise(heads)]
    assert min(steps) >= 13  # lines at 45 degrees are apart by 0.7 of this, a word is 9 high
    for word in heads:
        assert word.x + math.sqrt(0.5) * (text_em(word.text) + 0.5) * word.size <= 500


def test_what_is_transparent_has_no_ground():
    assert "<rect" not in ratios(ratio("A", 2.0), ratio("B", 1.0)).svg(400, None)
    assert ratios(ratio("A & <B>", 2.0), ratio("B", 1.0)).svg(400, WHITE).count("A &amp; &lt;B&gt;") == 1
