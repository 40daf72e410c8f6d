"""docs/measures.md says of every measure what the registry says."""

from __future__ import annotations

import re
from pathlib import Path

from diptych.measures import MEASURES

PAGE = Path(__file__).parents[2] / "docs" / "measures.md"
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


def test_the_table_is_the_registry():
    table = [text for text in PAGE.read_text(encoding="utf-8").splitlines() if text.startswith("|")]
    assert table[: len(MEASURES) + 2] == [*HEAD, *map(line, MEASURES.values())]


def test_the_page_says_every_remark():
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert [name for name, measure in MEASURES.items() if measure.info.remark not in page.replace("−", "-")] == []


def test_every_measure_but_the_plain_count_has_a_source():
    assert [name for name, measure in MEASURES.items() if measure.source is None] == ["count"]
    for measure in MEASURES.values():
        assert measure.source is None or re.fullmatch(r".+ \(\d{4}\), .+[^.]", measure.source)


def test_only_phi_is_called_a_correlation():
    assert [name for name, m in MEASURES.items() if "orrelation" in m.info.label] == ["phi"]


def test_names_are_keys_and_nulls_lie_in_range():
    for name, measure in MEASURES.items():
        info = measure.info
        assert info.name == name
        assert info.diverging == (info.null is not None)
        if info.null is not None:
            assert info.lower is None or info.lower < info.null
            assert info.upper is None or info.null < info.upper


def test_labels_are_distinct():
    # "Share" and "Share of all" begin alike but are two.
    assert len({measure.info.label for measure in MEASURES.values()}) == len(MEASURES)
