"""A scan of changed files counts only the pairs with a changed column, and continues after it was cancelled."""

import numpy as np
import pytest

from diptych.cache import Cache
from diptych.contrib.scan import kept_counts, running, scanning
from diptych.contrib.scan.kept_counts import KeptCounts
from diptych.contrib.scan.layout import count_pairs
from tests.contrib.scan.worlds import coded, independent, texts

N = 400


@pytest.fixture
def files(tmp_path):
    """Two files with a common key: five columns that go together, some with rare values, and one more column."""
    rng = np.random.default_rng(1)
    base = rng.integers(0, 3, N)
    people = {"key": [f"p{n}x" for n in range(N)]}
    for name in ("ash", "beech", "cedar", "elm", "fir"):
        people[name] = np.where(rng.random(N) < 0.06, rng.integers(3, 5, N), (base + (rng.random(N) < 0.5)) % 3)
    pets = {"key": people["key"], "pet": rng.choice(["cat", "dog", "fish"], N)}
    for name, columns in (("people", people), ("pets", pets)):
        texts(columns).to_csv(tmp_path / f"{name}.csv", index=False)
    return [str(tmp_path / f"{name}.csv") for name in ("people", "pets")]


@pytest.fixture
def scan(files, tmp_path, monkeypatch):
    """Return a function that scans the files with a cache, and returns the files of the site and the counts."""
    seen = []
    make = running._kept
    monkeypatch.setattr(running, "_kept", lambda *given: seen.append(make(*given)) or seen[-1])

    def run(cache="cache"):
        monkeypatch.setenv("DIPTYCH_CACHE", str(tmp_path / cache))
        running.run(
            running.ScanJob(running.tables_of_files(files), with_reports=False), tmp_path / "site", overwrite=True
        )
        return {path.name: path.read_bytes() for path in (tmp_path / "site").iterdir()}, seen[-1]

    return run


def _replace_pets(files):
    rng = np.random.default_rng(2)
    texts({"key": [f"p{n}x" for n in range(N)], "pet": rng.choice(["cat", "dog", "fish"], N)}).to_csv(
        files[1], index=False
    )


def test_after_a_change_of_one_file_only_the_pairs_with_its_column_are_counted(scan, files):
    _, first = scan()
    assert first.n_counted == 15
    assert first.n_simulated > 0
    _replace_pets(files)
    site, second = scan()
    assert second.n_counted == 5
    assert second.n_simulated < first.n_simulated
    assert scan("another cache")[0] == site


def test_a_cancelled_scan_continues_with_the_pairs_that_are_counted(scan, monkeypatch):
    monkeypatch.setattr(kept_counts, "_SECONDS", 0)

    def cancel(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as cancelled:
        cancelled.setattr(scanning, "statistics_of", cancel)
        with pytest.raises(KeyboardInterrupt):
            scan()
    site, second = scan()
    assert second.n_counted == 0
    assert scan("another cache")[0] == site


def test_kept_counts_are_those_of_all_pairs(tmp_path):
    """Columns are changed, added, removed and in another order, and two have the same codes."""
    rng = np.random.default_rng(1)
    codes = independent(rng, 9, 300, even=False)
    codes[4] = codes[1]
    codes[2, :40] = -1
    cache = Cache(tmp_path / "cache")
    numbers = []
    for columns in ([0, 1, 2, 3, 4, 5], [5, 4, 1, 6, 0, 7], [8, 1, 4, 0]):
        table = coded(codes[columns])
        kept = KeptCounts(cache, "a" * 64)
        assert np.array_equal(kept.counts(table.codes, table.layout), count_pairs(table.codes, table.layout))
        kept.keep()
        numbers.append(kept.n_counted)
    assert numbers == [15, 15 - 6, 3]
