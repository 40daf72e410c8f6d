"""How many categories units have, and whether the two axes can agree: what numbers about whole tables need."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..cells import Refusal
from ..formats import count
from ..incidence import Incidence


def labelled_on_both(incidence: Incidence) -> NDArray[np.bool_]:
    """Return which patterns (p,) have a category on both sides."""
    return np.logical_and(incidence.row_sets.any(axis=1), incidence.column_sets.any(axis=1))


def n_several(incidence: Incidence) -> int:
    """Return how many units have both sides labelled and several categories on at least one of them."""
    several = (incidence.row_sets.sum(axis=1) > 1) | (incidence.column_sets.sum(axis=1) > 1)
    return int(incidence.units[several & labelled_on_both(incidence)].sum())


def same_taxonomy(incidence: Incidence) -> bool:
    """Whether both axes carry the same categories of one taxonomy."""
    rows, columns = incidence.rows, incidence.columns
    return (rows.taxonomy, rows.categories) == (columns.taxonomy, columns.categories)


def refuse_diagonal(incidence: Incidence) -> Refusal | None:
    """Return why nothing may be said of equal categories meeting, or None."""
    if not same_taxonomy(incidence):
        return Refusal("the two axes carry different categories")
    if incidence.trivial_diagonal:
        return Refusal("both axes are the same items, so equal categories meet by construction")
    return None


def refuse_several(incidence: Incidence) -> Refusal | None:
    """Return why joint counts are no table of units, each in one cell, or None.

    Fractional counting spreads one unit over its cells with parts that add up to one, so the counts are such
    a table whatever the number of categories.
    """
    several = 0 if incidence.fractional else n_several(incidence)
    if not several:
        return None
    if several == 1:
        return Refusal("one unit has several categories and would count several times")
    return Refusal(f"{count(several)} units have several categories and would count several times")
