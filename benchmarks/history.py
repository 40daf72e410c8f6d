"""Seconds for the section History with 500 snapshots of the default example.

    python -m benchmarks.history

The snapshots are copies of the example's snapshot, a week apart, with different counts. The benchmark measures how long
it takes to find the series and the changes, and to draw the charts for page and print.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.taking import taking
from diptych.config.loading import LoadedConfig, load_text
from diptych.contrib.history.codec import body_text, pack_with, packed
from diptych.contrib.history.folder import Entry
from diptych.contrib.history.past import earlier, series_of
from diptych.contrib.history.snapshot import Snapshot
from diptych.figures.drawing import Drawer
from diptych.panels import tables_of
from diptych.pipeline.counting import CountedSources, count_all, with_series
from diptych.pipeline.parts import build_panels, write_parts
from diptych.pipeline.pictures import draw_histories, draw_pages
from diptych.pipeline.results import work_out

BUDGET_SECONDS = 5.0
N_SNAPSHOTS = 500
CONFIG = Path(__file__).parents[1] / "config.yaml"
_BODIES = 20
_FIRST = dt.date(2016, 1, 4)


@contextmanager
def _clock(what: str, spent: dict[str, float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    spent[what] = time.perf_counter() - began


def write_history(folder: Path, snapshot: Snapshot, n: int) -> Entry:
    """Write `n` snapshots into a folder and return the next one."""
    rng = np.random.default_rng(1)
    bodies = []
    for _ in range(_BODIES):
        relations = []
        for kept in snapshot.body.relations:
            units = rng.binomial(kept.tables.incidence.units, 0.9)
            weight = units.astype(np.float64)
            counted = replace(kept.tables.incidence, units=units, weight=weight, weight_squared=weight)
            relations.append(replace(kept, tables=tables_of(counted)))
        bodies.append(packed(body_text(replace(snapshot.body, relations=tuple(relations)))))
    for place in range(n):
        entry = Entry(_FIRST + dt.timedelta(weeks=place), 1, f"{place:012x}")
        head = replace(snapshot.head, date=entry.date)
        (folder / entry.name).write_bytes(pack_with(head, bodies[place % _BODIES]))
    return Entry(_FIRST + dt.timedelta(weeks=n), 1, "f" * 12)


def measured(loaded: LoadedConfig, counted: CountedSources, folder: Path, own: Entry) -> dict[str, float]:
    """Return the seconds of each step."""
    spent: dict[str, float] = {}
    panels = build_panels(loaded.config, counted)
    results = work_out(loaded.config, counted, panels)
    plain = write_parts(loaded, counted, panels, results)
    with Drawer() as drawer:
        for drawing in draw_pages(loaded, panels, drawer):  # a build draws its figure anyway, which warms the drawer up
            drawing.svg.result()
        with _clock("series", spent):
            known = with_series(counted, series_of(loaded, counted, earlier(folder, own)))
        with _clock("findings with the series", spent):
            written = write_parts(loaded, known, panels, results)
        with _clock("drawings", spent):
            histories = draw_histories(loaded, known, written, drawer)
            for drawing in histories.drawings:
                drawing.drawn()
            for sheet in histories.sheets:
                sheet.svg.result()
    if len(plain[0].part.findings) == len(written[0].part.findings):
        raise AssertionError("no series was found")
    return spent


def main() -> int:
    """Print the seconds of each step, and return 1 if they are over the budget."""
    loaded = load_text(f"{CONFIG.read_text('utf-8')}\nsnapshots: {{}}\n", CONFIG)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        counted = count_all(loaded)
        own = write_history(folder, taking(loaded, counted), N_SNAPSHOTS)
        spent = measured(loaded, counted, folder, own)
    for what, seconds in spent.items():
        print(f"{what}: {seconds:.2f} s")
    whole = sum(spent.values())
    print(f"History of {N_SNAPSHOTS} snapshots: {whole:.2f} s, budget {BUDGET_SECONDS:.0f} s")
    return int(whole > BUDGET_SECONDS)


if __name__ == "__main__":
    raise SystemExit(main())
