"""Who is missing: counted again from rows of which some have an answer on both sides, some on one, some on none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest

from diptych.ledger.coverage import CategoryCoverage, Coverage, SideCoverage
from diptych.statements import measures
from diptych.statements import scope as gaps
from diptych.statements.scope import Answers
from diptych.statements.select import Input, tell
from diptych.stats.shares import Design
from tests.statements.worlds import sets, table
from tests.stats import by_hand

SEEDS = range(4)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_shortfall_is_that_of_a_clearly_lower_share_of_answers(seed):
    """The test is the score test of two shares, at 5% divided by the number of categories."""
    rng = np.random.default_rng([51, seed])
    n_lower = 0
    for _ in range(40):
        n = rng.integers(20, 200, 3).astype(float)
        k = np.floor(n * rng.uniform(0.6, 0.9, 3))
        answered = {name: (n[j], k[j]) for j, name in enumerate("abc")}
        every = n.sum(), k.sum()
        for j, name in enumerate("abc"):
            others = every[0] - n[j], every[1] - k[j]
            p = proportions_ztest([k[j], others[1]], [n[j], others[0]], alternative="two-sided")[1]
            lower = others[1] / others[0] - k[j] / n[j]
            expected = lower * n[j] if lower > 0 and p <= 0.05 / 3 else 0.0
            n_lower += expected > 0
            assert gaps.shortfall(name, answered, every) == pytest.approx(expected)
    assert 10 < n_lower < 110


def test_nothing_is_short_without_answers_or_without_others():
    assert gaps.shortfall("a", {}, (100.0, 50.0)) == 0
    assert gaps.shortfall("a", {"a": (0.0, 0.0)}, (100.0, 50.0)) == 0
    assert gaps.shortfall("a", {"a": (100.0, 50.0)}, (100.0, 50.0)) == 0
    assert gaps.shortfall("a", {"a": (100.0, 0.0)}, (200.0, 0.0)) == 0
    assert gaps.shortfall("a", {"a": (100.0, 0.0)}, (150.0, 50.0)) == 100
    assert gaps.shortfall("a", {"a": (1.0, 0.0)}, (2.0, 1.0)) == 0
    assert gaps.shortfall("a", {"a": (1.0, 0.0)}, (1001.0, 1000.0)) == 1
    assert gaps.shortfall("a", {"a": (1000.0, 0.0)}, (1001.0, 1.0)) == 1000


def raised(of, n, hits):
    """Return a share with further units, of which some have the outcome; its effective number grows as its base."""
    base = of.base + n
    value, effective = (of.count + hits) / base, of.effective * base / of.base
    return replace(of, value=value, base=base, effective=effective, variance=value * (1 - value) / effective)


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_a_difference_survives_gaps_if_it_is_clear_with_the_missing_units_against_it(seed, clustered):
    rng = np.random.default_rng([52, seed])
    x = rng.integers(0, 3, 500)
    y = rng.random(500) < np.array([0.65, 0.5, 0.35])[x]
    cluster = rng.integers(0, 40, 500) if clustered else None
    of = table(sets(x, 3), np.stack([y, ~y], 1), cluster)
    frame = pd.DataFrame({"w": 1.0, "s": 1.0, "u": 1.0}, index=range(500))
    if clustered:
        frame["g"] = cluster
    verdicts = set()
    for subject, outcome, lack_row, lack_column in [
        (subject, outcome, *lack)
        for subject in ("r0", "r1", "r2")
        for outcome in ("c0", "c1")
        for lack in ((0, 0), (30, 0), (90, 0), (0, 25), (0, 60), (20, 20), (45, 15), (400, 300))
    ]:
        told = measures.compare(of, subject, outcome)
        n, m = int(of.row(subject).sum()), int(of.column(outcome).sum())
        answers = Answers(
            {subject: (n + lack_row, n)},
            {outcome: (m + lack_column, m)},
            (500 + lack_row, 500),
            (500 + lack_column, 500),
        )
        short = [
            0.0 if stats.norm.cdf((k / n - 1) / np.sqrt(p * (1 - p) * (1 / n + 1 / rest))) * 2 > 0.05 else n - k
            for n, k, rest, p in (
                (n + lack_row, n, 500 - n, 500 / (500.5 + lack_row)),
                (m + lack_column, m, 500 - m, 500 / (500.5 + lack_column)),
            )
        ]
        hit = pd.Series(of.column(outcome))
        alike = by_hand.pooled([by_hand.raw(frame, of.row(name), hit) for name in of.rows])
        own, others = (by_hand.share(frame, base, hit, alike) for base in (of.row(subject), ~of.row(subject)))
        if told.effect > 0:
            own, others = raised(own, short[0], 0), raised(others, short[1], short[1])
        else:
            own = raised(own, sum(short), sum(short))
        apart = by_hand.Difference(own, others, 0.0)
        for alpha in (0.05, 0.001):
            low, high = apart.interval(alpha)
            expected = not any(short) or bool(apart.value * told.effect > 0 and low * high > 0)
            verdicts.add((expected, told.effect > 0))
            assert gaps.survives_gaps(told, of, answers, alpha) == expected, (subject, outcome, short)
    assert len(verdicts) == 4
    assert gaps.survives_gaps(replace(told, form="trend"), of, answers, 0.05)


def respondents(seed, *, is_flipped=False, role="record"):
    """Return 1,000 rows with answers, the table of those with both, and their coverage."""
    rng = np.random.default_rng([53, seed])
    frame = pd.DataFrame({"x": rng.choice([*"abcz"], 1000), "y": rng.choice([*"vwxz"], 1000)})
    for side, p in (("x", [0.05, 0.3, 0.1, 0.1]), ("y", [0.1, 0.2, 0.05, 0.1])):
        lost = rng.random(1000) < np.array(p)[frame[side].map(sorted(set(frame[side])).index)]
        frame.loc[lost, side] = ""
    counted = (frame["x"] != "") & (frame["y"] != "")
    kinds = {"x": [*"abc"], "y": [*"vwx"]}  # z is an answer, but no category

    def side(name):
        categories = tuple(
            CategoryCoverage(one, int((frame[name] == one).sum()), int(((frame[name] == one) & counted).sum()), 0)
            for one in kinds[name]
        )
        labelled = frame[name].isin(kinds[name])
        return SideCoverage(name, 1000, int(labelled.sum()), int((labelled & counted).sum()), categories, ())

    there = frame[counted]
    x, y = (np.stack([there[name] == one for one in kinds[name]], 1) for name in ("x", "y"))
    of = table(x, y)
    of = replace(of, rows=tuple("abc"), columns=tuple("vwx"))
    cover = Coverage("r", 1000, len(there), 1000, len(there), 0, side("x"), side("y"), ())
    if is_flipped:
        of = of.turned()
    return frame, of, cover


@pytest.mark.parametrize("is_flipped", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_missing_of_records_are_those_with_one_side_and_with_neither(seed, is_flipped):
    frame, of, cover = respondents(seed, is_flipped=is_flipped)
    counted = (frame["x"] != "") & (frame["y"] != "")
    has = {"x": frame["x"].isin([*"abc"]), "y": frame["y"].isin([*"vwx"])}
    first, second = ("y", "x") if is_flipped else ("x", "y")
    numbers = gaps.missing(of, cover, "record").numbers
    assert numbers == {
        "units": counted.sum(), "total": 1000,
        "outside_rows": (counted & ~has[first]).sum(), "outside_columns": (counted & ~has[second]).sum(),
        "rows_only": (~counted & has[first]).sum(), "columns_only": (~counted & has[second]).sum(),
        "neither": (~counted & ~has["x"] & ~has["y"]).sum(),
    }  # fmt: skip
    assert gaps.missing(of, replace(cover, minimum=5), "record") is None
    whole = replace(cover, n_candidates=cover.n_units, rows=replace(cover.rows, n_labelled=0))
    none = gaps.missing(of, whole, "record").numbers
    assert (none["columns_only" if is_flipped else "rows_only"], none["neither"]) == (0, 0)


@pytest.mark.parametrize("is_flipped", [False, True])
def test_the_missing_of_links_are_least_and_most_in_two_categories(is_flipped):
    _, of, cover = respondents(0, is_flipped=is_flipped)
    side = replace(cover.rows, categories=tuple(
        CategoryCoverage(name, n, k, 0) for name, n, k in (("a", 50, 20), ("b", 100, 90), ("c", 49, 1), ("d", 60, 30))
    ))  # fmt: skip
    for role, own in (("from", "rows"), ("to", "columns")):
        numbers = gaps.missing(of, replace(cover, **{own: side}, n_itself=4), role).numbers
        assert [numbers[name] for name in ("least", "least_share", "most", "most_share")] == ["a", 0.4, "b", 0.9]
        assert numbers["itself"] == 4
        # the items of the other end are on the other side
        assert numbers["side"] == {"from": ("columns", "rows"), "to": ("rows", "columns")}[role][is_flipped]
        one = replace(side, categories=side.categories[1:3])
        assert "least" not in gaps.missing(of, replace(cover, **{own: one}), role).numbers
        two = replace(side, categories=side.categories[:2])
        assert "least" in gaps.missing(of, replace(cover, **{own: two}), role).numbers
    plain = gaps.missing(of, cover, "key").numbers
    assert set(plain) == {"units", "total", "outside_rows", "outside_columns"}


@pytest.mark.parametrize("is_flipped", [False, True])
def test_answers_are_those_of_the_sides_whose_items_are_the_units(is_flipped):
    frame, of, cover = respondents(1, is_flipped=is_flipped)
    counted = (frame["x"] != "") & (frame["y"] != "")
    expected = {}
    for side, names in (("x", "abc"), ("y", "vwx")):
        each = {name: ((frame[side] == name).sum(), ((frame[side] == name) & counted).sum()) for name in names}
        known = frame[side].isin([*names])
        expected[side] = each, (known.sum(), (known & counted).sum())
    none = {}, (0.0, 0.0)
    for role, x, y in (
        ("record", expected["x"], expected["y"]), ("from", expected["x"], none), ("to", none, expected["y"]),
        ("link", none, none), ("key", none, none),
    ):  # fmt: skip
        found = gaps.answers_of(of, cover, role)
        first, second = (y, x) if is_flipped else (x, y)
        assert (found.rows, found.all_rows) == first
        assert (found.columns, found.all_columns) == second
    assert (
        gaps.answers_of(of, replace(cover, minimum=3), "record") == Answers({}, {}, (0.0, 0.0), (0.0, 0.0)) == Answers()
    )


def years(seed, n_years):
    """Return a table of years and outcomes, some of which are only in some years, and its counts (years, outcomes)."""
    rng = np.random.default_rng([54, seed])
    counts = rng.integers(0, 6, (n_years, 4)) + 20 * (np.arange(4) == 0)
    for j in (1, 2):
        first, last = sorted(rng.choice(n_years, 2, replace=False))
        counts[:first, j] = counts[last + 1 :, j] = 0
    counts[:, 3] = 0
    rows, columns = (of[counts > 0] for of in np.indices(counts.shape))
    units = counts[counts > 0].astype(float)
    of = table(sets(rows, n_years), sets(columns, 4), ordered=True)
    of = replace(of, design=Design(units, units, units))
    return replace(of, rows=tuple(f"in {2001 + k}" for k in range(n_years))), counts


@pytest.mark.parametrize("seed", range(12))
def test_an_outcome_begins_or_ends_if_ten_units_outside_its_years_would_have_it(seed):
    of, counts = years(seed, 4 + seed)
    expected, is_cut = {}, np.zeros(len(counts) + 1, dtype=bool)
    for j in range(4):
        there = np.flatnonzero(counts[:, j])
        if not len(there):
            continue
        first, last = there[0], there[-1]
        share = counts[:, j].sum() / counts[first : last + 1].sum()
        if max(share * counts[:first].sum(), share * counts[last + 1 :].sum()) >= 10:
            expected[f"c{j}"] = (first, last)
            is_cut[[first, last + 1]] = True
    assert gaps.spans(of) == expected
    start, stop = gaps.longest_run(of)
    runs = [(a, b) for a in range(len(counts)) for b in range(a + 1, len(counts) + 1) if not is_cut[a + 1 : b].any()]
    assert stop - start == max(b - a for a, b in runs)
    assert (start, stop) in runs
    few = gaps.few(of)
    spans = {} if few is None else {name: ends for name, *ends in few.numbers["spans"]}
    assert spans == {name: [of.rows[first], of.rows[last]] for name, (first, last) in expected.items()}
    for change in ({"ordered": False}, {"rows": ("one", *of.rows[1:])}, {"withheld": np.zeros(counts.shape, bool)}):
        assert gaps.spans(replace(of, **change)) == {}
    if expected:
        rest = gaps.few(replace(of, residual=frozenset(expected)))
        assert rest is None or not rest.numbers["spans"]


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("same", [False, True])
def test_categories_with_too_few_units_or_clusters_or_one_stratum_are_named(clustered, same):
    """r0 has 20 units, r1 has 19, r2 is in four clusters, r3 in one stratum, r4 has none, r5 only on the other side."""
    x = np.repeat([0, 1, 2, 3, 6], [20, 19, 60, 60, 200])
    place = np.arange(len(x))
    cluster = np.where(x == 2, place % 4, place % 30)
    stratum = np.where(x == 3, 1, place % 3)
    y = np.where(place % 40 == 0, 5, x)
    of = table(sets(x, 7), sets(y, 7), cluster if clustered else None, stratum, is_same=same)
    numbers = gaps.few(of).numbers
    expected = [("r1", 19.0, "units")]
    if clustered:
        expected.append(("r2", 60.0, "clusters"))
    if same:
        expected.append(("r3", 60.0, "stratum"))
    assert [*zip(numbers["names"], numbers["units"], numbers["reasons"], strict=True)] == expected
    assert numbers["empty"] == (("r4",) if same else ("r4", "r5"))
    large = np.isin(x, [0, 6])
    rest = table(sets(x[large] // 6, 2), sets(y[large] // 6, 2), cluster[large] if clustered else None, is_same=same)
    assert gaps.few(rest) is None


def lacking(own, others, neither, *, n=500):
    """Return `n` units of which 60% have c0 and 1,500 others of which 40% have, and the coverage of some more."""
    counts = np.array([[6 * n // 10, 4 * n // 10], [600, 900]])
    rows, columns = (np.repeat(of.ravel(), counts.ravel()) for of in np.indices(counts.shape))
    total, more = n + 1500, own + others
    side = SideCoverage("rows", 0, total + more, total, tuple(
        CategoryCoverage(name, k + extra, k, 0) for name, k, extra in (("r0", n, own), ("r1", 1500, others))
    ), ())  # fmt: skip
    cover = Coverage("r", 0, 0, total + more + neither, total, 0, side, SideCoverage("y", 0, total, total, (), ()), ())
    return table(sets(rows, 2), sets(columns, 2)), cover


def bounds(of, cover, role="record", **more):
    told = tell(Input(of, coverage=cover, role=role, **more))
    assert told.lead.form in {"difference", "agreement"}
    (found,) = [one for one in told.limits if one.scope == "bounds"] or [None]
    return found


@pytest.mark.parametrize("role", ["record", "to", "from"])
@pytest.mark.parametrize(
    "missing", [(0, 0, 500), (10, 20, 470), (10, 490, 0), (30, 90, 380), (0, 500, 100), (0, 0, 110)]
)
def test_the_share_with_the_units_left_out_is_between_bounds(missing, role):
    """Of records, only those with the subject, or without a known category on its side, can change its share."""
    own, _, neither = missing
    left = own + neither if role == "record" else sum(missing)
    low, high = 300 / (500 + left), (300 + left) / (500 + left)
    found = bounds(*lacking(*missing), role)
    assert (found is not None) == (low <= 0.4 <= high)
    if found is not None:
        assert found.numbers == pytest.approx({"left_out": left, "low": low, "high": high})
        assert found.subject == "r0"


def test_bounds_are_of_one_in_twenty_units_or_more_that_are_known():
    assert bounds(*lacking(0, 0, 85, n=100)) is not None
    assert bounds(*lacking(0, 0, 84, n=100)) is None
    of, cover = lacking(0, 0, 500)
    assert bounds(of, cover) is not None
    for role in ("key", "link"):
        assert bounds(of, cover, role) is None
    assert bounds(of, replace(cover, minimum=5)) is None
    assert bounds(of, cover, is_weighted=True) is None
    assert bounds(of, None) is None


@pytest.mark.parametrize(
    ("left", "among_all", "in_strata"), [(100, False, False), (220, False, True), (600, True, True)]
)
def test_agreement_with_the_units_left_out_is_compared_with_chance(left, among_all, in_strata):
    """The share is 70%, by chance it is less, and less so within strata."""
    place = np.arange(300)
    level, x = place % 2, place % 3
    x = np.where(level == 0, np.minimum(x, 1), x)
    y = np.where(place % 10 < 7, x, (x + 1) % (2 + level))
    of = table(sets(x, 3), sets(y, 3), is_same=True)
    side = SideCoverage("x", 0, 300, 300, (), ())
    cover = Coverage("r", 0, 0, 300 + left, 300, 0, side, side, ())
    low, high = 210 / (300 + left), (210 + left) / (300 + left)
    for table_, name, is_limit in (
        (of, "chance", among_all), (replace(of, stratum=level, strata=("k", "l")), "within", in_strata),
    ):  # fmt: skip
        against = measures.agreement(table_).number(name)
        found = bounds(table_, cover, "to")
        assert (found is not None) == (low <= against <= high)
        assert (found is not None) == is_limit, against
        if found is not None:
            assert found.numbers == pytest.approx({"left_out": left, "low": low, "high": high})
