"""Statements by definition are exact in nearly all rows, with the exceptions counted; labels and messages are plain."""

import warnings

import numpy as np
import pytest

from diptych.contrib.scan.coding import code_table
from diptych.contrib.scan.scanning import scan_table
from diptych.contrib.scan.sentences import ScanWords
from tests.contrib.scan.worlds import texts


def _communes(n=800):
    """Places of very different sizes: all counts grow with the population, and men and women add up to it."""
    rng = np.random.default_rng(3)
    size = np.exp(rng.normal(6, 1.2, n))
    young, old, homes = (np.round(size * share * np.exp(rng.normal(0, 0.06, n))) for share in (0.24, 0.36, 0.42))
    men = np.round(size * rng.normal(0.5, 0.01, n))
    women = np.round(size - men)
    return {"young": young, "old": old, "homes": homes, "men": men, "women": women, "people": men + women}


def _said(scan):
    words = ScanWords(scan)
    return {words.trivial(pair): pair for pair in scan.trivial.values()}


def test_only_exact_relations_are_stated():
    scan = scan_table(texts(_communes()))
    assert list(_said(scan)) == ["People is a sum of Men and Women"]


def test_the_exceptions_of_a_sum_are_counted():
    columns = _communes()
    columns["people"][:7] += 40
    found = _said(scan_table(texts(columns)))["People is a sum of Men and Women"]
    assert (found.n_exceptions, found.n) == (7, 800)


def test_the_exceptions_of_a_number_and_its_copy_are_counted():
    rng = np.random.default_rng(4)
    size = rng.permutation(1000) + 0.5
    copy = np.log(size).round(6)
    copy[:3] = copy[3:6]
    scan = scan_table(texts({"size": size, "copy": copy, "group": rng.choice(["a", "b"], 1000)}))
    (found,) = scan.trivial.values()
    assert ScanWords(scan).trivial(found).endswith("have nearly the same content")
    assert 0 < found.n_exceptions <= 3


def test_a_correlation_is_not_the_same_content():
    """Total bases follow hits with a rank correlation of 0.996, but are up to twice as many."""
    rng = np.random.default_rng(5)
    hits = rng.integers(0, 200, 900)
    bases = np.round(hits * rng.uniform(1.35, 1.5, 900))
    scan = scan_table(texts({"hits": hits, "bases": bases, "team": rng.choice(["a", "b"], 900)}))
    assert not scan.trivial


def test_long_numbers_are_written_with_their_digits():
    moments = 25330825180000 + 10000 * np.arange(400) % 40000
    (column,) = code_table(texts({"onset": moments + np.arange(400) % 37})).columns
    assert "25330825180000 to " in column.labels[0]
    assert not any("float" in label or "e+" in label for label in column.labels)


def test_a_column_that_is_empty_where_others_have_values_gives_no_warning():
    rng = np.random.default_rng(6)
    first, second, third = (rng.normal(size=600).round(2).astype(object) for _ in range(3))
    first[300:], second[:300] = None, None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scan_table(texts({"first": first, "second": second, "third": third, "fourth": third * 2 + 1}))


@pytest.mark.parametrize("n_exceptions", [0, 20])
def test_a_ratio_with_exceptions_is_stated_up_to_a_twentieth_of_the_rows(n_exceptions):
    rng = np.random.default_rng(7)
    bats, hits = rng.integers(100, 600, 800), rng.integers(20, 100, 800)
    mean = (hits / bats).round(3)
    mean[:n_exceptions] *= 1.1
    scan = scan_table(texts({"bats": bats, "hits": hits, "bat_rate": mean}))
    relations = [pair for pair in scan.trivial.values() if pair.relation is not None]
    assert {pair.n_exceptions for pair in relations} == {n_exceptions}
