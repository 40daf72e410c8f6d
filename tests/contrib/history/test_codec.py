"""Snapshots as bytes: the same again, nothing but values of their classes, and clear words for what is none."""

import json
import lzma
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from benchmarks.taking import pack, snapshot_of
from diptych.config.loading import load_config
from diptych.contrib.history import codec
from diptych.contrib.history.codec import unpack, unpack_head
from diptych.contrib.history.snapshot import KeptText
from diptych.errors import SnapshotError
from diptych.incidence import RecountedIncidence
from tests.contrib.history.projects import LINKED, LINKS, write

OTHER = "is no snapshot of this program ({}); take it away, or put back one that is whole"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Return the snapshot of a project with groups, strata, weights, dates and unlabelled items."""
    return snapshot_of(load_config(write(tmp_path_factory.mktemp("links"), LINKS, LINKED)))


def assert_equal(one, other, place="snapshot"):
    """Compare values of any depth, arrays by what they hold, and recounts by their patterns, as they are kept."""
    one, other = (value.patterns() if isinstance(value, RecountedIncidence) else value for value in (one, other))
    one, other = (dict(value) if isinstance(value, Mapping) else value for value in (one, other))
    assert type(one) is type(other), place
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype, place
        np.testing.assert_array_equal(one, other, place)
    elif is_dataclass(one):
        for field in (field for field in fields(one) if field.repr):  # others are worked out anew
            assert_equal(getattr(one, field.name), getattr(other, field.name), f"{place}.{field.name}")
    elif isinstance(one, tuple):
        assert len(one) == len(other), place
        for i, parts in enumerate(zip(one, other, strict=True)):
            assert_equal(*parts, f"{place}[{i}]")
    elif isinstance(one, dict):
        assert list(one) == list(other), place
        for key in one:
            assert_equal(one[key], other[key], f"{place}.{key}")
    else:
        assert one == other, place


def lines(content: bytes) -> list[dict]:
    return [json.loads(line) for line in lzma.decompress(content).splitlines()]


def packed(*values: object) -> bytes:
    return b"".join(lzma.compress(json.dumps(value).encode() + b"\n") for value in values)


def test_what_is_packed_comes_back_whole(snapshot):
    found = unpack(pack(snapshot), "a.json.xz")
    assert found.body.relations[0].tables.incidence.weight_scale == 1_000_000
    assert_equal(found, snapshot)


def test_the_same_snapshot_gives_the_same_bytes(snapshot):
    assert pack(snapshot) == pack(unpack(pack(snapshot), ""))


def test_it_is_two_lines_of_json_of_which_the_first_says_the_format(snapshot):
    head, body = lines(pack(snapshot))
    assert next(iter(head.items())) == ("format", "diptych-snapshot/1")
    assert head["date"] == "2026-01-03"
    assert body["relations"]["name"] == ["trained_on"]


def test_the_head_is_read_without_the_body(snapshot):
    content = pack(snapshot)
    assert_equal(unpack_head(content[:-20], "a"), snapshot.head)


def test_what_only_renders_is_passed_over_where_asked(snapshot):
    [relation] = unpack(pack(snapshot), "a", whole=False).body.relations
    [own] = snapshot.body.relations
    assert (relation.alternatives, relation.recounts) == ({}, {})
    assert own.alternatives
    assert own.recounts
    assert_equal(relation.for_history, own.for_history)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda _: b"", "it ends too early, or is larger than any snapshot"),
        (lambda content: b"PK\x03\x04" + content, "it is not compressed as snapshots are, or was changed"),
        (lambda content: content[:-9], "it ends too early, or is larger than any snapshot"),
        (
            lambda content: content[:200] + b"\0" + content[201:],
            "it is not compressed as snapshots are, or was changed",
        ),
        (lambda content: content + b"more", "there is text after its end"),
        (lambda _: packed([]), "it does not begin with a format of snapshots"),
        (lambda _: lzma.compress(b"{"), "it is not JSON"),
        (lambda _: lzma.compress(b"[" * 100_000), "it is not JSON"),
        (lambda _: packed({"format": "diptych-snapshot/1"}), None),
    ],
)
def test_what_is_no_snapshot_is_named(spoil, why, snapshot):
    with pytest.raises(SnapshotError) as caught:
        unpack(spoil(pack(snapshot)), "history/x.json.xz")
    text = str(caught.value)
    assert text.startswith("history/x.json.xz: is no snapshot of this program (")
    if why is not None:
        assert text == f"history/x.json.xz: {OTHER.format(why)}"


def test_a_newer_format_is_named(snapshot):
    head, body = lines(pack(snapshot))
    with pytest.raises(SnapshotError) as caught:
        unpack(packed({**head, "format": "diptych-snapshot/2"}, body), "x")
    assert str(caught.value) == (
        "x: has the format 'diptych-snapshot/2', this program reads 'diptych-snapshot/1'; use the version that wrote it, "
        "or a newer one"
    )


def test_what_unpacks_to_more_than_any_snapshot_is_refused(snapshot, monkeypatch):
    monkeypatch.setattr(codec, "LARGEST_BODY", 1000)
    with pytest.raises(SnapshotError, match="it ends too early, or is larger than any snapshot"):
        unpack(pack(snapshot), "x")


def incidence(body):
    return body["relations"]["incidence"][0]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda b: b["relations"].pop("name"), "body.relations: is not columns of equal length"),
        (lambda b: b["relations"].update(name=[1]), "body.relations.name: is not text"),
        (lambda b: b["relations"].update(name=[]), "body.relations: is not columns of equal length"),
        (lambda b: b.update(labels=[]), "body.labels: is no mapping"),
        (lambda b: incidence(b).update(units="many"), "incidence.units: is no list of numbers"),
        (lambda b: incidence(b)["units"].pop(), "weights are not sums of parts"),
        (lambda b: incidence(b)["row_sets"]["of"].pop(), "row sets are not those of its patterns and categories"),
        (lambda b: incidence(b)["units"].__setitem__(0, -1), "units are below nothing"),
        (lambda b: incidence(b)["units"].__setitem__(0, 2**70), "incidence.units: is no list of numbers"),
        (lambda b: incidence(b)["row_sets"]["of"].__setitem__(0, 99), "has rows that are none of its"),
        (lambda b: incidence(b)["row_sets"]["rows"].append([7]), "has columns that are none of its 2"),
        (lambda b: incidence(b)["row_sets"].update(n=10**6, of=[0] * 5000), "is larger than any that a build makes"),
        (lambda b: incidence(b)["stratum"].__setitem__(0, 5), "strata are not numbered as they are named"),
        (lambda b: incidence(b)["group"].__setitem__(0, -1), "groups are not numbered as they are named"),
        (lambda b: incidence(b).update(n_groups=None), "groups are numbered and not counted"),
        (lambda b: incidence(b).update(weight_scale=None), "weights"),
        (lambda b: incidence(b)["rows"]["categories"].__setitem__(0, "z"), "lacks categories of the incidence"),
        (lambda b: incidence(b).update(weight_parts=[[1]]), "weights"),
        (lambda b: incidence(b)["unit"].update(role="soul"), "is not one of to, from, link, record, key, none"),
        (lambda b: b["relations"]["types"][0]["rows"]["sets"].append([99]), "types or sets refer to missing entries"),
        (lambda b: b["relations"]["types"][0]["rows"]["n_items"].pop(), "labels are not counted one by one"),
        (lambda b: b["relations"]["types"][0].update(group=None), "groups are not those of the incidence"),
    ],
)
def test_counts_that_cannot_be_are_refused(spoil, why, snapshot):
    head, body = lines(pack(snapshot))
    spoil(body)
    with pytest.raises(SnapshotError) as caught:
        unpack(packed(head, body), "x")
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (KeptText("a\ud800.md", ""), "it names a file"),
        (KeptText("a\0.md", ""), "it names a file"),
        (KeptText("a/b.md", ""), "it names a file"),
        (KeptText("a" * 253 + ".md", ""), "it names a file"),
        (KeptText("a.md", "b\ud800"), "a.md has a value that is not text"),
    ],
)
def test_texts_that_cannot_be_files_are_refused(text, why, snapshot):
    for head in (replace(snapshot.head, texts=(text,)), replace(snapshot.head, config=text)):
        with pytest.raises(SnapshotError, match=why):
            unpack_head(pack(replace(snapshot, head=head)), "x")


def test_what_a_later_version_adds_is_passed_over(snapshot):
    head, body = lines(pack(snapshot))
    body["relations"]["mood"] = ["good"]
    incidence(body)["colour"] = "blue"
    found = unpack(packed({**head, "weather": 1}, {**body, "more": {}}), "x")
    assert_equal(found, snapshot)
