"""Left against right: sizes make all of the contrast between two shares, and base rates leave nothing of it."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych.cells import CellRef
from diptych.findings import asymmetry
from diptych.matrices import PanelSettings
from diptych.measures import MEASURES
from diptych.panels import build_panel
from diptych.renderers.plain import plain

ABC = ("A", "B", "C")
# 40 of A with A, 10 of A with B, 30 of B with B, 20 of C with C: 50 of A, 30 of B, 20 of C; 40, 40 and 20.
PLAIN = [("A", "A", 40), ("A", "B", 10), ("B", "B", 30), ("C", "C", 20)]
MIXED = [("AB", "A", 7), ("A", "AC", 12), ("B", "B", 9), ("C", "AB", 5), ("BC", "C", 11), ("A", "B", 6)]


def with_measure(study, name):
    """Return the study with both panels in another measure."""
    panels = tuple(
        build_panel(
            PanelSettings(id=i, relation="trained_on", given=g, outcome=o, measure=name),
            study.tables,
            study.inference,
            m,
        )
        for i, g, o, m in (("left", "datasets", "models", "right"), ("right", "models", "datasets", "left"))
    )
    return replace(study, panels=panels)


def test_every_pair_by_hand(make_study):
    (found,) = asymmetry.find(make_study(PLAIN, ABC))
    assert [(m.given, m.outcome) for m in found.mirrors] == [("A", "A"), ("A", "B"), ("B", "B"), ("C", "C")]
    aa, ab, bb, cc = found.mirrors
    assert (aa.left, aa.right) == (0.8, 1.0)  # 40 of 50, 40 of 40
    assert (ab.left, ab.right) == (0.2, 0.25)  # 10 of 50, 10 of 40
    assert (bb.left, bb.right) == (1.0, 0.75)  # 30 of 30, 30 of 40
    assert [m.log_size_ratio for m in found.mirrors] == pytest.approx(
        [math.log(x) for x in (40 / 50, 40 / 50, 40 / 30, 1)]
    )
    assert [m.log_ratio for m in found.mirrors] == pytest.approx([m.log_size_ratio for m in found.mirrors])
    # |50 - 40| / (50 + 40 - 40), |50 - 40| / (50 + 40 - 10), |30 - 40| / (30 + 40 - 30), 0
    assert [m.imbalance for m in found.mirrors] == [10 / 50, 10 / 80, 10 / 40, 0]
    # 100 x 40 / (50 x 40), 100 x 10 / (50 x 40), 100 x 30 / (30 x 40), 100 x 20 / (20 x 20)
    assert [m.lift for m in found.mirrors] == [2, 0.5, 2.5, 5]
    assert found.n_compared == 4
    assert found.size_share == pytest.approx(1, abs=1e-12)
    assert found.is_all_size
    assert (found.lift_apart, found.within_apart) == (0, None)
    assert found.nothing_left
    assert (cc.lift_within, found.null) == (None, False)
    assert found.cells == (CellRef("left", "B", "B"), CellRef("right", "B", "B"))


def test_one_finding_for_a_pair_of_panels(make_study):
    study = make_study(PLAIN, ABC)
    assert [f.id for f in asymmetry.find(study)] == ["asymmetry.left.right"]
    assert asymmetry.find(replace(study, panels=study.panels[:1])) == []


def test_within_strata_nothing_is_left_either(make_study):
    patterns = [(*p, "one") for p in PLAIN] + [(*p, "two") for p in MIXED]
    (found,) = asymmetry.find(make_study(patterns, ABC, strata=True))
    assert found.within_apart == pytest.approx(0, abs=1e-12)
    assert found.nothing_left
    assert all(m.lift_within for m in found.mirrors)


@given(
    patterns=st.lists(
        st.tuples(st.sets(st.sampled_from(ABC)), st.sets(st.sampled_from(ABC)), st.integers(1, 40)),
        min_size=1,
        max_size=8,
    )
)
@settings(deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_size_is_all_of_the_contrast_whatever_the_data(make_study, patterns):
    for found in asymmetry.find(make_study(patterns, ABC)):
        assert found.largest_error < 1e-12
        assert found.size_share is None or found.is_all_size
        assert found.null == all(m.left == pytest.approx(m.right) for m in found.mirrors)
        assert found.nothing_left
        assert all(0 <= m.imbalance < 1 for m in found.mirrors)


def test_equal_sizes_make_no_contrast(make_study):
    (found,) = asymmetry.find(make_study([("A", "A", 8), ("A", "B", 2), ("B", "A", 2), ("B", "B", 8)], ABC))
    assert found.null
    assert found.size_share is None
    assert all(m.imbalance == 0 for m in found.mirrors)


@pytest.mark.parametrize("name", [name for name, m in MEASURES.items() if m.info.symmetric])
def test_a_symmetric_measure_has_no_contrast(make_study, name):
    (found,) = asymmetry.find(with_measure(make_study(PLAIN, ABC), name))
    assert (found.null, found.symmetric, found.size_share, found.largest_error) == (True, True, None, None)
    # to rounding: a measure may add in another order from the other end
    assert [m.left for m in found.mirrors] == pytest.approx([m.right for m in found.mirrors])


@pytest.mark.parametrize("name", ["difference", "relative_risk"])
def test_other_directed_measures_are_of_the_same_counts(make_study, name):
    (found,) = asymmetry.find(with_measure(make_study(PLAIN, ABC), name))
    assert (found.null, found.symmetric, found.size_share, found.n_compared) == (False, False, None, 4)
    assert found.nothing_left
    cc = found.mirrors[-1]
    assert cc.left == pytest.approx(cc.right)  # 20 of C on either side: where sizes are equal there is no contrast
    aa = found.mirrors[0]
    if name == "difference":
        assert (aa.left, aa.right) == pytest.approx((0.8, 1 - 10 / 60))


def test_levels_are_compared_where_rows_do_not_add_to_one(make_study):
    (found,) = asymmetry.find(make_study(PLAIN, ABC))
    assert (found.left_mean, found.right_mean) == (None, None)
    # Several categories on one side only: the other panel's rows still add to one.
    (found,) = asymmetry.find(make_study([("AB", "A", 7), ("B", "B", 9)], ABC))
    assert found.left_mean is None
    # A with A and B each time, B with B: given A: 1, 1; given B: 0, 1; from models A: 1, 0; B: 1/4, 3/4
    (found,) = asymmetry.find(make_study([("A", "AB", 10), ("B", "B", 20), ("AB", "B", 10)], ("A", "B")))
    # In tens. Datasets A: 2 units, models A 1, B 2; datasets B: 3 units, models A 0, B 3. Models A: 1; models B: 4
    assert found.left_mean == pytest.approx((1 / 2 + 2 / 2 + 0 / 3 + 3 / 3) / 4)
    assert found.right_mean == pytest.approx((1 / 1 + 2 / 4 + 0 / 1 + 3 / 4) / 4)


def test_of_many_pairs_those_whose_sizes_differ_most_are_listed(make_study, monkeypatch):
    monkeypatch.setattr(asymmetry, "MOST_MIRRORS", 2)
    (found,) = asymmetry.find(make_study(PLAIN, ABC))
    # sizes 50 and 40, 50 and 40, 30 and 40, 20 and 20: the third differs most, and the first comes before the second
    assert [(m.given, m.outcome) for m in found.mirrors] == [("A", "A"), ("B", "B")]
    assert (found.n_mirrors, found.n_compared, found.size_share) == (4, 4, pytest.approx(1))


def test_the_table_is_in_the_data_of_findings(make_study):
    (found,) = asymmetry.find(make_study(PLAIN, ABC))
    fields = json.loads(json.dumps(plain(found), allow_nan=False))
    assert [m["imbalance"] for m in fields["mirrors"]] == [10 / 50, 10 / 80, 10 / 40, 0]
    assert fields["size_share"] == pytest.approx(1)
