"""A large table is read in parts as codes of its texts."""

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


def _read(path, read):
    with closing(open_engine(EngineSettings())) as engine:
        return read(SourceSettings(path=[str(path)]), path.parent, engine, 10**6, where_declared="s")


@pytest.mark.parametrize("first_rows", [2_000, N_ROWS, 10 * N_ROWS])
def test_a_table_that_is_read_in_several_parts_has_all_its_texts(table, monkeypatch, first_rows):
    """The texts of the first rows are read as codes, and texts that occur only later are added to them."""
    monkeypatch.setattr(files, "_CELLS_OF_CHUNK", 5 * 2_048)
    monkeypatch.setattr(files, "_FIRST_ROWS", first_rows)
    whole, parts = (_read(table, read) for read in (files.first_rows, files.first_texts))
    assert len(parts) == N_ROWS
    by_key = [frame.astype(object).sort_values("key").reset_index(drop=True) for frame in (whole, parts)]
    for name in whole.columns:
        found, expected = (frame[name].where(frame[name].notna(), None).tolist() for frame in by_key[::-1])
        assert found == expected


def test_texts_that_recur_are_read_as_codes(table, monkeypatch):
    """Codes come from the engine for columns with few texts in the first rows, and only other texts as objects."""
    monkeypatch.setattr(files, "_FIRST_ROWS", 2_000)
    seen = []
    add = files._CodedTexts.add

    def noted(self, values, codes=None):
        seen.append((codes is not None, int(pd.notna(values).sum())))
        add(self, values, codes)

    monkeypatch.setattr(files._CodedTexts, "add", noted)
    _read(table, files.first_texts)
    assert sum(n for has_codes, n in seen if has_codes) == 5  # the five late texts
