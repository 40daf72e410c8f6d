"""`diptych init` and order: categories in order are marked, codes are asked about, and bins are offered for numbers."""

from __future__ import annotations

from pathlib import Path

from diptych.contrib.init.columns import Look, column_of
from diptych.contrib.init.guess import NamedColumns, guess
from diptych.contrib.init.writing import config_text

N = 60


def text_of(folder: Path, named: NamedColumns | None = None, **columns: list[str]) -> str:
    looked = tuple(column_of(name, values) for name, values in columns.items())
    return config_text(guess([Look(folder / "t.csv", "t", N, looked)], named or NamedColumns()), folder)


def turns(values: list[str], each: int = 1) -> list[str]:
    return [values[k // each % len(values)] for k in range(N)]


def test_an_order_is_written_and_codes_are_asked_about(tmp_path):
    text = text_of(
        tmp_path, age=turns(["65+", "18-24", "25-64"], 2), reads=turns(["often", "never", "sometimes", "always"], 3)
    )
    assert "ordered: true # 18-24 to 65+: trends are tested" in text
    assert "ordered: true # never to always: trends are tested" in text
    text = text_of(tmp_path, soil=turns(["1", "2", "3"], 2), tree=turns(["oak", "elm", "fir"], 5))
    assert "# ordered: true   # take out the # if these are in order, and no codes: trends are then tested" in text
    assert "\n    ordered: true" not in text


def test_bins_are_offered_for_numbers_and_dates(tmp_path):
    text = text_of(
        tmp_path,
        NamedColumns(rows="tree", columns="soil"),
        tree=[["oak", "elm", "fir"][k * k % 7 % 3] for k in range(N)],
        soil=[["clay", "sand"][k * 5 % 11 % 2] for k in range(N)],
        height=[str(k % 30) for k in range(N)],
        felled=[f"20{k % 15 + 10}-0{k % 9 + 1}-11" for k in range(N)],
        plot_id=[str(k % 30) for k in range(N)],
    )
    bins = [line.strip() for line in text.splitlines() if "# or bin " in line]
    assert bins == [
        '# or bin height: {column: "height", bins: quartiles}, or numbers at which bins begin, such as [18, 30, 45]',
        '# or bin felled: {column: "felled", bins: years}',
    ]


def test_a_table_of_counts_counts_what_its_column_names(tmp_path):
    cells = [(tree, soil) for tree in ("oak", "elm", "fir") for soil in ("clay", "sand")]
    looked = (
        column_of("tree", [tree for tree, _ in cells]),
        column_of("soil", [soil for _, soil in cells]),
        column_of("residents", ["12", "3", "0", "4", "5", "6"]),
    )
    text = config_text(guess([Look(tmp_path / "t.csv", "t", len(cells), looked)]), tmp_path)
    assert 'label: "Resident" # what residents counts' in text
