"""The order of statements is that of what each adds, by brute force: of worlds; `test_meaning` asks it of all reports."""

from __future__ import annotations

import contextlib
import io
from dataclasses import replace

import pandas as pd
import pytest

from diptych.errors import DataError
from tests.draws import NIGHTLY, draws
from tests.examples.plain import read
from tests.prose import generated
from tests.prose.order import check
from tests.prose.raw import Raw, of_project, of_table
from tests.prose.wholes import Whole, wholes
from tests.public.projects import Axis, Project, config
from tests.simulations import catalogue
from tests.simulations.statements import told

pytestmark = pytest.mark.long
MOST_TOLD = (2, 7, 8, 13)
"""Of the first generated worlds those of which something is told; of most there is nothing to put in order."""


def held(parts: tuple[Whole, ...], *raws: Raw) -> int:
    """Hold the stories of a report, one for each raw table, to brute force; return how many statements they have."""
    return sum(check(whole.written, whole.tables, raw) for whole, raw in zip(parts, raws, strict=True))


@pytest.mark.parametrize("name", [name for name in catalogue.WORLDS if "shared key" not in name][:: draws(4, 1)])
def test_of_simulated_worlds(name):
    for replication in range(draws(1, 10)):
        records = catalogue.WORLDS[name].draw(replication)
        table = pd.read_csv(io.StringIO(records.files()["records.csv"]), dtype=str, keep_default_na=False)
        axes = Axis("rows", "Row", separator=";"), Axis("columns", "Column", separator=";")
        group = () if records.group is None else ("team",)
        strata = () if records.activity else records.stratum_names
        raw = of_table(
            Project("record", *axes, group=group, strata=strata, same=records.same),
            table,
            (list(records.names("rows")), list(records.names("columns"))),
        )
        if records.activity:
            levels = [records.levels()[k] for k in raw.units.index]
            raw = replace(raw, strata=("activity",), units=raw.units.assign(stratum=levels))
        check(told(records, robustness=False), records.numbers().tables, raw)


def test_of_generated_worlds(tmp_path):
    n, seeds = 0, range(400) if NIGHTLY else MOST_TOLD
    for seed in seeds:
        project, table, names = generated.records(seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        table.to_csv(folder / "world.csv", index=False)
        path = folder / "config.yaml"
        path.write_text(config("world", project, names), encoding="utf-8")
        with contextlib.suppress(DataError):  # no unit has a category of one side
            n += held(wholes(path), of_table(project, read(folder / "world.csv"), names))
    assert n > len(seeds) / 2


@pytest.mark.parametrize("name", ["ames", "credit", "diamonds", "flights"])
def test_another_order_is_noticed(name, public):
    """The check can say no: of the first two statements turned round, of one left out, and of another number."""
    (whole,), raw = public(name), of_project(name)
    (story,) = (f for f in whole.written.part.findings if f.kind == "story")
    first, second, *rest = story.points
    for points in ((second, first, *rest), (second, *rest), (replace(first, adds=1.01 * first.adds), second, *rest)):
        others = (replace(story, points=points) if f is story else f for f in whole.written.part.findings)
        part = replace(whole.written.part, findings=tuple(others))
        with pytest.raises(AssertionError):
            check(replace(whole.written, part=part), whole.tables, raw)
