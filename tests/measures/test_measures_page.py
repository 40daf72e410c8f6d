"""docs/numbers.md says of every measure what the registry says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diptych.stats.measures import MEASURES

PAGE = Path(__file__).parents[2] / "docs" / "numbers.md"
HEAD = [
    "| `measure:` | label | formula | range | without association | symmetric | needs | colours | source |",
    "|---|---|---|---|---|---|---|---|---|",
]
NEEDS = {"matrix": "n_ab", "counts": "n_ab, n_a, n_b", "units": "n_ab, n_a, n_b, N"}


def line(measure):
    info = measure.info
    ends = ["−∞" if info.lower is None else f"{info.lower:g}", "∞" if info.upper is None else f"{info.upper:g}"]
    cells = [
        f"`{info.name}`",
        info.label,
        f"`{info.formula}`".replace("|", "\\|"),
        " to ".join(ends).replace("-1", "−1"),
        "no constant" if info.null is None else f"{info.null:g}",
        "yes" if info.symmetric else "no",
        NEEDS[info.needs],
        "two-sided" if info.diverging else "one-sided",
        measure.source or "",
    ]
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def differences(table):
    """Return what to change in the table: rows to add, each ready to paste, and rows to remove."""
    rows = [*HEAD, *map(line, MEASURES.values())]
    before = dict(zip(rows, ["", *rows[:-1]], strict=True))
    missing = [f"add below {before[row].split(' | ')[0]}:\n{row}" for row in rows if row not in table]
    return "\n".join([*missing, *(f"remove:\n{row}" for row in table if row not in rows)])


def test_the_table_is_the_registry():
    """The first table of the page has the rows of the registry, in its order."""
    page = PAGE.read_text(encoding="utf-8")
    table = page[page.index(HEAD[0].split(" | ")[0]) :].partition("\n\n")[0].splitlines()
    if changes := differences(table):
        pytest.fail(f"docs/numbers.md:\n{changes}", pytrace=False)
    assert table == [*HEAD, *map(line, MEASURES.values())]


def test_every_measure_but_the_plain_count_has_a_source():
    assert [name for name, measure in MEASURES.items() if measure.source is None] == ["count"]
    for measure in MEASURES.values():
        assert measure.source is None or re.fullmatch(r".+ \(\d{4}\), .+[^.]", measure.source)


def test_names_are_keys_and_nulls_lie_in_range():
    for name, measure in MEASURES.items():
        info = measure.info
        assert info.name == name
        assert info.diverging == (info.null is not None)
        if info.null is not None:
            assert info.lower is None or info.lower < info.null
            assert info.upper is None or info.null < info.upper
