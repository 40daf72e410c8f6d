"""What findings about statements counted otherwise mean: under other choices, and without what carries most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from diptych.findings.gradient import Gradient
from diptych.findings.robustness import AlternativeAnalyses, LeaveOneOut
from diptych.findings.statements import Headline
from diptych.pseudonyms import is_pseudonym
from tests.findings.meaning import agreement, gradients, pairs, sizes, strata
from tests.findings.meaning.record import UNKNOWN, Meaning, Near, Such
from tests.findings.meaning.table import Table
from tests.findings.meaning.world import Meanings, World
from tests.thresholds import THRESHOLDS

CHOICES = ("unit", "minimum_units", "replaces", "preset")
NOTHING = object()
"""An answer that no table gives here."""


def answer(world: World, t: Table, headline: Headline, *, outcome: str = "") -> object:  # noqa: PLR0911 - one for each kind of statement
    """Return the number of a statement by a table; None where it has none, NOTHING where this is not worked out.

    `outcome`: where a category leads its row, the one that is said to.
    """
    about, names = headline.question.about, headline.question.categories
    if about == "agreement":
        whole = float(t.weight[t.both].sum())
        return float(t.weight[t.equal].sum()) / whole if whole else None
    if about in ("largest", "largest_row"):
        side = 1 if about == "largest" else 0
        return float(t.sizes[side][t.names[side].index(names[0])]) / t.n if t.n else None
    if about == "bridge":
        crossing = agreement.between(t)
        return float(2 * crossing[t.names[0].index(names[0])].sum() / crossing.sum()) if crossing.any() else None
    if about == "isolation":
        return agreement.alone(t, names[0])[0]
    if about == "direction":
        at = t.place(*names)
        return float(t.joint[at] - t.joint[at[::-1]])
    if about == "gradient":
        ids = (f for f in world.part.found(Gradient) if f.id == headline.question.finding)
        return gradients.coefficient(world, next(ids), t)
    if about == "within":
        i, j = t.place(names[0], names[0])
        alike, crossed = world.odds_sums(i, j, t)
        return alike / crossed if min(alike, crossed) > 1e-9 else NOTHING
    return _of_cell(world, t, headline, outcome)


def _of_cell(world: World, t: Table, headline: Headline, outcome: str) -> object:
    about, names = headline.question.about, headline.question.categories
    panel = world.part.panels[0]
    given = names[0]
    other = (outcome or headline.answer.word) if about == "leads" else names[-1]
    own = 1 if t.is_turned(panel) else 0
    if about == "leads" and other == "none":  # several cells share the largest value
        row, n = np.take(t.joint, t.names[own].index(given), axis=own), float(t.sizes[own][t.names[own].index(given)])
        return float(row.max()) / n if n and (row == row.max()).sum() > 1 else None
    i, j = t.place(*t.pair_of(panel, given, other))
    if about in ("leads", "share"):
        n = float(t.sizes[own][(i, j)[own]])
        return float(t.joint[i, j]) / n if n else None
    basis = pairs.basis_of(t)
    if basis == "crossing":
        due = pairs.quasi_independent(t.joint, i, j) if not t.is_stratified else 0.0
    else:
        due = float(t.within[i, j] if basis == "strata" else t.over_all[i, j])
    return float(t.joint[i, j]) / due if due else NOTHING


def is_answer(said: float | None, known: object) -> bool:
    if known is NOTHING or known is None or said is None:
        return True
    return math.isclose(said, known, rel_tol=1e-3, abs_tol=1e-6)


def _word(world: World, headline: Headline) -> object:  # noqa: PLR0911 - one for each kind of statement
    """Return the word that a statement's number, or its category, gives."""
    about, value = headline.question.about, headline.answer.value
    thresholds, names = THRESHOLDS, headline.question.categories
    if about == "agreement":
        tiers = (("high", thresholds.high), ("moderate", thresholds.moderate), ("low", thresholds.low))
        return next((word for word, least in tiers if value >= least), "very low")
    if about == "share":
        return "listed" if value >= thresholds.min_share else "below"
    if about in ("largest", "largest_row", "bridge"):
        return names[0]
    if about == "isolation":
        return "apart"
    if about == "within":
        return "lasting"
    if about == "surprise":
        return Such("the side of 1", lambda word: word == ("above" if value > 1 else "below"))
    if about == "gradient":
        return "rises" if value > 0 else "falls"
    if about == "direction":
        return Such("its verdict", lambda word: word in ("supported", "not supported"))
    return UNKNOWN


