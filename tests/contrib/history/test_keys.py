"""Records with a key: edits of the same records are facts, and only records that came or went are drawn by chance."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.snapshots import compared_builds
from benchmarks.taking import pack, snapshot_of
from diptych.config.loading import load_config
from diptych.contrib.history.changes import Edit
from diptych.contrib.history.codec import unpack
from diptych.contrib.history.diff_text import text_of
from diptych.contrib.history.item_types import fingerprint
from diptych.errors import DataError, SnapshotError
from diptych.pipeline.counting import count_all
from tests.contrib.history.projects import CONFIG, write

KEYED = CONFIG.replace("outputs: [html, data]", "outputs: [data]").replace("source: r.csv,", "source: r.csv, key: id,")
BEFORE = [("a", "a")] * 30 + [("b", "b")] * 20 + [("a", "b")] * 10
"""Of 40 records with A in rows 30 have A in columns."""


def table(records: list[tuple[str, str]], first: int = 1) -> str:
    return "id,x,y\n" + "".join(f"r{first + n},{x},{y}\n" for n, (x, y) in enumerate(records))


def taken(folder: Path, records: str, config: str = KEYED):
    return snapshot_of(load_config(write(folder, config, {"r.csv": records})))


def left(found):
    return next(c for c in found.cells if (c.panel, c.given, c.outcome) == ("left", "A", "A"))


def test_edits_are_counted_and_are_no_noise(tmp_path):
    """Three of 40 are edited: 30/40 becomes 27/40, and nobody came or went. Order of rows does not matter."""
    after = [("a", "b")] * 3 + BEFORE[3:]
    lines = table(after).splitlines(keepends=True)
    old, new = taken(tmp_path, table(BEFORE)), taken(tmp_path, lines[0] + "".join(reversed(lines[1:])))
    found = compared_builds(old, new)
    [units] = found.relations
    assert (units.keyed, units.alike, units.came, units.went, units.exchanged) == (True, 60, 0, 0, 0)
    assert units.edits == (Edit(("a",), ("b",), 3),)
    change = left(found)
    assert (change.old, change.new) == (pytest.approx(30 / 40), pytest.approx(27 / 40))
    assert (change.noise, change.matters, change.difference.ends, change.q) == (None, True, None, None)
    told = text_of(found)
    assert "60 records before, 60 now; 60 in both, 0 only now, 0 only before." in told
    assert "3 of the 60 records in both were edited, all from a to b." in told
    assert "cannot be distinguished" not in told
    assert " exact " in told


def test_without_a_key_the_same_edits_cannot_be_distinguished_from_exchange(tmp_path):
    config = KEYED.replace("key: id, ", "")
    old = taken(tmp_path, table(BEFORE), config)
    found = compared_builds(old, taken(tmp_path, table([("a", "b")] * 3 + BEFORE[3:]), config))
    [units] = found.relations
    assert (units.keyed, units.edits) == (False, ())
    assert left(found).noise is True
    assert "edited records cannot be distinguished from exchanged ones" in text_of(found)


def test_other_records_with_the_same_labels_are_not_the_same_records(tmp_path):
    """Without keys, nothing would have changed."""
    old, new = taken(tmp_path, table(BEFORE)), taken(tmp_path, table(BEFORE, first=31))
    [units] = compared_builds(old, new).relations
    assert (units.alike, units.came, units.went) == (30, 30, 30)
    # r31 to r60 were b,b and a,b, and are now a,a
    assert sum(edit.n for edit in units.edits) == 30


def test_a_little_growth_is_noise_although_records_have_keys(tmp_path):
    old, new = taken(tmp_path, table(BEFORE)), taken(tmp_path, table([*BEFORE, ("a", "b"), ("a", "b")]))
    found = compared_builds(old, new)
    [units] = found.relations
    assert (units.alike, units.came, units.went, units.edits) == (60, 2, 0, ())
    assert "None of the 60 records in both was edited." in text_of(found)
    assert (left(found).noise, left(found).matters) == (True, False)


def test_a_snapshot_has_fingerprints_of_keys_and_no_key(tmp_path):
    snapshot = taken(tmp_path, table(BEFORE).replace("r7,", "Somebody,"))
    kept = unpack(pack(snapshot), "x")
    keyed = kept.body.relations[0].for_history.keyed
    assert len(keyed.key) == 60
    assert fingerprint("Somebody") in keyed.key.tolist()
    [relation] = snapshot.body.relations
    broken = replace(relation.for_history, keyed=replace(keyed, pattern=np.zeros(60, dtype=np.int64)))
    body = replace(snapshot.body, relations=(replace(relation, for_history=broken),))
    with pytest.raises(SnapshotError, match="keys are not those of its units"):
        unpack(pack(replace(snapshot, body=body)), "x")


PLACE = "relations.survey.records.key"


@pytest.mark.parametrize(
    ("config", "records", "message"),
    [
        (
            KEYED,
            table(BEFORE).replace("r2,", "r1,"),
            f'{PLACE}: 2 rows have the value "r1" of id; give each row a value of its own, or leave out key',
        ),
        (
            KEYED,
            table(BEFORE).replace("r2,", ","),
            f"{PLACE}: 1 row has no value of id; give each row a value of its own, or leave out key",
        ),
        (
            KEYED.replace(", public: true", ""),
            table(BEFORE),
            (
                f"{PLACE}: snapshots have a fingerprint of each value of id, which confirms a guess; write public: true in "
                "records if everybody may know the values, or leave out key"
            ),
        ),
        (
            KEYED.replace("key: id,", "key: id, count: n,"),
            table(BEFORE).replace("id,x,y", "id,x,y,n").replace("a\n", "a,2\n").replace("b\n", "b,1\n"),
            f"{PLACE}: rows that count several units have no key of their own; leave out key or count",
        ),
    ],
    ids=["twice", "empty", "private", "counted"],
)
def test_a_key_that_is_none(config, records, message, tmp_path):
    with pytest.raises(DataError) as error:
        count_all(load_config(write(tmp_path, config, {"r.csv": records})))
    assert error.value.messages == (message,)
