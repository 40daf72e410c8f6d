"""Long names lose their middle, and two names are never drawn alike."""

import pytest

from diptych.figures import layout
from diptych.theme.fonts import text_em

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
    drawn = layout.short_names(HARD, most_em)
    assert set(drawn) == set(HARD)
    assert len(set(drawn.values())) == 30


@pytest.mark.parametrize("most_em", [4, 6, 8, 10, 14])
def test_a_name_that_fits_is_whole(most_em):
    drawn = layout.short_names(HARD, most_em)
    assert all(drawn[name] == name for name in HARD if text_em(name) <= most_em)