def _words(world: World, headline: Headline) -> set[str]:
    """Return the words that any number of such a statement can have."""
    names = {*world.table.names[0], *world.table.names[1]}
    known = {
        "agreement": {"high", "moderate", "low", "very low"},
        "share": {"listed", "below"},
        "isolation": {"apart", "not"},
        "within": {"lasting", "faded", "unsure"},
        "surprise": {"above", "below", "neither"},
        "direction": {"supported", "not supported"},
        "gradient": {"rises", "falls", "neither"},
    }
    return known.get(headline.question.about, {*names, "none", "single"})


def _headline(world: World, headline: Headline) -> Meaning:
    ids = {f.id for f in world.part.findings if not f.null}
    known = answer(world, world.table, headline)
    return {
        "question": Such("about a finding", lambda q: q.finding in ids),
        "answer": {
            "value": UNKNOWN if known is NOTHING or known is None else Near(known, rel=1e-3),
            "word": _word(world, headline),
            "partner": None,
        },
    }


def _outcome(world: World, headline: Headline, tables: Iterable[Table], outcome) -> Meaning:
    """Return what becomes of a statement: its number is that of one of some tables, and it stays where its word does."""
    words = {"leads": outcome.word or ""}.get(headline.question.about, "")
    tables = list(tables)
    known = [answer(world, t, headline, outcome=words) for t in tables]
    kept = headline.question.about == "agreement" or (outcome.stays == "stays") == (
        outcome.word == headline.answer.word
    )
    return {
        "value": Such(
            f"one of {known}",
            lambda x: x is None or (_is_possible(headline, x) and (not known or any(is_answer(x, a) for a in known))),
        ),
        "partner": _partner(headline, tables, outcome),
        "word": Such(
            "a word for such a statement, where there is a number",
            lambda word: (
                (word is None) == (outcome.value is None) and (word is None or word in _words(world, headline))
            ),
        ),
        "stays": Such(
            "whether the word stays",
            lambda stays: (
                stays in ("gone", "unasked") if outcome.value is None else kept and stays in ("stays", "changes")
            ),
        ),
    }


def _partner(headline: Headline, tables: Sequence[Table], outcome) -> object:
    """Return the one category that is left of a bridge's partners, with its share of the crossings."""
    if outcome.word != "single":
        return None

    def is_one(partner) -> bool:
        for t in tables:
            own = agreement.between(t)[t.names[0].index(headline.question.categories[0])]
            if (t.names[0][int(own.argmax())], own.max(), own.sum()) == (partner.category, partner.n, partner.n_all):
                return True
        return not tables

    return Such("the partner with the most crossings, and how many", is_one)


def _is_possible(headline: Headline, x: float) -> bool:
    """Return whether a statement can have a number: shares are at most 1, ratios are not below 0."""
    about = headline.question.about
    return about in ("direction", "gradient") or 0 <= x <= (math.inf if about in ("within", "surprise") else 1 + 1e-9)


# Under other choices.


def choices(world: World, found: Sequence[AlternativeAnalyses]) -> Meanings:
    if not found:
        others = sizes.other_units(world)
        told = any(isinstance(f, LeaveOneOut) and f.rests for f in world.part.findings)
        assert not (others and told), "other units are a choice"
        return {}
    (f,) = found
    tables = [_table_of(world, choice) for choice in f.choices]
    changing = [tried for tried in f.tried if _fate(tried.outcomes) == "changes"]
    fates = [_fate(tried.outcomes) for tried in f.tried]
    return {
        "choices": {
            "cells": UNKNOWN,
            "null": False,
            "choices": [_choice(world, choice, t) for choice, t in zip(f.choices, tables, strict=True)],
            "tried": [
                {
                    "headline": _headline(world, tried.headline),
                    "outcomes": [
                        _outcome(world, tried.headline, [] if t is None else [t], one)
                        for t, one in zip(tables, tried.outcomes, strict=True)
                    ],
                    "fate": _fate(tried.outcomes),
                }
                for tried in f.tried
            ],
            "changing": Such("those that change", lambda told: list(told) == changing),
            "n_staying": fates.count("stays"),
            "n_partly": fates.count("partly"),
            "n_unasked": fates.count("unasked"),
        }
    }


