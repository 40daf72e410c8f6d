"""Every sentence of the first page of simulated worlds, over replications of each, against the raw table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.draws import NIGHTLY, draws
from tests.examples.plain import read
from tests.prose.meaning import Reader
from tests.prose.pages import Case, of_files, page
from tests.prose.raw import of_table
from tests.prose.wholes import wholes
from tests.public.projects import Axis, Project
from tests.simulations import catalogue
from tests.simulations.shared import Shared

pytestmark = pytest.mark.long
REPLICATIONS = draws(1, 3)
BY_DAY = (
    "unrelated, 300 records",
    "only sizes and a diagonal, 9 categories",
    "stay or move, 9 categories",
    "two large categories",
    "near-copies in 400 very unequal groups",
    "strata of 3 groups",
    "agreement by strata alone",
    "idle strata of 2 groups",
    "the shadow of a diagonal, 1000 records",
    "activity, strata of activity",
    "a shared key, no strata",
    "one direction",
    "two blocks",
)
"""Of each family of worlds the one whose first page says most; every night all of them."""
BY_CHANCE = ("is supported in these data.", "The sizes of the categories do not account for it.")
"""How a test ends that finds what is not there in some worlds (docs/simulations.md says how many): one is let pass."""


def drawn(name, replication, folder):
    """Return the first page of a replication of a world, through files."""
    records = catalogue.WORLDS[name].draw(replication)
    if isinstance(records, Shared):
        return of_files(records.files(), folder)
    for file, content in records.files().items():
        (folder / file).write_text(content, encoding="utf-8")
    project = Project(
        "record",
        Axis("rows", "Row", separator=";"),
        Axis("columns", "Column", separator=";"),
        group=() if records.group is None else ("team",),
        strata=() if records.activity else records.stratum_names,
        same=records.same,
    )
    names = (list(records.names("rows")), list(records.names("columns")))
    raw = of_table(project, read(folder / "records.csv"), names)
    if records.activity:
        levels = np.array(records.levels())[raw.units.index]
        raw = replace(raw, strata=("activity",), units=raw.units.assign(stratum=levels))
    return Case(page(wholes(folder / "config.yaml")[0]), lambda: Reader(raw), raw)


@pytest.mark.parametrize("name", catalogue.WORLDS if NIGHTLY else BY_DAY)
def test_every_sentence_of_simulated_worlds_is_so(name, tmp_path_factory):
    wrong = {r: drawn(name, r, tmp_path_factory.mktemp("world")).read() for r in range(REPLICATIONS)}
    alarms = sum(text.endswith(BY_CHANCE) for found in wrong.values() for _, text in found)
    others = {r: [one for one in found if not one[1].endswith(BY_CHANCE)] for r, found in wrong.items()}
    assert {r: found for r, found in others.items() if found} == {}
    assert alarms <= 1
