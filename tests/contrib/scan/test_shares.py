"""Columns that are shares of one whole are set apart, and numbers that follow from them are close to them."""

import numpy as np

from diptych.contrib.scan.scanning import scan_table
from diptych.contrib.scan.sentences import ScanWords
from diptych.contrib.scan.trivial import Reason
from tests.contrib.scan.worlds import texts


def _households(n=1500):
    """Shares of three kinds of households, rounded to tenths as 0 to 9, their mean size, and a share of another whole."""
    rng = np.random.default_rng(8)
    parts = rng.dirichlet([2, 3, 3], n)
    single, couple, family = np.round(9 * parts).astype(int).T
    size = np.round(parts @ [1, 2, 4] + rng.normal(0, 0.15, n), 1)
    cars = np.clip(np.round(9 * (1 - parts[:, 0]) + rng.normal(0, 2.5, n)), 0, 9).astype(int)
    return {"single": single, "couple": couple, "family": family, "size": size, "cars": cars}


def test_shares_of_one_whole_are_set_apart_and_their_mean_is_close_to_them():
    scan = scan_table(texts(_households()))
    names = [column.name for column in scan.table.columns]
    shares = {
        frozenset(names[at] for at in scan.columns_of(pair.place))
        for pair in scan.trivial.values()
        if pair.reason is Reason.SHARES
    }
    assert shares == {frozenset(pair) for pair in (("single", "couple"), ("single", "family"), ("couple", "family"))}
    assert "Single and Couple are shares of one whole" in {
        ScanWords(scan).trivial(pair) for pair in scan.trivial.values()
    }
    ranked = [{names[at] for at in scan.columns_of(one.place)} for one in scan.ranking]
    assert ranked
    assert not any("size" in pair and pair & {"single", "couple", "family"} for pair in ranked)
    assert any("cars" in pair for pair in ranked)


def test_independent_and_correlated_numbers_are_no_shares():
    rng = np.random.default_rng(9)
    size = rng.integers(0, 10, 800)
    columns = {
        "one": size,
        "two": np.clip(9 - size + rng.integers(-3, 4, 800), 0, 12),
        "three": rng.integers(0, 10, 800),
    }
    assert not any(pair.reason is Reason.SHARES for pair in scan_table(texts(columns)).trivial.values())