def _fate(outcomes: Sequence) -> str:
    found = {one.stays for one in outcomes}
    if "changes" in found:
        return "changes"
    return "unasked" if "stays" not in found else "stays" if found == {"stays"} else "partly"


def _table_of(world: World, choice) -> Table | None:
    """Return the table of another unit; None for a choice that no raw table here has."""
    others = {sizes.named(world)[role]: sets for role, sets in sizes.other_units(world).items()}
    if choice.by == "unit" and choice.name in others:
        rows, columns = others[choice.name]
        columns_ = {"rows": rows.to_numpy(), "columns": columns.to_numpy()}
        units = pd.DataFrame(columns_).assign(weight=1.0, stratum="", group="")
        return world.of(replace(world.raw, units=units, strata=(), plain=False))
    return None


def _choice(world: World, choice, t: Table | None) -> Meaning:
    known = t.n if t is not None else world.table.n if choice.by == "minimum_units" else UNKNOWN
    return {
        "by": Such("a kind of choice", lambda by: by in CHOICES and (by != "unit" or t is not None)),
        "name": UNKNOWN if choice.by != "minimum_units" else f"{2 * world.part.inference.minimum_units:,}",
        "n_units": known,
        "several": False if choice.by in ("unit", "minimum_units") else UNKNOWN,
    }


# Without what carries most.


def dependence(world: World, found: Sequence[LeaveOneOut]) -> Meanings:
    if not found:
        return {}
    (f,) = found
    decisive = {line.headline.question.id: _decisive(line.omissions) for line in f.rests}

    def of(stays: str) -> list:
        return [r for r in f.rests if (o := decisive[r.headline.question.id]) is not None and o.outcome.stays == stays]

    asked = [r for r in f.rests if r.omissions]
    resting = [r for r in f.rests if decisive[r.headline.question.id] is not None]
    unsteady = sorted((r for r in f.rests if (r.fails or 0) > f.fragile), key=lambda r: -r.fails)
    return {
        "dependence": {
            "cells": UNKNOWN,
            "null": False,
            "rests": [_rests(world, line, f) for line in f.rests],
            "n_resamples": Such("a number of resamples", lambda n: n > 0),
            "fragile": THRESHOLDS.fragile,
            "carried": THRESHOLDS.influential,
            "asked": _those(asked),
            "changing": _those(of("changes")),
            "gone": _those(of("gone")),
            "resting": _those(resting),
            "unsteady": _those(unsteady),
            "n_staying": len(asked) - len(resting),
            "n_drawn": sum(r.fails is not None for r in f.rests),
        }
    }


def _those(lines: list) -> Such:
    return Such(f"{[one.headline.question.id for one in lines]}", lambda told: list(told) == lines)


def _decisive(omissions: Sequence):
    """Return the first omission that changes a statement, else the first that leaves nothing to say."""
    for fate in ("changes", "gone"):
        for one in omissions:
            if one.outcome.stays == fate:
                return one
    return None


def _rests(world: World, line, f: LeaveOneOut) -> Meaning:
    return {
        "headline": _headline(world, line.headline),
        "omissions": [_omission(world, line.headline, one) for one in line.omissions],
        "fails": Such(
            "a share",
            lambda x: (
                x is None
                or (
                    (0 <= x <= 1 and math.isclose(x * f.n_resamples % 1, 0, abs_tol=1e-6))
                    or math.isclose(x * f.n_resamples % 1, 1, abs_tol=1e-6)
                )
            ),
        ),
        "decisive": _decisive(line.omissions),
    }


