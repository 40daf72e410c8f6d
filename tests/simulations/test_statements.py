"""What a report states is read from its sentences, and arrays say what the whole program says of the same records."""

from dataclasses import replace

import numpy as np
import pytest

from diptych.config.loading import load_config
from diptych.document.model import Paragraph, Sentence, Span
from diptych.pipeline.counting import count_all
from tests.draws import draws
from tests.simulations import statements
from tests.simulations.catalogue import NOTHING, PLANTED, SELECTED, UNTOLD, WORLDS
from tests.simulations.records import Records
from tests.simulations.statements import Said, is_cautious, sentences, told, told_by_files

pytestmark = pytest.mark.nightly

BOTH_WAYS = (
    "unrelated, 300 records",
    "only sizes, 5 categories",
    "two large categories",
    "near-copies in 200 groups",
    "strata of 3 groups",
    "idle strata, 3 levels, 1000 records",
    "idle strata of 5 groups",
    "a diagonal, 1000 records",
    "activity, no strata",
    "activity, one taxonomy, strata of activity",
    "a shared key, strata of activity",
    "a shared key, no strata",
    "three pairs",
    "two blocks",
    "opposite strata, 1.8 and 0.2",
    "copies within strata",
    "40 unequal groups, one contrast",
    "two rows as all records are",
    "collider",
    "weights of spread 1.5",
    "classes declared in schools",
)
"""A world of each way to draw; more stand in none of their own."""


def _of_counts(written):
    """Return the sentences of each section without those on labels and links, which arrays do not have."""
    found = sentences(written)
    return found | {"overview": [s for s in found["overview"] if s.id.startswith("population.")]}


@pytest.mark.parametrize("name", BOTH_WAYS[draws(1, 0) :: draws(3, 1)])
def test_arrays_and_files_say_the_same_sentences(name, tmp_path):
    records = WORLDS[name].draw(1)
    ours, theirs = told(records), told_by_files(records, tmp_path)
    assert _of_counts(ours) == _of_counts(theirs)
    assert [f for f in ours.part.findings if not f.null] == [f for f in theirs.part.findings if not f.null]
    assert sum(map(len, _of_counts(ours).values())) > 5
    assert statements.statements(ours) == statements.statements(told(records))


HAND = Records(
    rows=np.array([[1, 0], [1, 1], [0, 0], [1, 0]], dtype=bool),
    columns=np.array([[0, 1], [0, 1], [1, 0], [0, 1]], dtype=bool),
    same=True,
    group=np.array([3, 3, 0, 3]),
    stratum=np.array([0, 1, 1, 0]),
)


def test_records_are_patterns_with_their_units():
    incidence = HAND.incidence()
    assert incidence.units.tolist() == [2, 1, 1]  # s000 g0003 twice; s001 g0000, s001 g0003
    assert incidence.row_sets.tolist() == [[True, False], [False, False], [True, True]]
    assert incidence.column_sets.tolist() == [[False, True], [True, False], [False, True]]
    assert (incidence.strata, incidence.stratum.tolist()) == (("s000", "s001"), [0, 1, 1])
    assert (incidence.groups, incidence.group.tolist()) == (("g0000", "g0003"), [1, 0, 1])


def test_records_are_files_with_a_label_for_none():
    assert HAND.files()["records.csv"].splitlines() == [
        "team,place,school,weight,rows,columns",
        "g0003,s000,,1,K01,K02",
        "g0003,s001,,1,K01;K02,K02",
        "g0000,s001,,1,other,K01",
        "g0003,s000,,1,K01,K02",
    ]


def test_patterns_and_carriers_are_those_that_the_program_counts(tmp_path):
    rng = np.random.default_rng(1)
    sides = [rng.random((200, 3)) < 0.4 for _ in range(2)]
    records = Records(*sides, same=False, group=rng.integers(0, 25, 200), stratum=rng.integers(0, 3, 200))
    ours = records.numbers()
    told_by_files(records, tmp_path)
    theirs = count_all(load_config(tmp_path / "config.yaml")).relations["simulated"]
    for name in ("row_sets", "column_sets", "units", "stratum", "group"):
        assert (getattr(ours.tables.incidence, name) == getattr(theirs.tables.incidence, name)).all()
    for name in ("rows", "columns", "unit", "strata", "groups", "stratum_names", "group_names", "n_groups"):
        assert getattr(ours.tables.incidence, name) == getattr(theirs.tables.incidence, name)
    assert list(ours.contributors.cells) == [c for c in theirs.contributors.cells if c.by in ("stratum", "group")]
    assert ours.coverage == theirs.coverage


@pytest.fixture(scope="module")
def planted():
    return told(WORLDS["one pair"].draw(1))


def test_a_planted_pair_is_stated(planted):
    assert Said("pair", ("R02", "C03"), "above") in statements.statements(planted)


def only(monkeypatch, *paragraphs):
    """Let every report consist of these paragraphs."""
    monkeypatch.setattr(statements, "BUILDERS", {"abstract": lambda *_: paragraphs})


def test_what_no_sentence_tells_is_not_stated(planted, monkeypatch):
    only(monkeypatch)
    assert any(f.kind == "surprises" and not f.null for f in planted.part.findings)
    assert statements.statements(planted) == ()


def test_a_sentence_of_an_unknown_kind_is_an_error(planted, monkeypatch):
    new = Paragraph((Sentence("novel.thing", (Span("K01 causes K02."),)),))
    only(monkeypatch, new)
    with pytest.raises(AssertionError, match=r"what does a sentence 'novel\.thing' state\? K01 causes K02\."):
        statements.statements(planted)


def test_a_word_on_activity_is_known_by_its_id(planted, monkeypatch):
    assert not is_cautious(planted)
    word = Paragraph((Sentence("reading.activity", (Span("Many labels meet many."),)),))
    only(monkeypatch, word)
    assert is_cautious(planted)


def test_a_replication_is_drawn_again_and_each_is_another():
    world = WORLDS["unrelated, 300 records"]
    first, again, other = (world.draw(n).files() for n in (0, 0, 1))
    assert first == again
    assert first != other


def test_every_world_has_its_own_seed_and_name():
    worlds = (*NOTHING, *SELECTED, *UNTOLD, *PLANTED)
    assert len({world.seed for world in worlds}) == len(WORLDS) == len(worlds)


def test_declaring_nothing_leaves_records_as_they_are():
    bare = replace(HAND, group=None, stratum=None)
    assert bare.incidence().group is None
    assert bare.incidence().strata == ("",)
    assert "strata" not in bare.config()
