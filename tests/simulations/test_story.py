"""The first sentence of reports of simulated worlds, and the order of what is told, of replications of each.

`pytest -rP` prints how many of them say so.
"""

from __future__ import annotations

import sys

import pytest

from diptych.findings.story import Story
from tests.draws import NIGHTLY, draws
from tests.simulations import catalogue
from tests.simulations.statements import sentences, told

pytestmark = pytest.mark.nightly
REPLICATIONS = draws(5, 100)
NOTHING = ("clearly differs from chance", "no more than expected", "no clear difference from chance", "too little data")
"""What a first sentence says of a world with nothing in it."""


def first_sentence(written):
    return next(iter(sentences(written)["abstract"])).text.replace("\N{NO-BREAK SPACE}", " ")


NULL = [
    world.name
    for world in catalogue.NOTHING
    if not any(word in world.name for word in ("diagonal", "idle", "stay", "large"))  # where categories do agree
    and (NIGHTLY or "30 categories" not in world.name)  # ten times as long as another: by day nine are enough
]
MORE = {
    "only sizes, 2 categories": draws(20, 500),
    "a shared key, strata of activity": draws(20, 100),
    "two strata, 300 records": draws(20, 200),
}
"""Replications of worlds whose few pairs are told by chance at about the level of one test, so that fewer tell little."""


@pytest.mark.parametrize("name", NULL if NIGHTLY else NULL[::2])
def test_where_nothing_departs_the_first_sentence_says_so(name):
    world, n = catalogue.WORLDS[name], MORE.get(name, REPLICATIONS)
    texts = [first_sentence(told(world.draw(r))) for r in range(n)]
    other = [text for text in texts if not any(words in text for words in NOTHING)]
    sys.stdout.write(f"{name}: {n - len(other)} of {n} begin with that nothing departs\n")
    assert len(other) <= draws(n / 8, 0.05 * n), other


@pytest.mark.parametrize("name", [world.name for world in catalogue.UNTOLD])
def test_where_only_activity_makes_pairs_meet_the_first_sentence_says_so(name):
    world = catalogue.WORLDS[name]
    texts = [first_sentence(told(world.draw(r))) for r in range(REPLICATIONS)]
    n = sum("alone makes any two categories occur together" in text for text in texts)
    sys.stdout.write(f"{name}: {n} of {REPLICATIONS} begin with how many labels make any two meet\n")
    assert n >= 0.95 * REPLICATIONS


@pytest.mark.parametrize("name", ["40 unequal groups, one contrast", "138 groups, 134 with one contrast"])
def test_a_contrast_of_unequal_groups_is_the_first_sentence(name):
    world, found = catalogue.WORLDS[name], 0
    n = draws(8, 100)
    for replication in range(n):
        story = next((f for f in told(world.draw(replication)).part.findings if isinstance(f, Story)), None)
        first = [] if story is None or story.null else story.points[0].pairs[:1]
        found += [(pair.row, pair.column) for pair in first] == [world.planted[0].about]
    sys.stdout.write(f"{name}: {found} of {n} begin with the contrast\n")
    assert found >= draws(6, 90)


@pytest.mark.parametrize("name", [name for name in catalogue.WORLDS if name.startswith("opposite strata")])
def test_strata_of_opposite_sign_are_the_first_sentence(name):
    n = draws(5, 100)
    ids = [next(iter(sentences(told(catalogue.WORLDS[name].draw(r)))["abstract"])).id for r in range(n)]
    assert sum(one == "heterogeneity.left.opposite" for one in ids) >= 0.9 * n


def test_three_planted_pairs_are_told_first_the_strongest_first():
    world = catalogue.WORLDS["three pairs"]
    planted = [said.about for said in world.planted]
    found = 0
    for replication in range(REPLICATIONS):
        (story,) = (f for f in told(world.draw(replication)).part.findings if isinstance(f, Story))
        firsts = [(p.pairs[0].row, p.pairs[0].column) for p in story.points[:3] if p.pairs]
        found += firsts == planted
    sys.stdout.write(f"three pairs: {found} of {REPLICATIONS} begin with these, the strongest first\n")
    assert found >= 0.95 * REPLICATIONS
