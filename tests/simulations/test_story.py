"""The first sentence of reports of simulated worlds, and the order of what is told, of replications of each.

`pytest -rP` prints how many of them say so.
"""

from __future__ import annotations

import sys

import pytest

from diptych.findings.story import Story
from tests.draws import draws
from tests.simulations import catalogue
from tests.simulations.statements import sentences, told

pytestmark = pytest.mark.long
REPLICATIONS = draws(20, 100)
NOTHING = ("departs from chance", "no more than chance", "may be chance", "too little here")
"""What a first sentence says of a world with nothing in it."""


def first_sentence(written):
    return next(iter(sentences(written)["abstract"])).text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    "name",
    [
        "unrelated, 60 records",
        "unrelated, 300 records",
        "only sizes, 5 categories",
        "near-copies in 200 groups",
        "near-copies in 400 very unequal groups",
        "two strata, 300 records",
        "strata of 3 groups",
        "agreement by strata alone",
        "activity, strata of activity",
    ],
)
def test_where_nothing_departs_the_first_sentence_says_so(name):
    world = catalogue.WORLDS[name]
    texts = [first_sentence(told(world.draw(r), robustness=False)) for r in range(REPLICATIONS)]
    other = [text for text in texts if not any(words in text for words in NOTHING)]
    sys.stdout.write(f"{name}: {REPLICATIONS - len(other)} of {REPLICATIONS} begin with that nothing departs\n")
    assert len(other) <= draws(2, 5), other


@pytest.mark.parametrize("name", ["activity, no strata", "activity, one taxonomy, no strata"])
def test_where_only_activity_makes_pairs_meet_the_first_sentence_says_so(name):
    world = catalogue.WORLDS[name]
    texts = [first_sentence(told(world.draw(r), robustness=False)) for r in range(REPLICATIONS)]
    n = sum("which alone makes any two meet" in text for text in texts)
    sys.stdout.write(f"{name}: {n} of {REPLICATIONS} begin with how many labels make any two meet\n")
    assert n >= 0.95 * REPLICATIONS


def test_three_planted_pairs_are_told_first_the_strongest_first():
    world = catalogue.WORLDS["three pairs"]
    planted = [said.about for said in world.planted]
    found = 0
    for replication in range(REPLICATIONS):
        (story,) = (f for f in told(world.draw(replication), robustness=False).part.findings if isinstance(f, Story))
        firsts = [(p.pairs[0].row, p.pairs[0].column) for p in story.points[:3] if p.pairs]
        found += firsts == planted
    sys.stdout.write(f"three pairs: {found} of {REPLICATIONS} begin with these, the strongest first\n")
    assert found >= 0.95 * REPLICATIONS
