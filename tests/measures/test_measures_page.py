"""docs/measures.md says of every measure what the registry says."""

from __future__ import annotations

from pathlib import Path

from report.measures import MEASURES

PAGE = Path(__file__).parents[2] / "docs" / "measures.md"
HEAD = ["| `measure:` | label | formula | range | without association | symmetric |", "|---|---|---|---|---|---|"]


def line(info):
    ends = ["−∞" if info.lower is None else f"{info.lower:g}", "∞" if info.upper is None else f"{info.upper:g}"]
    null = "no constant" if info.null is None else f"{info.null:g}"
    cells = [
        f"`{info.name}`",
        info.label,
        f"`{info.formula}`".replace("|", "\\|"),
        " to ".join(ends).replace("-1", "−1"),
        null,
        "yes" if info.symmetric else "no",
    ]
    return f"| {' | '.join(cells)} |"


def test_the_table_is_the_registry():
    table = [text for text in PAGE.read_text(encoding="utf-8").splitlines() if text.startswith("|")]
    assert table[: len(MEASURES) + 2] == [*HEAD, *(line(measure.info) for measure in MEASURES.values())]


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
