"""Large tables: texts are read in parts as codes, pairs are counted by combinations, and certain pairs need no draws."""

from contextlib import closing

import duckdb
import numpy as np
import pandas as pd
import pytest

from diptych.contrib.scan import significance
from diptych.contrib.scan.layout import Layout, count_pairs, indicators
from diptych.contrib.scan.scanning import scan_coded
from diptych.sources import EngineSettings, SourceSettings, files
from diptych.sources.located import open_engine
from tests.contrib.scan.worlds import coded

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
        return read(SourceSettings(path=[str(path)]), path.parent, engine, 10**6, where_declared="scan")


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


@pytest.mark.parametrize(("n_rows", "most"), [(1, 25), (90, 3), (5_000, 25), (70_000, 7)])
def test_counts_of_combinations_are_those_of_products_of_indicators(n_rows, most):
    rng = np.random.default_rng(n_rows)
    sizes = rng.integers(1, most, 9)
    codes = np.array([rng.integers(-1, size, n_rows) for size in sizes]).astype(np.int8)
    layout = Layout(sizes.astype(np.int64))
    z = indicators(codes, layout, np.float64)
    assert np.array_equal(count_pairs(codes, layout), z.T @ z)


def test_a_certain_pair_has_the_p_of_a_simulation_without_a_simulation(monkeypatch):
    """An expected count is below 5, but the association is far beyond every simulated table."""
    rng = np.random.default_rng(4)
    left = rng.choice(4, 3_000, p=[0.5, 0.4, 0.07, 0.03])
    right = np.where(rng.random(3_000) < 0.5, left, rng.choice(4, 3_000, p=[0.5, 0.4, 0.07, 0.03]))
    codes = np.array([left, right])
    simulated = scan_coded(coded(codes))
    assert 1 <= simulated.statistics.least_expected[0] < 5
    monkeypatch.setattr(significance, "_CERTAIN", 0.0)
    assert simulated.p[0] == scan_coded(coded(codes)).p[0] < 0.001

    def refuse(*_):
        raise AssertionError

    monkeypatch.setattr(significance, "_CERTAIN", 1e-12)
    monkeypatch.setattr(significance, "simulated_tail", refuse)
    scan_coded(coded(codes))


def test_the_approximate_p_of_a_large_table_is_that_of_a_simulation(monkeypatch):
    """From 50,000 rows on, expected counts from 1 on need no simulation."""
    rng = np.random.default_rng(1)
    shares = np.array([0.006, 0.006, *[0.988 / 8] * 8])
    left = rng.choice(10, 60_000, p=shares)
    right = np.where(rng.random(60_000) < 0.005, left, rng.choice(10, 60_000, p=shares))
    approximate = scan_coded(coded(np.array([left, right])))
    assert 1 <= approximate.statistics.least_expected[0] < 5
    monkeypatch.setattr(significance, "_LARGE", 10**9)
    simulated = scan_coded(coded(np.array([left, right])))
    assert 0.001 < simulated.p[0] < 0.05
    assert approximate.p[0] == pytest.approx(simulated.p[0], rel=0.35)
    assert approximate.p[0] != simulated.p[0]
