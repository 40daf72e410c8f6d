"""Every kind of pair that is associated by definition, in 20 planted tables; and pairs that are not."""

import numpy as np
import pytest

from diptych.contrib.scan.scanning import scan_table
from diptych.contrib.scan.trivial import Reason
from tests.contrib.scan.worlds import texts

N = 400


def letters(rng, k=4, n=N):
    return rng.choice([f"answer {chr(97 + i)}" for i in range(k)], n, p=None)


def same(rng):
    first = letters(rng, int(rng.integers(3, 7)))
    renamed = {one: f"code {n}x" for n, one in enumerate(sorted(set(first)))}
    return {"city": first, "place": [renamed[one] for one in first]}


def determines(rng):
    city = rng.choice([f"city {chr(97 + i)}" for i in range(9)], N)
    country = {f"city {chr(97 + i)}": f"land {'xyz'[i % 3]}" for i in range(9)}
    return {"city": city, "country": [country[one] for one in city]}


def determined_by_many_values(rng):
    """Four frequent towns and 60 rare ones, which are combined; each has one country."""
    towns = np.where(rng.random(N) < 0.4, rng.integers(0, 4, N), rng.integers(4, 64, N))
    return {"town": [f"town {t:03d}x" for t in towns], "country": [f"land {'xyz'[t % 3]}" for t in towns]}


def nearly(rng):
    found = determines(rng)
    for row in rng.choice(N, int(rng.integers(10, 24)), replace=False):
        found["country"][row] = "land w"
    return found


def exclusive(rng):
    chosen = rng.integers(0, 3, N)
    return {f"colour_{k}": np.where(chosen == k, "yes", "no") for k in range(3)}


def options(rng):
    return {f"uses_{k}": rng.choice(["yes", "no"], N, p=[0.5, 0.5]) for k in range(3)}


def battery(rng):
    scale = ["never", "rarely", "sometimes", "often", "always"]
    mood = rng.normal(size=N)
    answers = [np.clip(np.round(mood + rng.normal(size=N) + 2), 0, 4).astype(int) for _ in range(3)]
    return {f"q9_{k + 1}": [scale[a] for a in answer] for k, answer in enumerate(answers)}


def skip(rng):
    smokes = rng.choice(["yes, daily", "yes, weekly", "not at all"], N)
    brand = np.where(smokes == "not at all", "", rng.choice(["red", "blue", "white"], N))
    return {"smokes": smokes, "brand": brand}


def implies(rng):
    owns = rng.choice(["no car at all", "small car", "large car"], N)
    commute = np.where(
        owns == "no car at all", "public transport", rng.choice(["public transport", "drives", "walks"], N)
    )
    return {"owns": owns, "commute": commute}


def total(rng):
    parts = rng.gamma(2, 50, size=(3, N)).round(2)
    return {"sum": parts.sum(0).round(2), "rent": parts[0], "food": parts[1], "rest": parts[2]}


def design(rng):
    arm, block = np.divmod(np.arange(N), N // 4)
    return {"arm": [f"arm {a}" for a in arm], "block": [f"block {b % 5}" for b in block]}


PLANTED = {
    Reason.SAME: same,
    Reason.DETERMINES: determines,
    Reason.EXCLUSIVE: exclusive,
    Reason.OPTIONS: options,
    Reason.BATTERY: battery,
    Reason.SKIP: skip,
    Reason.IMPLIES: implies,
    Reason.TOTAL: total,
    Reason.DESIGN: design,
}


def scanned(columns, rng):
    """Scan planted columns next to two unrelated ones."""
    return scan_table(texts({**columns, "weather": letters(rng, 3), "mood": letters(rng, 5)}))


def reasons(scan):
    names = [column.name for column in scan.table.columns]
    return {tuple(names[c] for c in scan.columns_of(pair.place)): pair for pair in scan.trivial.values()}


@pytest.mark.parametrize("reason", PLANTED)
def test_planted_pairs_are_set_apart_in_20_of_20_tables(reason):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        columns = PLANTED[reason](rng)
        found = reasons(scanned(columns, rng))
        names = sorted(columns)
        wanted = {("sum", "rent"), ("sum", "food"), ("sum", "rest")} if reason is Reason.TOTAL else None
        pairs = [pair for pair in found if set(pair) <= set(names)]
        assert pairs, (seed, reason)
        assert {found[pair].reason for pair in pairs} == {reason}, seed
        assert wanted is None or wanted == set(pairs)
        assert set(found) == set(pairs), seed


def test_original_values_determine_a_column_although_most_are_combined():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        [pair] = reasons(scanned(determined_by_many_values(rng), rng)).values()
        assert (pair.reason, pair.n_exceptions) == (Reason.DETERMINES, 0)


def test_exceptions_are_counted_and_listed():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        columns = nearly(rng)
        scan = scanned(columns, rng)
        pair = reasons(scan)["city", "country"]
        wrong = [row for row in range(N) if columns["country"][row] == "land w"]
        assert (pair.reason, pair.is_nearly, pair.n_exceptions) == (Reason.DETERMINES, True, len(wrong))
        assert list(pair.exceptions) == wrong[:20]
        assert scan.table.columns[pair.determining].name == "city"


def test_strong_but_genuine_associations_are_tested():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        skill = rng.normal(size=N)
        level = np.digitize(skill, [-0.7, 0.7])
        grade = np.digitize(skill + 0.5 * rng.normal(size=N), [-0.7, 0.7])
        scan = scanned(
            {"level": np.array(["low", "middle", "high"])[level], "grade": np.array(["c", "b", "a"])[grade]}, rng
        )
        assert not scan.trivial
        assert scan.is_clear.sum() == 1


def test_rare_categories_are_no_design():
    """20 and 20 of 400 rows that meet once, as expected, have an X2 of 0; but the expected count is too small."""
    first, second = ["a thing"] * 20 + ["no thing"] * 380, ["a thing"] + ["no thing"] * 380 + ["a thing"] * 19
    scan = scan_table(texts({"pool": first, "porch": second}))
    assert scan.statistics.x2[0] < 1e-9
    assert not scan.trivial
