"""A table is read as codes of its texts, in parts; of a large one, rows are drawn."""

from contextlib import closing

import duckdb
import numpy as np
import pandas as pd
import pytest

from diptych.sources import EngineSettings, SourceSettings, files
from diptych.sources.located import open_engine

N_ROWS = 9_000
TEXTS = ["it's", 'a "quote"', "", "plain", None]


@pytest.fixture
def table(tmp_path):
    """Return the path of a table whose last rows have texts that the first rows do not have."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "few": rng.choice(np.array(TEXTS, dtype=object), N_ROWS),
            "late": np.where(np.arange(N_ROWS) < N_ROWS - 5, "usual", "seen only at the end"),
            "empty": pd.Series([None] * N_ROWS, dtype="string"),
            "number": rng.integers(0, 3, N_ROWS),
            "key": np.arange(N_ROWS),
        }
    )
    path = tmp_path / "table.parquet"
    duckdb.from_df(frame).write_parquet(str(path))
    return path


def _read(path, most=10**9):
    with closing(open_engine(EngineSettings())) as engine:
        found = files.drawn_texts(SourceSettings(path=[str(path)]), path.parent, engine, most, where_declared="s")
    columns = {
        name: [None if code < 0 else texts[code] for code in codes.tolist()]
        for name, (texts, codes) in found.columns.items()
    }
    return pd.DataFrame(columns), found.n_rows


def test_a_table_that_is_read_in_several_parts_has_all_its_texts(table, monkeypatch):
    monkeypatch.setattr(files, "_CELLS_OF_CHUNK", 5 * 2_048)
    found, n_rows = _read(table)
    expected = duckdb.read_parquet(str(table)).project("columns(*)::varchar").df()
    expected.columns = found.columns
    assert n_rows == N_ROWS
    for one, other in zip(*(f.sort_values("key").to_numpy().tolist() for f in (found, expected)), strict=True):
        assert [x if isinstance(x, str) else None for x in one] == [x if isinstance(x, str) else None for x in other]


def test_of_a_large_table_the_same_rows_are_drawn_each_time(table, tmp_path):
    found, n_rows = _read(table, 5 * 3_000)
    assert n_rows == N_ROWS
    assert 2_800 < len(found) < 3_200
    other = tmp_path / "turned.parquet"
    duckdb.read_parquet(str(table)).order("key desc").write_parquet(str(other))
    again, _ = _read(other, 5 * 3_000)
    assert sorted(again["key"]) == sorted(found["key"])
