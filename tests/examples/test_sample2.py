"""The numbers of the hand-written sample 2 (rodents) that test_example_numbers.py does not hold already."""

import csv

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.examples.relations import CONFIGS

pytestmark = pytest.mark.slow

LONG, RODENT = "Long-term Krat Exclosure", "Rodent Exclosure"
RATIOS = {"Dipodomys": (0.15, 0.06, 0.24), "Perognathus": (2.5, 1.7, 4.1), "Chaetodipus": (2.2, 1.7, 2.9)}
SHARES = {
    (RODENT, "Reithrodontomys"): (25, 15, 43),
    (RODENT, "Peromyscus"): (20, 12, 28),
    (LONG, "Dipodomys"): (7, 3, 12),
}


@pytest.fixture(scope="module")
def captures():
    table = pd.read_csv(CONFIGS["rodents"].parent / "captures.csv.gz", dtype=str, keep_default_na=False)
    return table[table["genus"] != ""]


@pytest.fixture(scope="module")
def resampled(captures):
    """Return a function that gives the percentiles of a ratio of counts when the 24 plots are drawn again."""
    plots, plot = np.unique(captures["plot"], return_inverse=True)
    draws = np.random.default_rng(1).multinomial(len(plots), np.full(len(plots), 1 / len(plots)), 4000)

    def total(chosen):
        return draws @ np.bincount(plot, np.asarray(chosen, dtype=float), len(plots))

    def interval(value):
        with np.errstate(invalid="ignore", divide="ignore"):  # a resample may hold no plot of the type
            drawn = value(total)
        return np.percentile(drawn[np.isfinite(drawn)], [2.5, 97.5])

    return interval


@pytest.fixture(scope="module")
def cells(sites):
    folder = sites("rodents") / "data"
    found = {}
    for panel in ("genus", "plot_type"):
        with (folder / f"{panel}.csv").open(encoding="utf-8", newline="") as file:
            found |= {(row["given"], row["outcome"]): row for row in csv.DictReader(file)}
    return found


def test_captures_taken_as_independent_would_be_too_sure(captures, cells, resampled):
    of, control = captures["genus"] == "Dipodomys", captures["plot_type"] == "Control"
    counted = stats.binomtest(int((of & control).sum()), int(of.sum())).proportion_ci(method="wilson")
    assert [round(100 * end) for end in counted] == [60, 62]
    assert 100 * resampled(lambda total: total(of & control) / total(of)) == pytest.approx([35, 82], abs=2)
    row = cells["Dipodomys", "Control"]
    assert (round(100 * float(row["low"])), round(100 * float(row["high"]))) == (35, 82)


@pytest.mark.parametrize("genus", RATIOS)
def test_ratios_in_long_term_exclosures(captures, cells, resampled, genus):
    """To the digits of the sample; its percentiles, drawn again; and by the program within the wider t of four plots."""
    ratio, low, high = RATIOS[genus]
    row = cells[genus, LONG]
    assert f"{float(row['lift']):.2g}" == f"{ratio:g}"
    of, there = captures["genus"] == genus, captures["plot_type"] == LONG
    ends = resampled(lambda total: total(of & there) * total(np.ones(len(of))) / (total(of) * total(there)))
    assert ends == pytest.approx([low, high], rel=0.12)


@pytest.mark.parametrize("pair", SHARES, ids=" ".join)
def test_shares_within_plot_types(captures, cells, resampled, pair):
    share, low, high = SHARES[pair]
    row = cells[pair]
    assert round(100 * float(row["value"])) == share
    there, of = (captures[column] == name for column, name in zip(("plot_type", "genus"), pair, strict=True))
    assert 100 * resampled(lambda total: total(of & there) / total(there)) == pytest.approx([low, high], abs=2)
    # t on four effective plots is wider than percentiles, which are known to be too short there.
    assert 100 * float(row["low"]) <= low + 1
    assert 100 * float(row["high"]) >= high - 1
