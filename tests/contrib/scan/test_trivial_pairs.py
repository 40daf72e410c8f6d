"""Every kind of pair that is associated by definition, in 20 planted tables; and pairs that are not."""

import numpy as np
import pytest

from diptych.contrib.scan.scanning import scan_table
from diptych.contrib.scan.sentences import ScanWords
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
    parking = np.where(owns == "no car at all", "none", rng.choice(["none", "street", "garage"], N))
    return {"owns": owns, "parking": parking}


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
    Reason.COMPUTED: total,
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
        wanted = {("sum", "rent"), ("sum", "food"), ("sum", "rest")} if reason is Reason.COMPUTED else None
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


def pairs_computed(columns):
    """Return the pairs that are associated because one column is computed from others, each once."""
    found = reasons(scan_table(texts(columns)))
    return {frozenset(pair) for pair, one in found.items() if one.reason is Reason.COMPUTED}


def both(total, *parts):
    return {frozenset((total, part)) for part in parts}


def test_sums_of_answers_are_recognised_although_answers_are_missing():
    """Missing items count as zero in the sums, and the sums have items in common."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        items = rng.integers(-1, 2, size=(6, N)).astype(float)
        items[rng.random(items.shape) < 0.1] = np.nan
        columns = {f"item {chr(97 + k)}": ["" if np.isnan(v) else int(v) for v in item] for k, item in enumerate(items)}
        names = list(columns)
        columns |= {"all": np.nansum(items, axis=0).astype(int), "some": np.nansum(items[:4], axis=0).astype(int)}
        wanted = both("all", *names, "some") | both("some", *names[:4])
        assert pairs_computed(columns) == wanted, seed


def test_differences_and_means_are_recognised():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        before, after = 50 + rng.normal(size=N).round(2), 51 + rng.normal(size=N).round(2)
        city = rng.integers(15, 40, N)
        highway = city + rng.integers(3, 12, N)
        columns = {"before": before, "after": after, "gained": (after - before).round(2)}
        columns |= {"city": city, "highway": highway, "combined": np.round(1 / (0.55 / city + 0.45 / highway))}
        assert pairs_computed(columns) == both("gained", "before", "after") | both("combined", "city", "highway"), seed


def test_parts_of_a_total_and_repeated_measures_are_not_computed_from_each_other():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        his, hers = rng.gamma(3, 900, size=(2, N)).round()
        size = rng.normal(100, 10, N)
        measured = {f"reading {k}": (size + rng.normal(size=N)).round(1) for k in "abc"}
        found = pairs_computed({"his": his, "hers": hers, "together": his + hers, **measured})
        assert found == both("together", "his", "hers"), seed


def test_a_measurement_that_separates_species_is_tested_but_age_groups_are_not():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        species = rng.integers(0, 3, N)
        age = rng.integers(18, 90, N)
        columns = {
            "species": np.array(["kestrel", "buzzard", "eagle"])[species],
            "wing": np.round(np.array([250, 340, 430])[species] + rng.normal(0, 30, N), -1).astype(int),
            "age": age,
            "age group": np.array(["young", "middle", "old"])[np.digitize(age, [35, 60])],
        }
        scan = scanned(columns, rng)
        found = reasons(scan)
        assert list(found) == [("age", "age group")], seed
        place = next(at for at in range(len(scan.statistics)) if {"species", "wing"} == names_of(scan, at))
        assert scan.is_clear[place], seed


def names_of(scan, place):
    return {scan.table.columns[column].name for column in scan.columns_of(place)}


def test_parts_of_a_part_belong_to_the_total():
    rng = np.random.default_rng(7)
    first, second, third = rng.gamma(3, 90, size=(3, N)).round()
    found = pairs_computed({"a": first, "b": second, "c": third, "ab": first + second, "abc": first + second + third})
    assert found == both("ab", "a", "b") | both("abc", "a", "b", "c", "ab")


def test_a_number_and_its_logarithm_have_the_same_content_and_correlated_numbers_do_not():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        spent = np.where(rng.random(N) < 0.3, 0, rng.gamma(2, 50, N).round(2))
        visits = (spent * rng.lognormal(0, 0.3, N)).round(1)
        with np.errstate(divide="ignore"):
            logarithm = ["" if s == 0 else round(float(np.log(s)), 5) for s in spent]
        found = reasons(scan_table(texts({"spent": spent, "log": logarithm, "visits": visits})))
        assert {pair: one.reason for pair, one in found.items()} == {("spent", "log"): Reason.SAME}, seed


def test_a_relation_is_described_once_with_its_columns():
    rng = np.random.default_rng(0)
    price, paid = rng.gamma(9, 5, N).round(2), rng.gamma(7, 5, N).round(2)
    scan = scan_table(texts({"price": price, "paid": paid, "price diff": (price - paid).round(2)}))
    words = ScanWords(scan)
    assert {words.trivial(pair) for pair in scan.trivial.values()} == {"Price diff is the difference of Price and Paid"}


def test_a_column_of_no_and_blanks_is_set_aside():
    rng = np.random.default_rng(0)
    table = {"fuel cell": rng.choice(["N", ""], N), "sunroof": rng.choice(["Y", ""], N), "mood": letters(rng)}
    scan = scan_table(texts(table))
    assert [(one.name, one.reason) for one in scan.table.aside] == [
        ("fuel cell", 'the only value is "N"; a blank can mean yes or no answer')
    ]
    assert next(one.labels for one in scan.table.columns if one.name == "sunroof") == ("no", "yes")


def _implying(rng, implied, n_exceptions=0):
    owns = rng.choice(["no car at all", "small car", "large car"], N)
    other = np.where(owns == "no car at all", implied, rng.choice([implied, "street", "garage"], N)).astype(object)
    other[np.flatnonzero(owns == "no car at all")[:n_exceptions]] = "street"
    return {"owns": owns, "other": other}


def test_an_answer_is_implied_by_definition_only_if_nothing_applies_and_without_exceptions():
    """Otherwise a regularity of the data, such as the segregation of schools, would not be tested."""
    rng = np.random.default_rng(1)
    assert ("owns", "other") in reasons(scanned(_implying(rng, "none"), rng))
    assert ("owns", "other") not in reasons(scanned(_implying(rng, "none", 1), rng))
    assert ("owns", "other") not in reasons(scanned(_implying(rng, "public transport"), rng))


def test_a_range_of_numbers_implies_no_answer():
    """Proteins were recorded in two units, and one of them occurs only in rows with "no"."""
    rng = np.random.default_rng(3)
    in_grams = rng.random(N) < 0.4
    protein = np.where(in_grams, rng.integers(550, 900, N) / 10, rng.integers(55, 90, N) / 10)
    recorded = np.where(in_grams, "no", rng.choice(["yes", "no"], N))
    assert ("protein", "recorded") not in reasons(scanned({"protein": protein, "recorded": recorded}, rng))


def test_kinds_of_two_things_are_no_battery():
    rng = np.random.default_rng(2)
    first = letters(rng)
    second = np.where(rng.random(N) < 0.3, first, letters(rng))
    scan = scanned({"vehicle type 1": first, "vehicle type 2": second}, rng)
    assert ("vehicle type 1", "vehicle type 2") not in reasons(scan)
    assert scan.is_called[0]


@pytest.mark.parametrize("n_missing", [0, 1, 2])
def test_a_sum_with_items_that_are_not_in_the_table(n_missing):
    rng = np.random.default_rng(6)
    burden = rng.normal(size=N)
    items = [np.clip(np.round(burden + rng.normal(size=N) + 2.5), 1, 4).astype(int) for _ in range(6)]
    kept = {f"item about {name}": item for name, item in zip("abcdef"[n_missing:], items[n_missing:], strict=True)}
    scan = scanned({"burden": np.sum(items, axis=0), **kept}, rng)
    found = {pair for pair, one in reasons(scan).items() if one.reason is Reason.COMPUTED}
    assert {("burden", name) for name in kept} <= found
    if n_missing:
        (text, *_) = {ScanWords(scan).trivial(one) for one in scan.trivial.values() if one.relation is not None}
        assert text.startswith("Burden is a sum that contains Item about ")


def test_a_score_that_follows_items_but_is_not_their_sum_is_tested():
    rng = np.random.default_rng(7)
    burden = rng.normal(size=N)
    items = {
        f"item about {name}": np.clip(np.round(burden + rng.normal(size=N) + 2.5), 1, 4).astype(int) for name in "abcde"
    }
    score = np.round(3 * burden + 12 + rng.normal(size=N)).astype(int)
    assert not reasons(scanned({"score": score, **items}, rng))


def test_products_and_ratios_are_recognised():
    rng = np.random.default_rng(4)
    height, kilos = rng.normal(170, 10, N).round(), rng.normal(75, 14, N).round(1)
    bats = rng.integers(20, 600, N)
    hits = rng.binomial(bats, rng.beta(30, 80, N)) + 1
    columns = {
        "height": height.astype(int),
        "kilos": kilos,
        "bmi": (kilos / (height / 100) ** 2).round(1),
        "bats": bats,
        "hits": hits,
        "quality": (hits / bats).round(3),
        "draw": rng.normal(100, 9, N).round(2),
    }
    assert pairs_computed(columns) == both("bmi", "height", "kilos") | both("quality", "bats", "hits")