def _omission(world: World, headline: Headline, one) -> Meaning:
    """Return what is left of a statement without what has a name: by some way to leave that out."""
    cells = {
        world.table.place(*world.table.pair_of(panel, ref.given, ref.outcome))
        for panel in world.panels
        for ref in headline.question.cells
        if ref.panel == panel.id
    }

    def n_in(t: Table) -> float:
        return math.fsum(float(t.joint[at]) for at in cells)

    whole = n_in(world.table)
    # A pseudonym may be that of any group.
    groups = world.raw.units["group"].unique() if is_pseudonym(one.name) else [one.name]
    lefts = [world.of(raw) for name in groups for raw in world.raw.without(name)]
    fitting = [t for t in lefts if math.isclose(whole - n_in(t), one.n_held, abs_tol=1e-6)]
    outcome = dict(_outcome(world, headline, fitting, one.outcome))
    if one.outcome.stays == "gone" and fitting:
        outcome["stays"] = Such(
            "gone only where too little is left", lambda _: any(_is_too_little(world, t, headline) for t in fitting)
        )
    if headline.question.about == "surprise" and one.outcome.word == "neither" and fitting:
        outcome["word"] = Such(
            "neither only where it does not depart by far",
            lambda _: any(_may_be_chance(world, t, headline) for t in fitting),
        )
    return {
        "by": Such("an item, a label, a stratum or a group", lambda by: by in ("item", "label", "stratum", "group")),
        "side": Such("of items and labels alone", lambda side: (side is None) == (one.by in ("stratum", "group"))),
        # Not every raw table here tells what to leave out: labels of records, and items over a shared key.
        "name": Such("something without which these units are not there", lambda _: bool(fitting))
        if lefts or one.by in ("stratum", "group")
        else UNKNOWN,
        "n_held": Such(
            "the units that are not there without it",
            lambda n: any(math.isclose(whole - n_in(t), n, abs_tol=1e-6) for t in lefts),
        )
        if lefts
        else Such("no more than there are", lambda n: 0 <= n <= whole),
        "n_cells": whole,
        "outcome": outcome,
        "change": Such("the same", lambda c: (c.by, c.side, c.name) == (one.by, one.side, one.name)),
    }


def _is_too_little(world: World, t: Table, headline: Headline) -> bool:
    """Return whether too few units or groups have a category of a statement, or little would be expected of it."""
    names, about = headline.question.categories, headline.question.about
    if about in ("agreement", "gradient") or not names or not t.n:
        return True
    panel = world.part.panels[0]
    if about == "largest_row":
        return not t.n
    pair = names if len(names) == 2 else (names[0], names[0])
    if about == "largest":
        return not t.n
    row, column = t.pair_of(panel, *pair) if about in ("share", "surprise") else pair
    if about == "leads":
        own = 1 if t.is_turned(panel) else 0
        at = t.names[own].index(names[0])
        highest = t.joint.take(at, axis=own).argmax()
        uncertain = t.may_be_uncertain(panel, *((highest, at) if own else (at, highest)))
        return uncertain or not t.is_enough(own, *world.minimum)[at]
    i, j = t.place(row, column)
    if about == "share" and t.may_be_uncertain(panel, i, j):
        return True
    few = not (t.is_enough(0, *world.minimum)[i] and t.is_enough(1, *world.minimum)[j])
    # No single level could show both more and less; of groups that is not worked out.
    untestable = about == "within" and (not t.is_plain or not strata.OverStrata.of(t, i, j).informative)
    return (
        few
        or untestable
        or t.telling(i, j) == 0
        or t.n * np.prod([t.units[k][at] / len(t.weight) for k, at in enumerate((i, j))]) < 5
    )


def _may_be_chance(world: World, t: Table, headline: Headline) -> bool:
    """Return whether a pair does not depart by far, were units independent; with groups and strata nobody knows so."""
    i, j = t.place(*t.pair_of(world.part.panels[0], *headline.question.categories))
    if not t.is_plain or t.is_stratified or pairs.basis_of(t) == "crossing":
        return True
    return abs(pairs.z(t, i, j)) < 4
