"""The states of nothing: which cells are measured, and why the others are not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..cells import MeasureInfo
from .intervals import effective_groups
from .moments import GIVEN, OUTCOME, Moments
from .settings import InferenceSettings


def states(
    moments: Moments, info: MeasureInfo, n_given: NDArray[np.float64], settings: InferenceSettings, *, masked: bool
) -> NDArray[np.str_]:
    """Return the state (R, C) of each cell; see `diptych.cells.State`.

    `n_given` (R,) are unweighted units with the given category: weights make no more units than there are.
    With groups a row also needs `minimum_groups` effective groups.
    """
    totals = moments.totals
    units = np.broadcast_to(n_given[:, None], totals[GIVEN].shape)
    few = units < settings.minimum_units
    if not moments.independent:
        few = few | (effective_groups(info, moments) < settings.minimum_groups)
    state = np.where(few, "few", "measured")
    state = np.where(totals[OUTCOME] == 0, "no_outcome", state)
    state = np.where(totals[GIVEN] == 0, "no_given", state)
    if masked:
        np.fill_diagonal(state, "masked")
    return state
