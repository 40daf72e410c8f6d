"""What each kind of finding is worked out from: recipes that name its fields, one small function for each kind.

A recipe holds no number, only where in the finding the numbers stand, so evidence cannot print any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..cells import Cell
from ..findings.activity import Activity
from ..findings.agreement import Agreement
from ..findings.apart import Apart
from ..findings.asymmetry import Asymmetry
from ..findings.bare import Contrast, Levels
from ..findings.blocks import Block as Together
from ..findings.bridges import Bridge
from ..findings.cluster import Cluster
from ..findings.coarse import Coarse
from ..findings.composition import Change, Composition
from ..findings.concentration import Concentration
from ..findings.crossings import Crossings
from ..findings.diagonal import Diagonal
from ..findings.direction import Direction
from ..findings.dominance import Dominance
from ..findings.finding import Finding
from ..findings.gaps import Gaps
from ..findings.isolation import Isolation
from ..findings.population import Population
from ..findings.robustness import Choices, Dependence
from ..findings.sensitivity import Sensitivity
from ..findings.sizes import Sizes
from ..findings.spread import Spread
from ..findings.surprises import Surprises
from ..findings.trend import Trend
from .evidence_recipes import KindEvidence, Made, Recipe, cell_recipe


def _cells(name: str, cells: Sequence[Cell], measure: str = "conditional") -> Iterator[Recipe]:
    return (cell_recipe(f"{name}.{place}", cell, measure) for place, cell in enumerate(cells))


def _population(f: Population) -> Iterator[Recipe]:
    yield Recipe("counted", "n / n_all", {"n": "n_units", "n_all": "n_candidates"})
    for place, size in enumerate(f.sizes):
        terms = {"n_b": f"sizes.{place}.n", "N": "n_units"}
        yield Recipe("size", "n_b / N", terms, f"sizes.{place}.share", names=(size.category,))


def _gaps(f: Gaps) -> Iterator[Recipe]:
    if f.n_links:
        yield Recipe("resolved", "n / n_all", {"n": "n_resolved", "n_all": "n_links"})
    if f.other_items:
        terms = {"n": "other_linked", "n_all": "other_items"}
        yield Recipe("other_side", "n / n_all", terms, names=(f.other_side,))
    for name, parts in (("parts", f.parts), ("years", f.years)):
        for place, part in enumerate(parts):
            at = f"{name}.{place}"
            of = str(getattr(part, "category", "") or getattr(part, "year", ""))
            terms = {"n": f"{at}.n_linked", "n_all": f"{at}.n_items"}
            yield Recipe("covered", "n / n_all", terms, f"{at}.share", names=(of,))


def _coarse(_: Coarse) -> Iterator[Recipe]:
    yield Recipe("near_one", "n_near / n_cells", {"n_near": "n_near", "n_cells": "n_cells"})


def _activity(f: Activity) -> Iterator[Recipe]:
    ends = ("low", "high") if f.interval is not None else None
    terms = {"n_rows": "n_rows", "n_columns": "n_columns", "N": "n_units"}
    yield Recipe(
        "activity", "mean of r * c / (mean of r * mean of c)", terms, "factor", ends, "activity" if ends else ""
    )


def _agreement(f: Agreement) -> Iterator[Recipe]:
    ends = ("share.low", "share.high")
    terms = {"n_agree": "n_agree", "n_labelled": "n_labelled"}
    yield Recipe("agree", "n_agree / n_labelled", terms, "share.value", ends, "share")
    if f.pivot is not None:
        terms = {"n_pivot": "n_pivot", "n_differ": "n_differ"}
        yield Recipe("pivot", "n_pivot / n_differ", terms, names=(f.pivot,))


def _diagonal(f: Diagonal) -> Iterator[Recipe]:
    yield from _cells("leading", f.leading)
    yield from _cells("others", f.others)


def _crossings(f: Crossings) -> Iterator[Recipe]:
    yield from _cells("listed", f.listed)
    yield Recipe("below", "n_below", {"n_below": "n_below"}, "n_below")


def _dominance(f: Dominance) -> Iterator[Recipe]:
    for path, leader in (("leader", f.leader), *((f"alternatives.{i}", one) for i, one in enumerate(f.alternatives))):
        terms = {"n_b": f"{path}.n", "N": f"{path}.n_units"}
        yield Recipe("largest", "n_b / N", terms, f"{path}.share", names=(leader.category, leader.unit))


def _bridge(f: Bridge) -> Iterator[Recipe]:
    terms = {"n_through": "n_through", "n_crossing": "n_crossing"}
    yield Recipe("through", "n_through / n_crossing", terms, names=(f.category,))
    ends = ("beyond.low", "beyond.high")
    yield Recipe(
        "through_beyond", "the same less what its size makes it", {}, "beyond.value", ends, "through", (f.category,)
    )
    if f.n_pairs:
        yield Recipe("unmet", "n_unmet / n_pairs", {"n_unmet": "n_unmet", "n_pairs": "n_pairs"})


def _composition(f: Composition) -> Iterator[Recipe]:
    terms = {"n": "observed", "e_within": "expected_within", "e": "expected"}
    ends = ("explained_low", "explained_high") if f.interval is not None else None
    made: Made = "explained" if ends else ""
    yield Recipe("explained", "1 - (n - e_within) / (n - e)", terms, "" if f.null else "explained", ends, made)
    if f.reached is not None:
        terms = {"n": "observed", "e_within": "expected_within", "most": "most"}
        ends = ("reached_low", "reached_high") if f.reached_interval is not None else None
        made = "explained" if ends else ""
        yield Recipe("reached", "(n - e_within) / (most - e_within)", terms, "reached", ends, made)
    for name in ("lasting", "unsure", "faded"):
        for place, change in enumerate(getattr(f, name)):
            yield from _change(f"{name}.{place}", change)


def _change(at: str, change: Change) -> Iterator[Recipe]:
    names = (change.category,)
    within = {"n_aa": f"{at}.observed", "e_within": f"{at}.expected_within"}
    yield Recipe("over_all", "n_aa / e", {"n_aa": f"{at}.observed", "e": f"{at}.expected"}, names=names)
    yield Recipe("within", "n_aa / e_within", within, f"{at}.lift_within", names=names)
    most = {"most": f"{at}.most", "e_within": f"{at}.expected_within"}
    yield Recipe("most_within", "most / e_within", most, f"{at}.most_within", names=names)
    # Where all that can meet do there is a lower end alone, which stands in the sentence.
    ends = (f"{at}.low", f"{at}.high") if change.high is not None else None
    odds = {"alike": f"{at}.alike", "crossed": f"{at}.crossed"}
    yield Recipe("odds_within", "alike / crossed", odds, f"{at}.odds", ends, "odds" if ends else "", names)


def _asymmetry(f: Asymmetry) -> Iterator[Recipe]:
    # Only shares have a ratio that is one of sizes.
    if f.size_share is not None and f.right_cell.value:
        names = (f.left_cell.given, f.left_cell.outcome)
        yield Recipe("mirrored", "L / R", {"L": "left_cell.value", "R": "right_cell.value"}, names=names)
        terms = {"n_b": "left_cell.n_outcome", "n_a": "left_cell.n_given"}
        yield Recipe("size_ratio", "n_b / n_a", terms, names=names[::-1])
    if f.size_share is not None:
        yield Recipe("by_size", "share of the contrast", {"n_pairs": "n_compared"}, "size_share")
    yield Recipe("lift_apart", "largest |log lift L - log lift R|", {}, "lift_apart")


def _direction(f: Direction) -> Iterator[Recipe]:
    terms = {"n_ab": "n_forward", "n_ba": "n_back"}
    names = (f.origin, f.goal)
    yield Recipe("net", "n_ab - n_ba", terms, "net.value", ("net.low", "net.high"), "net", names)
    if f.excess is not None:
        ends = ("excess.low", "excess.high")
        yield Recipe("beyond_sizes", "n_ab - e_ab", {}, "excess.value", ends, "excess", names)
    if f.within is not None:
        ends = ("within.low", "within.high")
        yield Recipe("beyond_within", "n_ab - e_ab, e_ab summed over strata", {}, "within.value", ends, "excess", names)
    for place, without in enumerate(f.without):
        at = f"without.{place}"
        terms = {"n_ab": f"{at}.n_forward", "n_ba": f"{at}.n_back"}
        ends = (f"{at}.net.low", f"{at}.net.high")
        named = (*names, without.change.by, without.change.name)
        yield Recipe("net_without", "n_ab - n_ba", terms, f"{at}.net.value", ends, "net", named)


def _isolation(f: Isolation) -> Iterator[Recipe]:
    if f.category:
        yield Recipe("self_share", "share with it alone on both sides", {"n": "n"}, "self_share", names=(f.category,))


def _blocks(f: Together) -> Iterator[Recipe]:
    if f.n_joining is not None and f.expected is not None:
        terms = {"n_joining": "n_joining", "e": "expected"}
        yield Recipe("joining", "n_joining / e", terms, names=f.members)
    if f.recurs is not None:
        yield Recipe("recurs", "share of resamples", {"n_resamples": "n_resamples"}, "recurs", names=f.members)


def _concentration(f: Concentration) -> Iterator[Recipe]:
    terms = {"n": "n_units", "N": "n_population"}
    yield Recipe("touched", "n / N", terms, "share", names=(f.item,))
    if f.n_item_sets:
        sets = {"n_sets": "n_item_sets", "N": "n_population"}
        yield Recipe("item_sets", "n_sets / N", sets)


def _surprises(f: Surprises) -> Iterator[Recipe]:
    made: Made = {"all": "lift", "strata": "strata", "crossing": "crossing"}[f.basis]  # type: ignore[assignment]
    for name, pairs in (("above", f.above), ("below", f.below)):
        for place, pair in enumerate(pairs):
            at = f"{name}.{place}"
            terms = {"n_ab": f"{at}.n_joint", "e_ab": f"{at}.expected"}
            terms |= {} if pair.q_value is None else {"q": f"{at}.q_value"}
            ends = (f"{at}.low", f"{at}.high")
            yield Recipe("departs", "n_ab / e_ab", terms, f"{at}.ratio", ends, made, (pair.given, pair.outcome))


def _spread(f: Spread) -> Iterator[Recipe]:
    beside = {"n_outcomes": "n_outcomes"}
    for what in ("lowest", "highest"):
        yield Recipe(what, "n_ab / e_ab", beside, what, names=(f.category,))


def _sensitivity(f: Sensitivity) -> Iterator[Recipe]:
    for path, one in (("declared", f.declared), *((f"others.{i}", other) for i, other in enumerate(f.others))):
        beside = {"N": f"{path}.n_units"}
        if one.agreement is not None:
            yield Recipe("agree_by", "n_agree / n_labelled", beside, f"{path}.agreement", names=(one.unit,))
        for side in ("row", "column"):
            names = (str(getattr(one, f"top_{side}")), one.unit)
            yield Recipe(f"top_{side}", "share of N", beside, f"{path}.top_{side}_share", names=names)


def _choices(_: Choices) -> Iterator[Recipe]:
    yield Recipe("changing", "n_changing / n_statements", {"n_changing": "changing.#", "n_statements": "tried.#"})


def _dependence(_: Dependence) -> Iterator[Recipe]:
    yield Recipe("resting", "n_resting / n_statements", {"n_resting": "resting.#", "n_statements": "rests.#"})


def _levels(f: Levels) -> Iterator[Recipe]:
    yield Recipe("mean", "mean of the values", {"n_cells": "n_cells"}, "mean")
    yield Recipe("row_mean", "mean of the row", {}, "top_row.mean", names=(f.top_row.category,))
    if f.next_row is not None:
        yield Recipe("row_mean", "mean of the row", {}, "next_row.mean", names=(f.next_row.category,))
    yield from _cells("high", f.high)
    yield from _cells("moderate", f.moderate)


def _contrast(_: Contrast) -> Iterator[Recipe]:
    terms = {"mean_L": "left_mean", "mean_R": "right_mean"}
    beside = {"n_left_higher": "n_left_higher", "n_right_higher": "n_right_higher", "n_unread": "n_unread"}
    yield Recipe("means", "mean_L - mean_R", terms | beside)


def _cluster(f: Cluster) -> Iterator[Recipe]:
    terms = {"n_within": "n_within", "n_cells": "n_cells"}
    yield Recipe("cluster", "n_within / n_cells", terms, names=f.members)


def _apart(f: Apart) -> Iterator[Recipe]:
    for side in ("rows", "columns"):
        yield Recipe(f"{side}_reach", "largest upper end", {}, f"{side}_reach", names=f.members)


def _sizes(f: Sizes) -> Iterator[Recipe]:
    yield Recipe("usable", "n_usable / n_constraints", {"n_usable": "n_usable", "n_constraints": "n_constraints"})
    for place, implied in enumerate(f.implied):
        names = (" or ".join(implied.more), implied.fewer, implied.kind.plural)
        yield Recipe("implied", "least ratio of sizes", {}, f"implied.{place}.ratio", names=names)
    if f.loosening is not None:
        yield Recipe("loosening", "least factor on every range", {}, "loosening")


def _trend(f: Trend) -> Iterator[Recipe]:
    for place, m in enumerate(f.moved):
        at, names = f"moved.{place}", tuple(name for name in (m.given, m.outcome) if name)
        terms = {"k_1": f"{at}.part.1", "n_1": f"{at}.n.1", "k_0": f"{at}.part.0", "n_0": f"{at}.n.0"}
        ends = (f"{at}.change.low", f"{at}.change.high")
        yield Recipe("moved", "k_1 / n_1 - k_0 / n_0", terms, f"{at}.change.value", ends, "shift", names)
        if m.within is not None:
            ends = (f"{at}.within.low", f"{at}.within.high")
            made = ends if m.within.low is not None else None
            what = "mean over strata of r_1 - r_0"
            yield Recipe("moved_within", what, {}, f"{at}.within.value", made, "shift" if made else "", names)


KINDS: Mapping[type[Finding], KindEvidence] = {
    Population: KindEvidence(_population, ("minimum_units", "minimum_groups")),
    Gaps: KindEvidence(_gaps, ("minimum_units",)),
    Coarse: KindEvidence(_coarse),
    Activity: KindEvidence(_activity),
    Agreement: KindEvidence(_agreement),
    Diagonal: KindEvidence(_diagonal, ("minimum_units",)),
    Crossings: KindEvidence(_crossings, ("listed", "minimum_units")),
    Dominance: KindEvidence(_dominance, ("dominant",)),
    Bridge: KindEvidence(_bridge, ("high", "minimum_units")),
    Composition: KindEvidence(_composition, ("surprising", "expected")),
    Asymmetry: KindEvidence(_asymmetry),
    Direction: KindEvidence(_direction, ("rests", "minimum_units")),
    Isolation: KindEvidence(_isolation, ("isolated", "minimum_units")),
    Together: KindEvidence(_blocks, ("recurring", "minimum_units")),
    Concentration: KindEvidence(_concentration, ("concentrated",)),
    Surprises: KindEvidence(_surprises, ("expected", "fdr")),
    Spread: KindEvidence(_spread, ("expected",)),
    Sensitivity: KindEvidence(_sensitivity),
    Choices: KindEvidence(_choices),
    Dependence: KindEvidence(_dependence),
    Levels: KindEvidence(_levels, ("high", "moderate", "low")),
    Contrast: KindEvidence(_contrast),
    Cluster: KindEvidence(_cluster, ("moderate", "high")),
    Apart: KindEvidence(_apart, ("low",)),
    Sizes: KindEvidence(_sizes),
    Trend: KindEvidence(_trend, ("moved", "mix", "undated", "fdr", "minimum_units")),
}
"""Every kind of finding, one line each."""
