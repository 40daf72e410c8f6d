"""Whole reports of worlds without association, or with rows that depend on each other, state no difference."""

import numpy as np
import pandas as pd
import pytest

from diptych.pipeline.parts import draft
from tests.draws import draws
from tests.simulations import worlds

pytestmark = pytest.mark.nightly
RUNS = draws(2, 200)

CONFIG = """version: 1
report: {title: Simulated, subtitle: "Simulated data: nobody was asked and nothing was measured."}
relations:
  simulated:
    records:
      source: table.csv
      rows: {column: x}
      columns: {column: y}
"""


def letters(letter, numbers):
    return [f"{letter}{k}" for k in numbers]


def mixed(rng, n, own):
    """Return categories (n,) on two sides that units of one place share more than others do."""
    mixes = [rng.dirichlet([2.0] * 3, own.max() + 1)[own] for _ in "xy"]
    return ((rng.random(n)[:, None] > np.cumsum(mix, axis=1)[:, :-1]).sum(axis=1) for mix in mixes)


def sites(rng):
    """Return counts from 30 places, each with a mix of its own on either side."""
    place = np.repeat(np.arange(30), rng.integers(20, 200, 30))
    x, y = mixed(rng, len(place), place)
    frame = pd.DataFrame({"x": letters("a", x), "y": letters("b", y), "site": letters("s", place)})
    counts = frame.value_counts().rename("n").reset_index()
    return counts, CONFIG + "      count: n\n"


def waves(rng):
    """Return 200 people who are asked eight times and mostly answer as before."""
    person = np.repeat(np.arange(200), 8)
    x, y = (np.where(rng.random(1600) < 0.9, rng.integers(0, 3, 200)[person], rng.integers(0, 3, 1600)) for _ in "xy")
    return pd.DataFrame({"x": letters("a", x), "y": letters("b", y), "respondent_id": person}), CONFIG


def copies(rng):
    """Return 200 people, each of whom is in the table five times."""
    x, y, age = rng.integers(0, 3, 200), rng.integers(0, 3, 200), rng.integers(18, 90, 200)
    frame = pd.DataFrame({"x": letters("a", x), "y": letters("b", y), "age": age})
    return frame.loc[np.repeat(np.arange(200), 5)], CONFIG


def refusal(rng):
    """Return answers to two questions; those with a0 and b0 often give only the first."""
    x, y = rng.integers(0, 4, 3000), rng.integers(0, 3, 3000)
    answers = rng.random(3000) < np.where((x == 0) & (y == 0), 0.5, 0.94)
    return pd.DataFrame({"x": letters("a", x), "y": np.where(answers, letters("b", y), "")}), CONFIG


def large(rng):
    """Return counts of five million people in categories whose shares differ by less than a point."""
    shares = np.clip(0.25 * (1 + 0.01 * rng.standard_normal((4, 4))), 0, 1)
    n = rng.multinomial(5_000_000, (shares / shares.sum()).ravel())
    frame = pd.DataFrame({"x": letters("a", np.repeat(range(4), 4)), "y": letters("b", [*range(4)] * 4), "n": n})
    return frame, CONFIG + "      count: n\n"


def drawn(make):
    def files(seed):
        frame, config = make(np.random.default_rng([63, seed]))
        return {"table.csv": frame.to_csv(index=False), "config.yaml": config}

    return files


WORLDS = {
    "likes": lambda seed: worlds.draw_likes(seed).files(activity=True),
    "trained": lambda seed: worlds.draw_trained(seed).files(),
    "answers": lambda seed: worlds.draw_answers(seed).files(strata=True),
    **{make.__name__: drawn(make) for make in (sites, waves, copies, refusal, large)},
}


def leads(world, runs, folder):
    """Yield the forms of the title of reports on a world."""
    for seed in range(runs):
        for name, text in WORLDS[world](seed).items():
            (folder / name).write_text(text, encoding="utf-8")
        yield from (part.told.lead.form for part in draft(folder / "config.yaml").parts)


@pytest.mark.parametrize("world", WORLDS)
def test_hardly_any_report_of_a_world_without_association_tells_anything(world, tmp_path):
    found = [*leads(world, RUNS, tmp_path)]
    assert len(found) == RUNS
    assert sum(form != "no_link" for form in found) <= 0.07 * RUNS + 2 * np.sqrt(0.07 * 0.93 * RUNS)
